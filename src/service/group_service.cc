#include "service/group_service.h"

#include <map>
#include <set>

#include "service/membership/group_id.h"

namespace streamhouse::service {
namespace {

using base::Errc;

base::Status check_offset(const TopicOffset& offset) {
  const std::string name = offset.topic + "-" + std::to_string(offset.partition.value());
  if (offset.offset.value() < 0) {
    return {Errc::kInvalid, name + ": offset " + std::to_string(offset.offset.value())};
  }
  if (offset.metadata.size() > GroupService::kMetadataBytesMax) {
    return {Errc::kTooLarge, name + ": metadata of " + std::to_string(offset.metadata.size()) +
                                 " bytes, at most 4096"};
  }
  return {};
}

}  // namespace

runtime::Task<base::Error> GroupService::name_coordinator(std::shared_ptr<SessionScope> scope,
                                                          std::string group_id, base::Error error) {
  const model::TopicPartition shard = scope->groups().shard_of_group(group_id);
  error = co_await cluster::name_leader(ports_.leaders, std::move(error), shard);
  co_return error;
}

runtime::Task<base::Status> GroupService::commit(std::string group_id,
                                                 std::vector<TopicOffset> offsets) {
  SH_CO_TRY_OK(check_group_id(group_id));
  std::vector<metadata::CommittedOffset> commits;
  for (TopicOffset& offset : offsets) {
    SH_CO_TRY_OK(check_offset(offset));
    SH_CO_TRY(const cluster::TopicPtr topic, co_await ports_.topics.get(offset.topic));
    const std::int32_t index = offset.partition.value();
    if (index < 0 || index >= topic->partition_count) {
      co_return base::Status(
          Errc::kPartitionNotFound,
          "topic " + offset.topic + " has no partition " + std::to_string(index));
    }
    commits.push_back({.key = {topic->no, offset.partition},
                       .offset = offset.offset,
                       .metadata = std::move(offset.metadata)});
  }
  SH_CO_TRY(const auto scope, ports_.scope.get());
  groups::CommitRequest request{.group_id = group_id, .offsets = std::move(commits)};
  const auto refused = co_await scope->groups().commit(std::move(request));
  if (!refused) {
    base::Error error = co_await name_coordinator(scope, std::move(group_id), refused.error());
    co_return error;
  }
  if (*refused == groups::MembershipError::kNone) co_return base::Status{};
  co_return base::Status(Errc::kConflict,
                         "group " + group_id + " has members, and only they commit its offsets");
}

/// From the store: a topic that was created since under the same name has no offsets yet (L7).
runtime::Task<base::Result<std::optional<model::TopicNo>>> GroupService::number_of(
    std::string topic) {
  const auto found = co_await ports_.topics.read(std::move(topic));
  if (found) co_return std::optional((*found)->no);
  if (found.error().code != Errc::kTopicNotFound) co_return found.error();
  co_return std::optional<model::TopicNo>();
}

runtime::Task<base::Result<std::vector<TopicOffset>>> GroupService::committed(
    std::string group_id, std::vector<TopicOffset> questions) {
  SH_CO_TRY(const auto scope, ports_.scope.get());
  const auto described = co_await scope->groups().describe(group_id);
  if (!described && described.error().code != Errc::kGroupNotFound) {
    base::Error error = co_await name_coordinator(scope, std::move(group_id), described.error());
    co_return error;
  }
  std::map<model::TopicPartition, metadata::CommittedOffset> known;
  if (described) {
    for (const auto& offset : described->offsets) known.emplace(offset.key, offset);
  }
  std::map<std::string, std::optional<model::TopicNo>> topics;
  for (TopicOffset& question : questions) {
    question.offset = model::Offset(-1);
    const auto [named, first] = topics.try_emplace(question.topic);
    if (first) {
      SH_CO_TRY(named->second, co_await number_of(question.topic));
    }
    const auto found =
        named->second ? known.find({*named->second, question.partition}) : known.end();
    if (found == known.end()) continue;
    question.offset = found->second.offset;
    question.metadata = found->second.metadata;
    question.committed_ms = found->second.committed_ms;
  }
  co_return questions;
}

runtime::Task<base::Result<metadata::Group>> GroupService::ensure(std::string group_id) {
  SH_CO_TRY_OK(check_group_id(group_id));
  SH_CO_TRY(const auto scope, ports_.scope.get());
  auto group = co_await scope->groups().ensure(group_id);
  if (group) co_return group;
  base::Error error = co_await name_coordinator(scope, std::move(group_id), group.error());
  co_return error;
}

runtime::Task<base::Status> GroupService::remove(std::string group_id) {
  SH_CO_TRY(const auto scope, ports_.scope.get());
  base::Status done = co_await scope->groups().remove(group_id);
  if (done) co_return done;
  base::Error error = co_await name_coordinator(scope, std::move(group_id), done.error());
  co_return error;
}

runtime::Task<base::Result<GroupDescription>> GroupService::describe(std::string group_id) {
  SH_CO_TRY(const auto scope, ports_.scope.get());
  auto loaded = co_await scope->groups().describe(group_id);
  if (!loaded) {
    base::Error error = co_await name_coordinator(scope, std::move(group_id), loaded.error());
    co_return error;
  }
  GroupDescription description{.group = std::move(loaded->group),
                               .membership = std::move(loaded->membership)};
  std::set<model::TopicNo> topics;
  for (const auto& offset : loaded->offsets) topics.insert(offset.key.topic);
  for (const model::TopicNo no : topics) SH_CO_TRY_OK(co_await ports_.topics.refresh(no));
  for (const auto& offset : loaded->offsets) {
    const cluster::TopicPtr topic = ports_.topics.find(offset.key.topic);
    if (!topic || topic->state != metadata::TopicState::kLive) continue;
    description.offsets.push_back({.topic = topic->name,
                                   .partition = offset.key.partition,
                                   .offset = offset.offset,
                                   .metadata = offset.metadata,
                                   .committed_ms = offset.committed_ms});
  }
  co_return description;
}

runtime::Task<base::Result<std::vector<metadata::Group>>> GroupService::list(std::string after,
                                                                             std::size_t limit) {
  SH_CO_TRY(auto groups, co_await ports_.metadata.list_groups(std::move(after), limit));
  if (const auto scope = ports_.scope.get()) (*scope)->groups().show_present(groups);
  co_return groups;
}

}  // namespace streamhouse::service
