// Goal: any text taken as the name of a stored object is none of ours, or is what we write for what
// was read from it.
// Method: libFuzzer.
#include "base/bytes.h"
#include "base/check.h"
#include "segment/object_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace segment = streamhouse::segment;
  const std::string_view key = streamhouse::base::as_text({data, size});
  const auto name = segment::parse_key(key);
  if (name) SH_CHECK(segment::to_key(*name) == key, "is written as it was read");
  return 0;
}
