#include "model/codec.h"

#include <limits>

#include "model/codec/backend.h"

namespace streamhouse::model {

using base::Errc;
using base::Status;

namespace {

/// Batch lengths are signed 32-bit numbers, and so are the sizes of some of the libraries.
constexpr std::size_t kInputBytesMax = std::numeric_limits<std::int32_t>::max();

Status check_input(base::BytesView in) {
  if (in.size() <= kInputBytesMax) return {};
  return {Errc::kTooLarge, "records of " + std::to_string(in.size()) + " bytes"};
}

base::Error unknown(Codec codec) {
  return base::make_error(Errc::kUnsupported,
                          "unknown codec " + std::to_string(static_cast<int>(codec)));
}

}  // namespace

std::string_view codec_name(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return "none";
    case Codec::kGzip:
      return "gzip";
    case Codec::kSnappy:
      return "snappy";
    case Codec::kLz4:
      return "lz4";
    case Codec::kZstd:
      return "zstd";
  }
  return "unknown";
}

Status compress(Codec codec, base::BytesView in, base::ByteVector& out) {
  SH_TRY_OK(check_input(in));
  switch (codec) {
    case Codec::kNone:
      out.insert(out.end(), in.begin(), in.end());
      return {};
    case Codec::kGzip:
      return codec_backend::gzip_compress(in, out);
    case Codec::kSnappy:
      return codec_backend::snappy_compress(in, out);
    case Codec::kLz4:
      return codec_backend::lz4_compress(in, out);
    case Codec::kZstd:
      return codec_backend::zstd_compress(in, out);
  }
  return unknown(codec);
}

base::Result<base::Bytes> decompress(Codec codec, base::BytesView in, std::size_t size_max) {
  SH_TRY_OK(check_input(in));
  switch (codec) {
    case Codec::kNone:
      if (in.size() > size_max)
        return {Errc::kTooLarge, "records take " + std::to_string(in.size()) + " bytes"};
      return base::Bytes::copy_of(in);
    case Codec::kGzip:
      return codec_backend::gzip_decompress(in, size_max);
    case Codec::kSnappy:
      return codec_backend::snappy_decompress(in, size_max);
    case Codec::kLz4:
      return codec_backend::lz4_decompress(in, size_max);
    case Codec::kZstd:
      return codec_backend::zstd_decompress(in, size_max);
  }
  return unknown(codec);
}

}  // namespace streamhouse::model
