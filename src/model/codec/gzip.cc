#include <zlib.h>

#include <algorithm>

#include "model/codec/backend.h"

namespace streamhouse::model::codec_backend {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipOnly = 16;  // added to the window bits: RFC 1952 framing, neither zlib nor raw
constexpr int kMemoryLevel = 8;
constexpr std::size_t kRoomMax = std::size_t{1} << 30;  // zlib counts in 32 bits

struct Deflater {
  z_stream stream{};
  bool ready = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits + kGzipOnly,
                            kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
  ~Deflater() { deflateEnd(&stream); }
};

struct Inflater {
  z_stream stream{};
  bool ready = inflateInit2(&stream, kWindowBits + kGzipOnly) == Z_OK;
  ~Inflater() { inflateEnd(&stream); }
};

void set_input(z_stream& stream, base::BytesView in) {
  stream.next_in = const_cast<Bytef*>(in.data());  // its interface lacks the const
  stream.avail_in = static_cast<uInt>(in.size());
}

base::Error failed(const char* text) { return base::make_error(base::Errc::kInternal, text); }

}  // namespace

base::Status gzip_compress(base::BytesView in, base::ByteVector& out) {
  Deflater deflater;
  if (!deflater.ready) return failed("gzip cannot start");
  z_stream& stream = deflater.stream;
  const std::size_t size_max = deflateBound(&stream, in.size());
  set_input(stream, in);
  return append_written(out, size_max, [&](std::uint8_t* to) -> base::Result<std::size_t> {
    stream.next_out = to;
    stream.avail_out = static_cast<uInt>(size_max);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return failed("gzip exceeds its bound");
    return stream.total_out;
  });
}

base::Result<base::Bytes> gzip_decompress(base::BytesView in, std::size_t size_max) {
  Inflater inflater;
  if (!inflater.ready) return failed("gzip cannot start");
  set_input(inflater.stream, in);
  OutputBuffer out(guess_size(in), size_max);
  for (;;) {
    const auto room = out.room();
    const auto room_size = static_cast<uInt>(std::min(room.size(), kRoomMax));
    inflater.stream.next_out = room.data();
    inflater.stream.avail_out = room_size;
    const int code = inflate(&inflater.stream, Z_NO_FLUSH);
    SH_TRY_OK(out.commit(room_size - inflater.stream.avail_out));
    if (code == Z_STREAM_END) {
      if (inflater.stream.avail_in == 0) return out.take();
      inflateReset(&inflater.stream);  // another member follows
    } else if (code == Z_BUF_ERROR) {
      return malformed("gzip data is cut");  // there was room, so it was input that lacked
    } else if (code != Z_OK) {
      return malformed(std::string("gzip data: ") +
                       (inflater.stream.msg != nullptr ? inflater.stream.msg : zError(code)));
    }
  }
}

}  // namespace streamhouse::model::codec_backend
