#pragma once
/// \file  The durable members of a group: the bytes of metadata::Group::members. Format:
/// docs/formats/group_members.md.

#include "groups/membership/membership.h"
#include "metadata/groups.h"

namespace streamhouse::groups {

/// What forbids writing `record` down, or empty.
std::string_view membership_fault(const MembershipRecord& record);

/// Puts the record into the group's generation, protocol type, state and members. Requires: no
/// membership_fault. Times are cut to whole milliseconds.
void write_membership(const MembershipRecord& record, metadata::Group& group);
/// Errors: kCorrupt, naming the group and saying where; kUnsupported for a later format version.
/// Memory stays proportional to the input.
base::Result<MembershipRecord> read_membership(const metadata::Group& group);

}  // namespace streamhouse::groups
