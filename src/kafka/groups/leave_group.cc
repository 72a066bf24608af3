#include "kafka/error_code.h"
#include "kafka/groups/member_claim.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using Response = wire::LeaveGroupResponse;

constexpr wire::Version kManyMembers = 3;
constexpr std::int32_t kAnyGeneration = -1;

}  // namespace

Answer<Response> handle(Call& call, wire::LeaveGroupRequest request) {
  const bool one = call.version() < kManyMembers;
  if (one) request.members = {{.member_id = request.member_id}};
  std::vector<groups::MemberClaim> members;
  for (const auto& member : request.members)
    members.push_back(member_claim(member.member_id, member.group_instance_id, kAnyGeneration));
  const auto left =
      co_await call.services.membership.leave(std::string(request.group_id), std::move(members));
  if (!left) co_return Response{.error_code = error_code(left.error(), ErrorAbout::kGroup)};
  if (one) co_return Response{.error_code = error_code(left->front())};
  Response response;
  for (std::size_t i = 0; i < left->size(); ++i) {
    const auto& member = request.members[i];
    response.members.push_back({.member_id = member.member_id,
                                .group_instance_id = member.group_instance_id,
                                .error_code = error_code((*left)[i])});
  }
  co_return response;
}

}  // namespace streamhouse::kafka
