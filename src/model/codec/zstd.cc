#include <zstd.h>
#include <zstd_errors.h>

#include "base/endian.h"
#include "model/codec/backend.h"

namespace streamhouse::model::codec_backend {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// The compressed size of the frame at the front; skippable frames and the formats from before
/// zstd 1.0 are refused.
base::Result<std::size_t> frame_size(base::BytesView in) {
  if (in.size() < sizeof(std::uint32_t) ||
      base::load_little<std::uint32_t>(in.data()) != ZSTD_MAGICNUMBER)
    return malformed("zstd frame has no magic number");
  const std::size_t size = ZSTD_findFrameCompressedSize(in.data(), in.size());
  if (ZSTD_isError(size) != 0)
    return malformed(std::string("zstd frame: ") + ZSTD_getErrorName(size));
  return size;
}

/// Decodes straight into `out`, which is then the decoder's window too: nothing is allocated for
/// the window that the frame declares. An output that proves too small is doubled, and the frame
/// decoded again.
base::Status decompress_frame(ZSTD_DCtx* context, base::BytesView frame, OutputBuffer& out) {
  for (;;) {
    const auto room = out.room();
    const std::size_t size =
        ZSTD_decompressDCtx(context, room.data(), room.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) == 0) return out.commit(size);
    if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall)
      return malformed(std::string("zstd frame: ") + ZSTD_getErrorName(size));
    SH_TRY_OK(out.grow());
  }
}

}  // namespace

base::Status zstd_compress(base::BytesView in, base::ByteVector& out) {
  const std::size_t size_max = ZSTD_compressBound(in.size());
  return append_written(out, size_max, [&](std::uint8_t* to) -> base::Result<std::size_t> {
    const std::size_t size = ZSTD_compress(to, size_max, in.data(), in.size(), ZSTD_CLEVEL_DEFAULT);
    if (ZSTD_isError(size) != 0)
      return {base::Errc::kInternal, std::string("zstd: ") + ZSTD_getErrorName(size)};
    return size;
  });
}

base::Result<base::Bytes> zstd_decompress(base::BytesView in, std::size_t size_max) {
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (context == nullptr) return {base::Errc::kInternal, "zstd cannot start"};
  OutputBuffer out(guess_size(in), size_max);
  do {
    SH_TRY(const std::size_t size, frame_size(in));
    SH_TRY_OK(decompress_frame(context.get(), in.first(size), out));
    in = in.subspan(size);
  } while (!in.empty());
  return out.take();
}

}  // namespace streamhouse::model::codec_backend
