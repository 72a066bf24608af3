#include "groups/group_coordinator.h"

#include <algorithm>

#include "groups/membership/member_records.h"
#include "runtime/retry/retry.h"

namespace streamhouse::groups {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

constexpr std::size_t kGroupsPerPage = 500;

void show_machine(const MembershipMachine& machine, metadata::Group& group) {
  group.state = group_phase_name(machine.phase());
  group.generation = machine.generation();
  group.protocol_type = machine.protocol_type();
}

}  // namespace

GroupCoordinator::GroupCoordinator(Ports ports, model::SessionId session,
                                   const metadata::Topic& offsets_topic, const GroupConfig& config,
                                   runtime::TaskGroup& group)
    : ports_(ports),
      config_(config),
      group_(group),
      table_(ports.runtime, ports.partitions, session, offsets_topic),
      writer_(ports.runtime, ports.metadata, group, config.membership, ports.snapshots),
      wake_(ports.runtime) {}

void GroupCoordinator::start() {
  first_visit_ = ports_.runtime.schedule(ports_.runtime.now() + config_.visit_interval,
                                         [this] { group_.spawn(visit_again_and_again()); });
}

void GroupCoordinator::stop() {
  stopped_ = true;
  ports_.runtime.cancel(first_visit_);
  table_.close();
  live_.clear();
  members_bytes_ = 0;
  wake_.notify_all();
}

/// The group's state if its members are known here, and then better than in the store: what becomes
/// of them is answered before it is written down.
State GroupCoordinator::in_memory(const std::string& group_id) const {
  State state = table_.find(group_id);
  return state && state->loaded() ? state : nullptr;
}

Task<Result<DescribedGroup>> GroupCoordinator::describe(std::string group_id) {
  const auto read = [this, &group_id] { return ports_.metadata.load_group(group_id); };
  auto stored = co_await runtime::retry_until_known(ports_.runtime, group_, read);
  if (!stored && stored.error().code != Errc::kGroupNotFound) co_return stored.error();
  const State here = in_memory(group_id);
  if (!stored && !(here && here->has_live_members())) co_return stored.error();
  DescribedGroup described{.group = {.group_id = std::move(group_id)}};
  if (stored) {
    described.group = std::move(stored->group);
    described.offsets = std::move(stored->offsets);
  }
  if (here) {
    show_machine(here->members()->machine(), described.group);
    described.membership = here->members()->machine().record();
  } else {
    SH_CO_TRY(described.membership, read_membership(described.group));
  }
  co_return described;
}

void GroupCoordinator::show_present(std::vector<metadata::Group>& groups) const {
  for (metadata::Group& group : groups)
    if (const State here = in_memory(group.group_id))
      show_machine(here->members()->machine(), group);
}

Task<Result<std::vector<metadata::Group>>> GroupCoordinator::list() {
  std::map<std::string, metadata::Group> found;
  for (const auto& [id, each] : live_) {
    const bool has_members = each.state->loaded() && each.state->members()->machine().has_members();
    if (has_members) found[id].group_id = id;
  }
  for (std::string after; !over();) {
    const auto read = [this, &after] { return ports_.metadata.list_groups(after, kGroupsPerPage); };
    SH_CO_TRY(auto page, co_await runtime::retry_until_known(ports_.runtime, group_, read));
    for (metadata::Group& group : page)
      if (table_.guard_of(group.group_id)) found[group.group_id] = group;
    if (page.size() < kGroupsPerPage) break;
    after = page.back().group_id;
  }
  std::vector<metadata::Group> groups;
  for (auto& [id, group] : found) groups.push_back(std::move(group));
  show_present(groups);
  co_return groups;
}

Task<void> GroupCoordinator::visit_again_and_again() {
  while (!over()) {
    [[maybe_unused]] const Status visited = co_await visit_groups();  // the next round tries again
    [[maybe_unused]] const bool stopping = co_await group_.sleep_until_stop(config_.visit_interval);
  }
}

Task<Status> GroupCoordinator::visit_groups() {
  SH_CO_TRY(const metadata::DatabaseMs now, co_await database_time());
  for (std::string after; !over();) {
    const auto read = [this, &after] { return ports_.metadata.list_groups(after, kGroupsPerPage); };
    SH_CO_TRY(auto page, co_await runtime::retry_until_known(ports_.runtime, group_, read));
    for (metadata::Group& group : page) {
      after = group.group_id;
      if (table_.guard_of(after)) co_await visit(std::move(group), now);
    }
    if (page.size() < kGroupsPerPage) break;
  }
  co_return Status{};
}

/// What the database's clock showed at the newest heartbeat: an agent's own clock may be years
/// ahead, and what is removed by it would be lost.
Task<Result<metadata::DatabaseMs>> GroupCoordinator::database_time() {
  const auto read = [this] { return ports_.metadata.list_agents(metadata::Liveness::kAlive); };
  SH_CO_TRY(const auto agents, co_await runtime::retry_until_known(ports_.runtime, group_, read));
  metadata::DatabaseMs newest = 0;
  for (const metadata::Agent& agent : agents) newest = std::max(newest, agent.last_heartbeat_ms);
  co_return newest;
}

Task<void> GroupCoordinator::visit(metadata::Group stored, metadata::DatabaseMs now) {
  const auto retention =
      std::chrono::duration_cast<std::chrono::milliseconds>(config_.retention).count();
  const bool over_age = stored.members.empty() && now - stored.updated_ms >= retention;
  if (stored.members.empty() && !over_age) co_return;
  const Result<State> state = co_await enter(stored.group_id);
  if (!state) co_return;
  if (!over_age) co_return;
  co_await (*state)->take_turn();
  [[maybe_unused]] const Status removed = co_await remove_if_unchanged(*state, stored.commit_no);
  (*state)->give_turn();
}

/// Whoever wrote the group since it was listed raised its number.
Task<Status> GroupCoordinator::remove_if_unchanged(State state, std::int64_t commit_no) {
  SH_CO_TRY_OK(co_await load(state));
  if (state->has_live_members() || state->group().commit_no != commit_no) co_return Status{};
  co_return co_await writer_.remove(state);
}

}  // namespace streamhouse::groups
