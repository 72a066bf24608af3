#include "service/membership/membership_service.h"

#include "service/membership/group_id.h"

namespace streamhouse::service {
namespace {

using base::Result;
using base::Status;
using groups::GroupCoordinator;
using groups::MembershipError;
using runtime::Task;

/// Awaits `call(coordinator)` while its session is kept in memory.
template <class Call>
auto ask(CurrentScope& scope, std::string group_id, Call call)
    -> std::invoke_result_t<Call, GroupCoordinator&> {
  SH_CO_TRY_OK(check_group_id(group_id));
  SH_CO_TRY(const auto present, scope.get());
  co_return co_await call(present->groups());
}

}  // namespace

Task<Result<groups::JoinAnswer>> MembershipService::join(groups::ClientId client,
                                                         std::string group_id,
                                                         groups::JoinRequest request) {
  const auto call = [&](GroupCoordinator& at) {
    return at.join(client, group_id, std::move(request));
  };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<groups::SyncAnswer>> MembershipService::sync(groups::ClientId client,
                                                         std::string group_id,
                                                         groups::SyncRequest request) {
  const auto call = [&](GroupCoordinator& at) {
    return at.sync(client, group_id, std::move(request));
  };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<MembershipError>> MembershipService::heartbeat(std::string group_id,
                                                           groups::MemberClaim member) {
  const auto call = [&](GroupCoordinator& at) { return at.heartbeat(group_id, member); };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<std::vector<MembershipError>>> MembershipService::leave(
    std::string group_id, std::vector<groups::MemberClaim> members) {
  const auto call = [&](GroupCoordinator& at) { return at.leave(group_id, members); };
  co_return co_await ask(scope_, group_id, call);
}

void MembershipService::end_calls(groups::ClientId client) {
  if (const auto present = scope_.get()) (*present)->groups().end_calls(client);
}

Task<Result<MembershipError>> MembershipService::commit(groups::CommitRequest request) {
  const std::string group_id = request.group_id;
  const auto call = [&](GroupCoordinator& at) { return at.commit_in_time(std::move(request)); };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<std::vector<metadata::CommittedOffset>>> MembershipService::fetch(
    std::string group_id, std::vector<model::TopicPartition> keys) {
  const auto call = [&](GroupCoordinator& at) { return at.fetch(group_id, std::move(keys)); };
  co_return co_await ask(scope_, group_id, call);
}

Task<Status> MembershipService::delete_offsets(std::string group_id,
                                               std::vector<model::TopicPartition> keys,
                                               GroupCoordinator::GroupWithMembers with_members) {
  const auto call = [&](GroupCoordinator& at) {
    return at.delete_offsets(group_id, std::move(keys), with_members);
  };
  co_return co_await ask(scope_, group_id, call);
}

Task<Status> MembershipService::remove(std::string group_id) {
  const auto call = [&](GroupCoordinator& at) { return at.remove(group_id); };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<groups::DescribedGroup>> MembershipService::describe(std::string group_id) {
  const auto call = [&](GroupCoordinator& at) { return at.describe(group_id); };
  co_return co_await ask(scope_, group_id, call);
}

Task<Result<std::vector<metadata::Group>>> MembershipService::list() {
  SH_CO_TRY(const auto present, scope_.get());
  co_return co_await present->groups().list();
}

}  // namespace streamhouse::service
