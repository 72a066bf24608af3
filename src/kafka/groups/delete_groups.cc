#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using base::Errc;
using wire::ErrorCode;

ErrorCode outcome(const base::Status& removed) {
  if (removed) return ErrorCode::kNone;
  if (removed.error().code == Errc::kConflict) return ErrorCode::kNonEmptyGroup;
  return error_code(removed.error(), ErrorAbout::kGroup);
}

}  // namespace

Answer<wire::DeleteGroupsResponse> handle(Call& call, wire::DeleteGroupsRequest request) {
  wire::DeleteGroupsResponse response;
  for (const wire::String group_id : request.groups_names) {
    const auto removed = co_await call.services.membership.remove(std::string(group_id));
    response.results.push_back({.group_id = group_id, .error_code = outcome(removed)});
  }
  co_return response;
}

}  // namespace streamhouse::kafka
