#include "kafka/error_code.h"
#include "kafka/groups/member_claim.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Asked = wire::SyncGroupRequest;
using Response = wire::SyncGroupResponse;

constexpr wire::Version kNamesItsProtocol = 5;

groups::SyncRequest sync_request(const Asked& asked) {
  groups::SyncRequest request{
      .member = member_claim(asked.member_id, asked.group_instance_id, asked.generation_id),
      .protocol_type = copy_of(asked.protocol_type),
      .protocol_name = copy_of(asked.protocol_name)};
  for (const Asked::Assignment& each : asked.assignments)
    request.assignments.push_back({.member_id = std::string(each.member_id),
                                   .content = base::Bytes::copy_of(each.assignment)});
  return request;
}

Response refusal(ErrorCode code) { return {.error_code = code}; }

}  // namespace

/// It has its place in the group before the next request begins, as a join has.
Answer<Response> handle(Call& call, Asked request) {
  if (call.client.gone) co_return refusal(ErrorCode::kNotCoordinator);
  const bool names_protocol = request.protocol_type && request.protocol_name;
  if (call.version() >= kNamesItsProtocol && !names_protocol)
    co_return refusal(ErrorCode::kInconsistentGroupProtocol);
  call.turn.pass();
  groups::SyncRequest sync = sync_request(request);
  std::string group_id(request.group_id);
  request = {};
  call.let_go_of_frame();
  auto synced =
      co_await call.services.membership.sync(call.client.id, std::move(group_id), std::move(sync));
  if (!synced) co_return refusal(error_code(synced.error(), ErrorAbout::kGroup));
  const groups::SyncAnswer& answer = call.keep(*std::move(synced));
  if (answer.error != groups::MembershipError::kNone) co_return refusal(error_code(answer.error));
  co_return Response{.protocol_type = answer.protocol_type,
                     .protocol_name = answer.protocol_name,
                     .assignment = answer.assignment};
}

}  // namespace streamhouse::kafka
