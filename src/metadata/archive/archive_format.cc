#include "metadata/archive/archive_format.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/endian.h"
#include "base/varint.h"
#include "metadata/archive/archive_fields.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

namespace {

constexpr std::string_view kMagic = "SHARCHIV";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kEndKind = 0;  ///< Rows: 1 + their place in ArchiveRow.
constexpr std::size_t kBodyAt = kFrameSizeBytes;

constexpr std::array<std::string_view, kArchiveRowKinds> kKindNames = {
    "cluster", "topics",   "partitions", "sessions", "log_rows",     "checkpoints",
    "objects", "segments", "groups",     "offsets",  "group_floors", "settings"};

template <class T>
concept Strong = requires(T value) {
  typename T::rep;
  value.value();
};

class FieldWriter {
 public:
  explicit FieldWriter(base::ByteVector& out) : out_(out) {}

  template <class T>
  void operator()(std::string_view, const T& value) {
    write(value);
  }

 private:
  template <class T>
  void write(const T& value) {
    if constexpr (Strong<T>) {
      write(value.value());
    } else if constexpr (std::is_enum_v<T>) {
      base::append_varint(out_, static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_unsigned_v<T>) {
      base::append_varint(out_, value);
    } else {
      static_assert(std::is_signed_v<T>);
      base::append_zigzag(out_, value);
    }
  }
  void write(const TopicPartition& key) {
    write(key.topic);
    write(key.partition);
  }
  void write(const model::TopicId& id) {
    out_.insert(out_.end(), id.bytes.begin(), id.bytes.end());
  }
  void write(const std::optional<std::int64_t>& value) {
    base::append_varint(out_, value ? 1 : 0);
    if (value) write(*value);
  }
  void write(base::BytesView bytes) {
    base::append_varint(out_, bytes.size());
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void write(const base::Bytes& bytes) { write(bytes.view()); }
  void write(const std::string& text) { write(base::as_bytes(text)); }
  void write(const std::map<std::string, std::string>& texts) {
    base::append_varint(out_, texts.size());
    for (const auto& [key, value] : texts) {
      write(key);
      write(value);
    }
  }

  base::ByteVector& out_;
};

class FieldReader {
 public:
  explicit FieldReader(segment::PackedReader& in) : in_(in) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    read(name, value);
  }

 private:
  template <class T>
  void read(std::string_view name, T& value) {
    if constexpr (Strong<T>) {
      typename T::rep number{};
      read(name, number);
      value = T(number);
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(in_.varint(name, static_cast<std::uint64_t>(last_of(T{}))));
    } else if constexpr (std::is_unsigned_v<T>) {
      value = static_cast<T>(in_.varint(name, std::numeric_limits<T>::max()));
    } else {
      static_assert(std::is_signed_v<T>);
      const std::int64_t number = in_.zigzag(name);
      value = static_cast<T>(number);
      if (value != number) in_.fail(name, "is out of range");
    }
  }
  void read(std::string_view name, TopicPartition& key) {
    read(name, key.topic);
    read(name, key.partition);
  }
  void read(std::string_view name, model::TopicId& id) {
    std::ranges::copy(in_.take(id.bytes.size(), name), id.bytes.begin());
  }
  void read(std::string_view name, std::optional<std::int64_t>& value) {
    if (in_.varint(name, 1) == 0) return;
    read(name, value.emplace());
  }
  void read(std::string_view name, base::Bytes& bytes) { bytes = base::Bytes::copy_of(take(name)); }
  void read(std::string_view name, std::string& text) { text = base::to_string(take(name)); }
  void read(std::string_view name, std::map<std::string, std::string>& texts) {
    const std::uint64_t count = in_.varint(name);
    for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
      std::string key;
      read(name, key);
      if (!texts.empty() && key <= texts.rbegin()->first) in_.fail(name, "is not sorted");
      read(name, texts[key]);
    }
  }
  base::BytesView take(std::string_view name) { return in_.take(in_.varint(name), name); }

