// Goal: any bytes taken as the members of a group are refused, or are a membership that keeps the
// rules of one and survives being written and read again.
// Method: libFuzzer; with and without a right checksum.
#include "base/check.h"
#include "groups/membership/member_records.h"
#include "packed_input.h"

namespace streamhouse::groups {
namespace {

void check_members(base::BytesView bytes) {
  const metadata::Group group{.group_id = "g", .members = base::Bytes::copy_of(bytes)};
  const auto record = read_membership(group);
  if (!record) return;
  SH_CHECK(membership_fault(*record).empty(), "only valid memberships are read");
  metadata::Group written{.group_id = "g"};
  write_membership(*record, written);
  const auto again = read_membership(written);
  SH_CHECK(again && *again == *record, "reads back the same");
}

}  // namespace
}  // namespace streamhouse::groups

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::with_and_without_checksum({data, size}, streamhouse::groups::check_members);
  return 0;
}
