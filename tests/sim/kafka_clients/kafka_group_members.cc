// Members of a consumer group, by Kafka's classic protocol.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka_actors.h"

namespace streamhouse::sim {
namespace {

using std::chrono::seconds;
using enum wire::ErrorCode;

constexpr std::string_view kTopic = "fixed";
constexpr std::string_view kGroup = "kafka-group";
constexpr std::string_view kProtocol = "in turn";
constexpr auto kPatience = seconds(6);

/// Definitely not committed.
bool is_refusal(wire::ErrorCode code) {
  return code == kIllegalGeneration || code == kUnknownMemberId || code == kRebalanceInProgress ||
         code == kNotCoordinator || code == kGroupIdNotFound || code == kFencedInstanceId;
}

/// An assignment of ours: `0,2,`
std::string written(const std::vector<std::int32_t>& partitions) {
  std::string text;
  for (const std::int32_t partition : partitions) text += std::to_string(partition) + ",";
  return text;
}

std::vector<std::int32_t> partitions_in(base::BytesView assignment) {
  std::vector<std::int32_t> partitions;
  std::string_view rest = base::as_text(assignment);
  while (!rest.empty()) {
    std::int32_t partition = 0;
    const auto comma = rest.find(',');
    SH_CHECK(comma != std::string_view::npos, "an assignment that one of us wrote");
    std::from_chars(rest.data(), rest.data() + comma, partition);
    partitions.push_back(partition);
    rest.remove_prefix(comma + 1);
  }
  return partitions;
}

}  // namespace

runtime::Task<void> KafkaActors::consume(int number) {
  Member self{.number = number};
  while (!actors_.stopping()) {
    if (!self.coordinator) co_await find_coordinator(self);
    Next next = Next::kJoinAgain;
    if (self.coordinator) next = co_await join(self);
    if (next == Next::kGoOn) next = co_await sync(self);
    if (next == Next::kGoOn) next = co_await load_positions(self);
    while (next == Next::kGoOn && !actors_.stopping()) next = co_await consume_round(self);
    co_await pause(200);
  }
  if (self.coordinator) self.coordinator->hang_up();
}

runtime::Task<void> KafkaActors::find_coordinator(Member& self) {
  Process* const asked = any_process();
  if (asked == nullptr) co_return;
  KafkaClient link(world_.client(), *asked);
  wire::FindCoordinatorRequest request;
  request.coordinator_keys.push_back(kGroup);
  const auto reply = co_await link.ask(4, request, seconds(3));
  link.hang_up();
  if (!reply || (*reply)->coordinators.empty()) co_return;
  const auto& found = (*reply)->coordinators.front();
  Process* const process = found.error_code == kNone ? process_at(found.host) : nullptr;
  if (process != nullptr)
    self.coordinator = std::make_unique<KafkaClient>(world_.client(), *process);
}

/// As clients do: after an answer that says nothing of the member, another coordinator is looked
/// for.
bool KafkaActors::must_join_again(Member& self, wire::ErrorCode code) {
  if (code == kNone) return false;
  if (code == kUnknownMemberId || code == kIllegalGeneration) self.id.clear();
  if (code == kUnknownMemberId || code == kIllegalGeneration || code == kRebalanceInProgress ||
      code == kMemberIdRequired)
    return true;
  self.coordinator->hang_up();
  self.coordinator.reset();
  return true;
}

runtime::Task<KafkaActors::Next> KafkaActors::join(Member& self) {
  wire::JoinGroupRequest request{.group_id = kGroup,
                                 .session_timeout_ms = 6'000,
                                 .rebalance_timeout_ms = 4'000,
                                 .member_id = self.id,
                                 .protocol_type = "consumer"};
  request.protocols.push_back({.name = kProtocol});
  const auto reply = co_await self.coordinator->ask(7, request, seconds(15));
  if (!reply) {
    self.coordinator.reset();
    co_return Next::kJoinAgain;
  }
  const wire::JoinGroupResponse& joined = reply->response;
  if (joined.error_code == kMemberIdRequired) self.id = joined.member_id;
  if (must_join_again(self, joined.error_code)) co_return Next::kJoinAgain;
  self.id = joined.member_id;
  self.generation = joined.generation_id;
  self.all.clear();
  for (const auto& member : joined.members) self.all.emplace_back(member.member_id);
  std::ranges::sort(self.all);
  co_return Next::kGoOn;
}

runtime::Task<KafkaActors::Next> KafkaActors::sync(Member& self) {
  std::vector<std::vector<std::int32_t>> shares(self.all.size());
  for (int i = 0; i < world_.scenario().partitions && !shares.empty(); ++i)
    shares[static_cast<std::size_t>(i) % shares.size()].push_back(i);
  std::vector<std::string> texts;
  for (const auto& share : shares) texts.push_back(written(share));
  wire::SyncGroupRequest request{.group_id = kGroup,
                                 .generation_id = self.generation,
                                 .member_id = self.id,
                                 .protocol_type = "consumer",
                                 .protocol_name = kProtocol};
  for (std::size_t i = 0; i < texts.size(); ++i)
    request.assignments.push_back(
        {.member_id = self.all[i], .assignment = base::as_bytes(texts[i])});
  const auto reply = co_await self.coordinator->ask(5, request, seconds(15));
  if (!reply) {
    self.coordinator.reset();
    co_return Next::kJoinAgain;
  }
  if (must_join_again(self, (*reply)->error_code)) co_return Next::kJoinAgain;
  self.positions.clear();
  for (const std::int32_t partition : partitions_in((*reply)->assignment)) {
    group_.assigned(self.generation, self.id, partition);
    self.positions[partition] = model::Offset(0);
  }
  world_.note("member " + std::to_string(self.number) + " has " +
              std::to_string(self.positions.size()) + " partitions in generation " +
              std::to_string(self.generation));
  co_return Next::kGoOn;
}

runtime::Task<KafkaActors::Next> KafkaActors::load_positions(Member& self) {
  wire::OffsetFetchRequest request{.group_id = kGroup};
  auto& topic = request.topics->emplace_back();
  topic.name = kTopic;
  std::map<std::int32_t, std::size_t> acknowledged;
  for (const auto& [partition, position] : self.positions) {
    topic.partition_indexes.push_back(partition);
    acknowledged[partition] = group_.acknowledged(partition);
  }
  const auto reply = co_await self.coordinator->ask(7, request, kPatience);
  if (!reply) {
    self.coordinator.reset();
    co_return Next::kJoinAgain;
  }
  if (must_join_again(self, (*reply)->error_code)) co_return Next::kJoinAgain;
  for (const auto& told : (*reply)->topics) {
    for (const auto& row : told.partitions) {
      if (must_join_again(self, row.error_code)) co_return Next::kJoinAgain;
      group_.told(row.partition_index, acknowledged.at(row.partition_index), row.committed_offset);
      const model::Offset start =
          world_.truth().log_start(key_of(model::PartitionIndex(row.partition_index)));
      self.positions[row.partition_index] = std::max(start, model::Offset(row.committed_offset));
    }
  }
  co_return Next::kGoOn;
}

/// Whoever goes silent comes again as a new member; the old one is expired.
runtime::Task<KafkaActors::Next> KafkaActors::consume_round(Member& self) {
  co_await pause(800);
  for (auto& [partition, position] : self.positions) {
    const model::PartitionIndex index(partition);
    position = std::max(position, world_.truth().log_start(key_of(index)));
    const Link leader = co_await leader_of(index);
    if (leader) position = co_await fetch(*leader, index, position);
    if (leader) leader->hang_up();
  }
  Next next = Next::kGoOn;
  if (world_.random().chance(0.6)) next = co_await commit(self);
  if (next == Next::kGoOn) next = co_await heartbeat(self);
  if (next == Next::kJoinAgain) co_return next;
  if (world_.random().chance(0.04)) {
    co_await leave(self);
    co_return Next::kJoinAgain;
  }
  if (!world_.random().chance(0.04)) co_return Next::kGoOn;
  self.id.clear();
  self.coordinator->hang_up();
  self.coordinator.reset();
  co_return Next::kJoinAgain;
}

runtime::Task<KafkaActors::Next> KafkaActors::commit(Member& self) {
  wire::OffsetCommitRequest request{
      .group_id = kGroup, .generation_id_or_member_epoch = self.generation, .member_id = self.id};
  auto& topic = request.topics.emplace_back();
  topic.name = kTopic;
  std::map<std::int32_t, std::size_t> attempts;
  for (const auto& [partition, position] : self.positions) {
    topic.partitions.push_back(
        {.partition_index = partition, .committed_offset = position.value()});
    attempts[partition] = group_.committing(self.generation, partition, position.value());
  }
  const auto reply = co_await self.coordinator->ask(8, request, kPatience);
  if (!reply) {
    self.coordinator.reset();
    co_return Next::kJoinAgain;
  }
  Next next = Next::kGoOn;
  for (const auto& told : (*reply)->topics) {
    for (const auto& row : told.partitions) {
      const std::size_t attempt = attempts.at(row.partition_index);
      if (row.error_code == kNone) group_.committed(row.partition_index, attempt);
      if (is_refusal(row.error_code)) group_.refused(row.partition_index, attempt);
      if (row.error_code == kNone) ++promises_.group_commits;
      const bool again = self.coordinator && must_join_again(self, row.error_code);
      if (again) next = Next::kJoinAgain;
    }
  }
  co_return next;
}

runtime::Task<KafkaActors::Next> KafkaActors::heartbeat(Member& self) {
  const wire::HeartbeatRequest request{
      .group_id = kGroup, .generation_id = self.generation, .member_id = self.id};
  const auto reply = co_await self.coordinator->ask(4, request, kPatience);
  if (!reply) self.coordinator.reset();
  const bool again = !reply || must_join_again(self, (*reply)->error_code);
  co_return again ? Next::kJoinAgain : Next::kGoOn;
}

runtime::Task<void> KafkaActors::leave(Member& self) {
  wire::LeaveGroupRequest request{.group_id = kGroup};
  request.members.push_back({.member_id = self.id});
  const auto reply = co_await self.coordinator->ask(4, request, kPatience);
  if (!reply) self.coordinator.reset();
  self.id.clear();
}

}  // namespace streamhouse::sim
