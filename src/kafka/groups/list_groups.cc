#include <algorithm>

#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Response = wire::ListGroupsResponse;

constexpr wire::String kClassic = "classic";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool passes(wire::String value, const wire::Array<wire::String>& filter) {
  const auto is_same = [value](wire::String wanted) {
    return std::ranges::equal(value, wanted, {}, lower, lower);
  };
  return filter.empty() || std::ranges::any_of(filter, is_same);
}

}  // namespace

Answer<Response> handle(Call& call, wire::ListGroupsRequest request) {
  auto listed = co_await call.services.membership.list();
  // No group is named that another broker might coordinate: clients ask this one again.
  if (!listed) co_return Response{.error_code = ErrorCode::kCoordinatorNotAvailable};
  Response response;
  if (!passes(kClassic, request.types_filter)) co_return response;
  for (const metadata::Group& group : call.keep(*std::move(listed))) {
    if (!passes(group.state, request.states_filter)) continue;
    response.groups.push_back({.group_id = group.group_id,
                               .protocol_type = group.protocol_type,
                               .group_state = group.state,
                               .group_type = kClassic});
  }
  co_return response;
}

}  // namespace streamhouse::kafka
