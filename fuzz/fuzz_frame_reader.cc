// Goal: a stream of any bytes is cut into the same frames however it comes in pieces, up to the
// same fault, in bounded memory.
// Method: libFuzzer; once in one piece, once in pieces of sizes from the input, as far as there is
// room for them where a frame has begun.
#include <algorithm>

#include "base/check.h"
#include "net/frames/frame_reader.h"

namespace streamhouse::net {
namespace {

constexpr std::size_t kFrameBytesMax = 3u << 20;

struct Cut {
  std::vector<Frame> frames = {};
  bool good = true;
};

void take(FrameReader& reader, base::BytesView bytes, Cut& cut) {
  const base::MutableBytesView space = reader.space();
  const std::size_t direct = std::min(space.size(), bytes.size());
  std::copy_n(bytes.begin(), direct, space.begin());
  reader.filled(direct, cut.frames);
  cut.good = reader.take(bytes.subspan(direct), cut.frames).has_value();
  SH_CHECK(reader.held_bytes() <= kFrameBytesMax, "bounded");
}

Cut cut_in_pieces(base::BytesView sizes, base::BytesView stream) {
  FrameReader reader(kFrameBytesMax);
  Cut cut;
  for (std::size_t i = 0; !stream.empty() && cut.good; ++i) {
    const std::size_t wanted = sizes.empty() ? stream.size() : 1u + sizes[i % sizes.size()];
    const std::size_t size = std::min(wanted, stream.size());
    take(reader, stream.first(size), cut);
    stream = stream.subspan(size);
  }
  return cut;
}

void check_stream(base::BytesView input) {
  if (input.empty()) return;
  const std::size_t sizes = std::min<std::size_t>(input[0] % 8, input.size() - 1);
  const base::BytesView stream = input.subspan(1 + sizes);
  const Cut whole = cut_in_pieces({}, stream);
  const Cut pieces = cut_in_pieces(input.subspan(1, sizes), stream);
  SH_CHECK(whole.good == pieces.good && whole.frames.size() == pieces.frames.size(), "as many");
  for (std::size_t i = 0; i < whole.frames.size(); ++i)
    SH_CHECK(base::equal(whole.frames[i].bytes, pieces.frames[i].bytes), "the same");
}

}  // namespace
}  // namespace streamhouse::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::net::check_stream({data, size});
  return 0;
}
