#include "groups/membership/member_records.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::groups {
namespace {

using segment::PackedReader;
using std::chrono::milliseconds;

constexpr std::uint64_t kVersion = 1;
constexpr std::int64_t kTimeoutMax = std::numeric_limits<std::int32_t>::max();

void append_bytes(base::ByteVector& out, base::BytesView bytes) {
  base::append_varint(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void append_text(base::ByteVector& out, std::string_view text) {
  append_bytes(out, base::as_bytes(text));
}
base::BytesView read_bytes(PackedReader& reader, std::string_view field) {
  const std::uint64_t size = reader.varint(field);
  return reader.take(size, field);
}
std::string read_text(PackedReader& reader, std::string_view field) {
  return base::to_string(read_bytes(reader, field));
}

void append_timeout(base::ByteVector& out, runtime::Duration timeout) {
  const auto ms = std::chrono::floor<milliseconds>(timeout).count();
  base::append_varint(out, static_cast<std::uint64_t>(ms));
}
runtime::Duration read_timeout(PackedReader& reader, std::string_view field) {
  return milliseconds(reader.unsigned_as<std::int32_t>(field));
}
bool is_timeout(runtime::Duration timeout) {
  return timeout >= runtime::Duration::zero() && timeout <= milliseconds(kTimeoutMax);
}

void append_member(base::ByteVector& out, const MemberRecord& member) {
  append_text(out, member.member_id);
  base::append_varint(out, member.instance_id ? 1 : 0);
  if (member.instance_id) append_text(out, *member.instance_id);
  append_text(out, member.client_id);
  append_text(out, member.client_host);
  append_timeout(out, member.session_timeout);
  append_timeout(out, member.rebalance_timeout);
  base::append_varint(out, member.protocols.size());
  for (const Protocol& protocol : member.protocols) {
    append_text(out, protocol.name);
    append_bytes(out, protocol.metadata);
  }
  append_bytes(out, member.assignment);
}

void read_member(PackedReader& reader, MemberRecord& member) {
  member.member_id = read_text(reader, "member id");
  if (reader.varint("has an instance id", 1) == 1)
    member.instance_id = read_text(reader, "instance id");
  member.client_id = read_text(reader, "client id");
  member.client_host = read_text(reader, "client host");
  member.session_timeout = read_timeout(reader, "session timeout");
  member.rebalance_timeout = read_timeout(reader, "rebalance timeout");
  const std::uint64_t protocols = reader.varint("protocol count");
  for (std::uint64_t i = 0; i < protocols && reader.ok(); ++i) {
    std::string name = read_text(reader, "protocol name");
    auto metadata = base::Bytes::copy_of(read_bytes(reader, "protocol metadata"));
    member.protocols.push_back({.name = std::move(name), .metadata = std::move(metadata)});
  }
  member.assignment = base::Bytes::copy_of(read_bytes(reader, "assignment"));
}

std::string_view member_fault(const MemberRecord& member) {
  if (member.member_id.empty()) return "a member has no id";
  if (!is_timeout(member.session_timeout) || !is_timeout(member.rebalance_timeout))
    return "a timeout is out of range";
  return {};
}

base::Bytes encode_members(const MembershipRecord& record) {
  base::ByteVector out(segment::kPackedChecksumSize);
  base::append_varint(out, kVersion);
  append_text(out, record.protocol_name);
  const auto leader = std::ranges::find(record.members, record.leader_id, &MemberRecord::member_id);
  const auto place = static_cast<std::uint64_t>(leader - record.members.begin());
  base::append_varint(out, leader == record.members.end() ? 0 : place + 1);
  base::append_varint(out, record.members.size());
  for (const MemberRecord& member : record.members) append_member(out, member);
  segment::seal_packed(out);
  return base::Bytes(std::move(out));
}

void read_members(PackedReader& reader, MembershipRecord& record) {
  reader.expect_version(kVersion);
  record.protocol_name = read_text(reader, "protocol name");
  const std::uint64_t leader = reader.varint("leader");
  const std::uint64_t members = reader.varint("member count");
  if (members == 0) reader.fail("member count", "is zero");
  for (std::uint64_t i = 0; i < members && reader.ok(); ++i)
    read_member(reader, record.members.emplace_back());
  if (leader > record.members.size()) reader.fail("leader", "is no member");
  reader.expect_end();
  if (!reader.ok()) return;
  if (leader > 0) record.leader_id = record.members[leader - 1].member_id;
  if (const auto fault = membership_fault(record); !fault.empty()) reader.fail("members", fault);
}

}  // namespace

std::string_view membership_fault(const MembershipRecord& record) {
  if (record.generation < 0) return "the generation is negative";
  std::set<std::string_view> ids;
  std::set<std::string_view> instances;
  for (const MemberRecord& member : record.members) {
    if (const auto fault = member_fault(member); !fault.empty()) return fault;
    if (!ids.insert(member.member_id).second) return "two members have one id";
    if (member.instance_id && !instances.insert(*member.instance_id).second)
      return "two members have one instance id";
  }
  return {};
}

void write_membership(const MembershipRecord& record, metadata::Group& group) {
  SH_CHECK(membership_fault(record).empty(), "a membership is written only if it is valid");
  group.generation = record.generation;
  group.protocol_type = record.protocol_type;
  group.state = record.members.empty() ? "Empty" : "Stable";
  group.members = record.members.empty() ? base::Bytes() : encode_members(record);
}

base::Result<MembershipRecord> read_membership(const metadata::Group& group) {
  MembershipRecord record{.generation = group.generation, .protocol_type = group.protocol_type};
  if (group.members.empty()) return record;
  const std::string what = "members of group '" + group.group_id + "'";
  PackedReader reader(what, group.members);
  read_members(reader, record);
  if (!reader.ok()) return reader.error();
  return record;
}

}  // namespace streamhouse::groups
