#include <snappy.h>

#include <algorithm>
#include <array>

#include "base/endian.h"
#include "model/codec/backend.h"

namespace streamhouse::model::codec_backend {
namespace {

/// Begins the framing of Java clients; no raw block begins so, since after its length (10626) it
/// would begin with a copy of bytes that are not there.
constexpr std::array<std::uint8_t, 8> kChunkedMagic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t kChunkedHeaderSize = 16;  // the magic and two versions, which nobody uses

/// Size that a raw block says it has. A block that says more than its bytes can expand to (an
/// element of 3 bytes copies at most 64) is malformed, and is found so before anything is
/// allocated.
base::Result<std::size_t> raw_size(base::BytesView block, std::size_t size_max) {
  std::size_t size = 0;
  const std::string_view text = base::as_text(block);
  if (!snappy::GetUncompressedLength(text.data(), text.size(), &size) ||
      size > block.size() * 64 / 3)
    return malformed("snappy block has no credible length");
  if (size > size_max)
    return {base::Errc::kTooLarge,
            "records decompress to more than " + std::to_string(size_max) + " bytes"};
  return size;
}

base::Status expand(base::BytesView block, std::uint8_t* to) {
  const std::string_view text = base::as_text(block);
  if (!snappy::RawUncompress(text.data(), text.size(), reinterpret_cast<char*>(to)))
    return malformed("snappy block is damaged");
  return {};
}

/// Takes one chunk, a length and a raw block, off the front of `in`.
base::Result<base::BytesView> take_chunk(base::BytesView& in) {
  if (in.size() < sizeof(std::int32_t)) return malformed("snappy chunk has no length");
  const auto length = base::load_big<std::int32_t>(in.data());
  in = in.subspan(sizeof(std::int32_t));
  if (length < 0 || static_cast<std::size_t>(length) > in.size())
    return malformed("snappy chunk of " + std::to_string(length) + " bytes, there are " +
                     std::to_string(in.size()));
  const auto chunk = in.first(static_cast<std::size_t>(length));
  in = in.subspan(chunk.size());
  return chunk;
}

/// Two passes, so that one buffer of the right size is enough.
base::Result<base::Bytes> decompress_chunks(base::BytesView in, std::size_t size_max) {
  std::size_t size = 0;
  for (auto rest = in; !rest.empty();) {
    SH_TRY(const auto chunk, take_chunk(rest));
    SH_TRY(const auto chunk_size, raw_size(chunk, size_max - size));
    size += chunk_size;
  }
  base::ByteVector out(size);
  std::uint8_t* to = out.data();
  for (auto rest = in; !rest.empty();) {
    SH_TRY(const auto chunk, take_chunk(rest));
    SH_TRY(const auto chunk_size, raw_size(chunk, size_max));
    SH_TRY_OK(expand(chunk, to));
    to += chunk_size;
  }
  return base::Bytes(std::move(out));
}

}  // namespace

base::Status snappy_compress(base::BytesView in, base::ByteVector& out) {
  const std::string_view text = base::as_text(in);
  const std::size_t size_max = snappy::MaxCompressedLength(text.size());
  return append_written(out, size_max, [&](std::uint8_t* to) -> base::Result<std::size_t> {
    std::size_t size = 0;
    snappy::RawCompress(text.data(), text.size(), reinterpret_cast<char*>(to), &size);
    return size;
  });
}

base::Result<base::Bytes> snappy_decompress(base::BytesView in, std::size_t size_max) {
  if (in.size() >= kChunkedHeaderSize &&
      std::equal(kChunkedMagic.begin(), kChunkedMagic.end(), in.begin()))
    return decompress_chunks(in.subspan(kChunkedHeaderSize), size_max);
  SH_TRY(const auto size, raw_size(in, size_max));
  base::ByteVector out(size);
  SH_TRY_OK(expand(in, out.data()));
  return base::Bytes(std::move(out));
}

}  // namespace streamhouse::model::codec_backend
