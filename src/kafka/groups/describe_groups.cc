#include <algorithm>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/topics/authorized_operations.h"

namespace streamhouse::kafka {
namespace {

using base::Errc;
using groups::DescribedGroup;
using groups::MemberRecord;
using groups::Protocol;
using wire::ErrorCode;
using Response = wire::DescribeGroupsResponse;

constexpr wire::Version kTellsUnknownGroups = 6;
constexpr wire::String kStable = "Stable";
constexpr wire::String kDead = "Dead";

/// Clients that were written before there was an error for it see a group that is dead.
Response::Group refusal(Call& call, wire::String group_id, const base::Error& error) {
  Response::Group group{.error_code = error_code(error, ErrorAbout::kGroup),
                        .error_message = call.texts.keep(error.text),
                        .group_id = group_id};
  if (error.code != Errc::kGroupNotFound) return group;
  group.group_state = kDead;
  if (call.version() < kTellsUnknownGroups) group.error_code = ErrorCode::kNone;
  return group;
}

/// What a member said and was assigned counts once all have agreed.
Response::Member shown(const MemberRecord& member, const std::string* protocol_name) {
  Response::Member shown{.member_id = member.member_id,
                         .group_instance_id = member.instance_id,
                         .client_id = member.client_id,
                         .client_host = member.client_host};
  if (protocol_name == nullptr) return shown;
  shown.member_assignment = member.assignment;
  const auto protocol = std::ranges::find(member.protocols, *protocol_name, &Protocol::name);
  if (protocol != member.protocols.end()) shown.member_metadata = protocol->metadata;
  return shown;
}

Response::Group shown(const DescribedGroup& described, wire::String group_id) {
  const groups::MembershipRecord& membership = described.membership;
  const bool stable = described.group.state == kStable;
  Response::Group group{.group_id = group_id,
                        .group_state = described.group.state,
                        .protocol_type = described.group.protocol_type};
  if (stable) group.protocol_data = membership.protocol_name;
  for (const MemberRecord& member : membership.members)
    group.members.push_back(shown(member, stable ? &membership.protocol_name : nullptr));
  return group;
}

}  // namespace

Answer<Response> handle(Call& call, wire::DescribeGroupsRequest request) {
  Response response;
  for (const wire::String group_id : request.groups) {
    auto described = co_await call.services.membership.describe(std::string(group_id));
    response.groups.push_back(described ? shown(call.keep(*std::move(described)), group_id)
                                        : refusal(call, group_id, described.error()));
    response.groups.back().authorized_operations =
        operations(request.include_authorized_operations, kGroupOperations);
  }
  co_return response;
}

}  // namespace streamhouse::kafka
