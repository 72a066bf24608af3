"""Reads the ends of objects as docs/formats/object.md and span_table.md say; written from these
pages, not from the C++ reader, so that each checks the other."""
import struct
from dataclasses import dataclass

FRAME = 64


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = _crc_table()


def crc32c(content, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def check(is_so, what):
    if not is_so:
        raise ValueError(what)


class Varints:
    def __init__(self, content, at=0):
        self.content, self.at = content, at

    def next(self):
        value = shift = 0
        while True:
            check(self.at < len(self.content) and shift < 70, "a varint is cut short or too long")
            byte = self.content[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


@dataclass(frozen=True)
class Span:
    topic_no: int
    partition: int
    base_offset: int
    next_offset: int
    length: int
    position: int


@dataclass(frozen=True)
class Trailer:
    """The last 64 bytes."""
    level: int
    session: int
    seq: int
    footer_position: int
    index_length: int
    inputs_length: int
    table_length: int
    footer_crc: int
    object_crc: int

    @staticmethod
    def of(content):
        check(len(content) == FRAME and content[:8] == b"SHOBJEND", "no trailer at its end")
        crc, version, level = struct.unpack_from("<IHB", content, 8)
        check(crc == crc32c(content[12:]), "the trailer fails its checksum")
        check(version == 1, f"version {version} is not known here")
        return Trailer(level, *struct.unpack_from("<QQQIIIII", content, 16))

    @property
    def table_position(self):
        return self.footer_position + self.index_length + self.inputs_length


def spans_of(table):
    """Of a span table."""
    check(len(table) > 4, "the span table is cut short")
    check(struct.unpack_from("<I", table)[0] == crc32c(table[4:]),
          "the span table fails its checksum")
    varints = Varints(table, 4)
    version, count, position, _ = (varints.next() for _ in range(4))
    check(version == 1, f"span table version {version} is not known here")
    spans, topic_no, partition = [], 0, 0
    for _ in range(count):
        step = varints.next()
        if step & 1:
            topic_no, partition = topic_no + step // 2, varints.next()
        else:
            partition += step // 2
        base_offset, offsets, length = (varints.next() for _ in range(3))
        spans.append(Span(topic_no, partition, base_offset, base_offset + offsets, length,
                          position))
        position += length
    return spans


def read_object(read, size):
    """(trailer, spans) of an object of `size` bytes; `read(first, last)` answers its bytes.
    Errors: ValueError, if it is none."""
    check(size >= 2 * FRAME, "too small to be an object")
    trailer = Trailer.of(read(size - FRAME, size - 1))
    check(trailer.table_position + trailer.table_length + FRAME == size,
          "the parts do not add up to its size")
    first = trailer.table_position
    return trailer, spans_of(read(first, first + trailer.table_length - 1))


def check_whole(content, trailer):
    """Errors: ValueError."""
    check(crc32c(content[:-FRAME]) == trailer.object_crc, "the whole object fails its checksum")
