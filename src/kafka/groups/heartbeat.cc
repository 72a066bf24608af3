#include "kafka/error_code.h"
#include "kafka/groups/member_claim.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {

Answer<wire::HeartbeatResponse> handle(Call& call, wire::HeartbeatRequest request) {
  groups::MemberClaim member =
      member_claim(request.member_id, request.group_instance_id, request.generation_id);
  const auto answer =
      co_await call.services.membership.heartbeat(std::string(request.group_id), std::move(member));
  co_return wire::HeartbeatResponse{.error_code = error_code(answer)};
}

}  // namespace streamhouse::kafka
