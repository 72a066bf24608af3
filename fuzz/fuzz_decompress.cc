// Goal: no compressed bytes crash a decoder, give it more output than its cap, or make it allocate
// more than the cap and its fixed working memory; output that fits one cap is the same under any
// other, and is refused under a smaller one.
// Method: libFuzzer; the first byte chooses codec and cap. Every allocation is watched.
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "model/codec.h"

namespace streamhouse::model {
namespace {

constexpr std::size_t kCapLarge = std::size_t{32} << 20;
/// The largest single block of working memory: LZ4's, for blocks of 4 MiB that use each other.
constexpr std::size_t kWorkingMemoryMax = (std::size_t{4} << 20) + (std::size_t{256} << 10);

std::size_t largest_allocation = 0;

void note_allocation(const volatile void*, std::size_t size) {
  largest_allocation = std::max(largest_allocation, size);
}
void note_free(const volatile void*) {}

base::Result<base::Bytes> watched(Codec codec, base::BytesView in, std::size_t size_max) {
  largest_allocation = 0;
  auto out = decompress(codec, in, size_max);
  constexpr std::size_t kControlBlock = 64;  // beside a shared buffer
  SH_CHECK(largest_allocation <= std::max(size_max + kControlBlock, kWorkingMemoryMax),
           "no allocation beyond the cap");
  SH_CHECK(!out || out->size() <= size_max, "no output beyond the cap");
  return out;
}

void check(Codec codec, std::size_t size_max, base::BytesView in) {
  const auto out = watched(codec, in, size_max);
  if (!out) {
    if (out.error().code != base::Errc::kTooLarge)
      SH_CHECK(!watched(codec, in, kCapLarge), "malformed under any cap");
    return;
  }
  const auto exact = watched(codec, in, out->size());
  SH_CHECK(exact && *exact == *out, "the cap may be the size");
  if (!out->empty())
    SH_CHECK(watched(codec, in, out->size() - 1).error().code == base::Errc::kTooLarge,
             "but no less");
  base::ByteVector again;
  SH_CHECK(compress(codec, *out, again), "what was decompressed can be compressed");
  const auto same = decompress(codec, again, out->size());
  SH_CHECK(same && *same == *out, "and comes back");
}

}  // namespace
}  // namespace streamhouse::model

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  __sanitizer_install_malloc_and_free_hooks(streamhouse::model::note_allocation,
                                            streamhouse::model::note_free);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamhouse;
  if (size == 0) return 0;
  constexpr std::size_t kCaps[] = {std::size_t{1} << 20, 5000, 100, 0};
  const auto codec = static_cast<model::Codec>(data[0] % 8);
  model::check(codec, kCaps[data[0] / 8 % 4], base::BytesView(data, size).subspan(1));
  return 0;
}
