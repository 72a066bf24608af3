#include <algorithm>

#include "base/utf8.h"
#include "kafka/error_code.h"
#include "kafka/groups/member_claim.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using groups::JoinAnswer;
using groups::JoinRequest;
using wire::ErrorCode;
using Asked = wire::JoinGroupRequest;
using Response = wire::JoinGroupResponse;

constexpr wire::Version kJoinsAgainWithItsId = 4;
constexpr wire::Version kNullNames = 7;
constexpr wire::Version kSkipsAssignment = 9;
constexpr std::size_t kClientIdBytesMax = 255;
/// As of a topic's name: Java checks it like one.
constexpr std::size_t kInstanceIdBytesMax = 249;

std::chrono::milliseconds rebalance_timeout(const Asked& asked) {
  const bool said = asked.rebalance_timeout_ms >= 0;
  return std::chrono::milliseconds(said ? asked.rebalance_timeout_ms : asked.session_timeout_ms);
}

/// A member's id begins with it, and others are told that.
std::string shown_client_id(const Call& call) {
  std::string text = base::to_utf8(call.header.client_id.value_or(""));
  if (text.size() <= kClientIdBytesMax) return text;
  std::size_t end = kClientIdBytesMax;
  while ((static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;  // inside of a character
  text.resize(end);
  return text;
}

/// Whether others can be told of this member: their clients may refuse what is no text.
bool can_be_told(const Asked& asked) {
  const std::string_view instance = asked.group_instance_id.value_or("");
  const auto is_text = [](const Asked::Protocol& protocol) { return base::is_utf8(protocol.name); };
  return instance.size() <= kInstanceIdBytesMax && base::is_utf8(instance) &&
         base::is_utf8(asked.protocol_type) && std::ranges::all_of(asked.protocols, is_text);
}

JoinRequest join_request(const Call& call, const Asked& asked) {
  using enum JoinRequest::NewMember;
  JoinRequest request{
      .member_id = std::string(asked.member_id),
      .instance_id = copy_of(asked.group_instance_id),
      .client_id = shown_client_id(call),
      .client_host = call.client.host,
      .protocol_type = std::string(asked.protocol_type),
      .session_timeout = std::chrono::milliseconds(asked.session_timeout_ms),
      .rebalance_timeout = rebalance_timeout(asked),
      .new_member = call.version() >= kJoinsAgainWithItsId ? kIsGivenAnIdFirst : kJoinsAtOnce,
      .can_skip_assignment = call.version() >= kSkipsAssignment};
  for (const Asked::Protocol& protocol : asked.protocols)
    request.protocols.push_back(
        {.name = std::string(protocol.name), .metadata = base::Bytes::copy_of(protocol.metadata)});
  return request;
}

Response refusal(const Call& call, ErrorCode code, wire::String member_id) {
  Response response{.error_code = code, .member_id = member_id};
  if (call.version() >= kNullNames) response.protocol_name = std::nullopt;
  return response;
}

Response response_to(const Call& call, const JoinAnswer& answer) {
  if (answer.error != groups::MembershipError::kNone)
    return refusal(call, error_code(answer.error), answer.member_id);
  Response response{.generation_id = answer.generation,
                    .protocol_type = answer.protocol_type,
                    .protocol_name = answer.protocol_name,
                    .leader = answer.leader_id,
                    .skip_assignment = answer.skip_assignment,
                    .member_id = answer.member_id};
  for (const groups::JoinedMember& member : answer.members)
    response.members.push_back({.member_id = member.member_id,
                                .group_instance_id = member.instance_id,
                                .metadata = member.metadata});
  return response;
}

}  // namespace

/// It has its place in the group before the next request begins: that runs only once this waits.
Answer<Response> handle(Call& call, Asked request) {
  if (call.client.gone) co_return refusal(call, ErrorCode::kNotCoordinator, request.member_id);
  if (!can_be_told(request)) co_return refusal(call, ErrorCode::kInvalidRequest, request.member_id);
  call.turn.pass();
  JoinRequest join = join_request(call, request);
  std::string group_id(request.group_id);
  const wire::String member_id = call.texts.keep(join.member_id);
  request = {};
  call.let_go_of_frame();
  auto joined =
      co_await call.services.membership.join(call.client.id, std::move(group_id), std::move(join));
  if (joined) co_return response_to(call, call.keep(*std::move(joined)));
  co_return refusal(call, error_code(joined.error(), ErrorAbout::kGroup), member_id);
}

}  // namespace streamhouse::kafka