  segment::PackedReader& in_;
};

/// The body's checksum, and the frame's size in front of it.
base::ByteVector finish_frame(base::ByteVector body) {
  segment::seal_packed(body);
  base::ByteVector frame(kBodyAt + body.size());
  base::store_little(frame.data(), static_cast<std::uint32_t>(body.size()));
  std::ranges::copy(body, frame.begin() + kBodyAt);
  return frame;
}

/// The row whose place in ArchiveRow is `kind`.
template <std::size_t kKind = 0>
ArchiveRow read_row(std::uint64_t kind, FieldReader& fields) {
  if constexpr (kKind + 1 < kArchiveRowKinds) {
    if (kind != kKind) return read_row<kKind + 1>(kind, fields);
  }
  std::variant_alternative_t<kKind, ArchiveRow> row;
  each_field(fields, row, row);
  return row;
}

ArchiveSummary read_summary(segment::PackedReader& in) {
  ArchiveSummary summary;
  if (in.varint("number of kinds", kArchiveRowKinds) != kArchiveRowKinds)
    in.fail("number of kinds", "is not that of this version");
  for (std::uint64_t& count : summary.counts) count = in.varint("count");
  summary.crc = static_cast<std::uint32_t>(
      in.varint("archive checksum", std::numeric_limits<std::uint32_t>::max()));
  return summary;
}

// What rows of a kind are sorted by.
int key_of(const ClusterRow&) { return 0; }
auto key_of(const Topic& row) { return row.no; }
auto key_of(const Partition& row) { return row.key; }
auto key_of(const Session& row) { return row.id; }
auto key_of(const SessionLogRow& row) { return std::pair(row.session, row.row.seq); }
auto key_of(const SessionCheckpoint& row) { return row.session; }
auto key_of(const StoredObject& row) { return std::string_view(row.row.key); }
auto key_of(const Segment& row) { return std::pair(row.key, row.location.offsets.next); }
auto key_of(const Group& row) { return std::string_view(row.group_id); }
auto key_of(const StoredOffset& row) {
  return std::pair(std::string_view(row.group_id), row.offset.key);
}
auto key_of(const StoredGroupFloor& row) { return row.shard; }
auto key_of(const Setting& row) { return std::string_view(row.key); }

}  // namespace

std::string_view archive_kind_name(std::size_t kind) { return kKindNames[kind]; }

std::array<std::uint8_t, kArchiveHeaderSize> archive_header() {
  std::array<std::uint8_t, kArchiveHeaderSize> header{};
  std::ranges::copy(kMagic, header.begin());
  base::store_little(header.data() + kMagic.size(), kVersion);
  return header;
}

Status check_archive_header(base::BytesView header) {
  if (header.size() < kArchiveHeaderSize || base::as_text(header.first(kMagic.size())) != kMagic)
    return make_error(Errc::kCorrupt, "this is no archive of metadata");
  const auto version = base::load_little<std::uint32_t>(header.data() + kMagic.size());
  if (version == kVersion) return {};
  return make_error(Errc::kUnsupported,
                    "archives of version " + std::to_string(version) + " are not known");
}

base::ByteVector encode_archive_row(const ArchiveRow& row) {
  base::ByteVector body(segment::kPackedChecksumSize);
  base::append_varint(body, row.index() + 1);
  FieldWriter fields(body);
  std::visit([&fields](const auto& stored) { each_field(fields, stored, stored); }, row);
  return finish_frame(std::move(body));
}

base::ByteVector encode_archive_end(const ArchiveSummary& summary) {
  base::ByteVector body(segment::kPackedChecksumSize);
  base::append_varint(body, kEndKind);
  base::append_varint(body, kArchiveRowKinds);
  for (const std::uint64_t count : summary.counts) base::append_varint(body, count);
  base::append_varint(body, summary.crc);
  return finish_frame(std::move(body));
}

Result<ArchiveFrame> decode_archive_frame(const std::string& where, base::BytesView body) {
  segment::PackedReader in(where, body);
  const std::uint64_t kind = in.varint("kind", kArchiveRowKinds);
  std::optional<ArchiveFrame> frame;
  if (kind == kEndKind) {
    frame = read_summary(in);
  } else {
    FieldReader fields(in);
    frame = read_row(kind - 1, fields);
  }
  in.expect_end();
  if (!in.ok()) return in.error();
  return *std::move(frame);
}

bool follows(const ArchiveRow& earlier, const ArchiveRow& row) {
  if (row.index() != earlier.index()) return row.index() > earlier.index();
  return std::visit(
      [&earlier](const auto& later) {
        const auto& before = std::get<std::decay_t<decltype(later)>>(earlier);
        return key_of(before) < key_of(later);
      },
      row);
}

}  // namespace streamhouse::metadata
