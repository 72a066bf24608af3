#include <lz4frame.h>

#include "model/codec/backend.h"

namespace streamhouse::model::codec_backend {
namespace {

struct FreeContext {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

/// Java clients refuse frames whose blocks depend on each other.
LZ4F_preferences_t preferences() {
  LZ4F_preferences_t chosen{};
  chosen.frameInfo.blockMode = LZ4F_blockIndependent;
  chosen.frameInfo.blockSizeID = LZ4F_max64KB;
  return chosen;
}

}  // namespace

base::Status lz4_compress(base::BytesView in, base::ByteVector& out) {
  const LZ4F_preferences_t chosen = preferences();
  const std::size_t size_max = LZ4F_compressFrameBound(in.size(), &chosen);
  return append_written(out, size_max, [&](std::uint8_t* to) -> base::Result<std::size_t> {
    const std::size_t size = LZ4F_compressFrame(to, size_max, in.data(), in.size(), &chosen);
    if (LZ4F_isError(size) != 0)
      return {base::Errc::kInternal, std::string("LZ4: ") + LZ4F_getErrorName(size)};
    return size;
  });
}

base::Result<base::Bytes> lz4_decompress(base::BytesView in, std::size_t size_max) {
  LZ4F_dctx* created = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&created, LZ4F_VERSION)) != 0)
    return {base::Errc::kInternal, "LZ4 cannot start"};
  const std::unique_ptr<LZ4F_dctx, FreeContext> context(created);
  OutputBuffer out(guess_size(in), size_max);
  for (bool done = false; !done;) {
    const auto room = out.room();
    std::size_t written = room.size();
    std::size_t read = in.size();
    const std::size_t hint =
        LZ4F_decompress(context.get(), room.data(), &written, in.data(), &read, nullptr);
    if (LZ4F_isError(hint) != 0)
      return malformed(std::string("LZ4 frame: ") + LZ4F_getErrorName(hint));
    SH_TRY_OK(out.commit(written));
    in = in.subspan(read);
    done = hint == 0;
    if (!done && read == 0 && written == 0) return malformed("LZ4 frame is cut");
  }
  if (!in.empty()) return malformed(std::to_string(in.size()) + " bytes after the LZ4 frame");
  return out.take();
}

}  // namespace streamhouse::model::codec_backend
