#include "tests/contract/metadata/random_operations.h"

#include <algorithm>

#include "metadata/archive/move.h"
#include "metadata/memory/memory_metadata_store.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::metadata::contract {

namespace {
constexpr std::size_t kPastMax = 300;
}

RandomOperations::RandomOperations(MetadataStoreContract& test, std::uint64_t seed)
    : test_(test), random_(seed), model_([&test] { return test.now(); }, topic_id(99)) {}

const std::vector<RandomOperations::WeightedStep>& RandomOperations::steps() {
  using Self = RandomOperations;
  static const std::vector<WeightedStep> list{
      {6, &Self::create_topic},   {2, &Self::delete_topic},    {3, &Self::purge_topic},
      {2, &Self::change_topic},   {1, &Self::add_partitions},  {8, &Self::advance_log_start},
      {3, &Self::read_topics},    {5, &Self::open_session},    {4, &Self::heartbeat},
      {1, &Self::deregister},     {12, &Self::acquire},        {2, &Self::seal},
      {1, &Self::self_seal},      {6, &Self::recover},         {5, &Self::finish_recovery},
      {5, &Self::read_sessions},  {4, &Self::pass_time},       {30, &Self::append_commit},
      {6, &Self::append_release}, {8, &Self::checkpoint},      {7, &Self::trim},
      {10, &Self::replace},       {4, &Self::delete_segments}, {2, &Self::forget_objects},
      {6, &Self::read_log},       {4, &Self::save_group},      {6, &Self::commit_offsets},
      {2, &Self::delete_offsets}, {2, &Self::delete_group},    {2, &Self::expire_offsets},
      {3, &Self::put_setting},    {1, &Self::delete_setting},  {1, &Self::allocate_producer_ids},
      {3, &Self::read_groups},    {30, &Self::late_copy},
  };
  return list;
}

void RandomOperations::step() {
  const auto& list = steps();
  int total = 0;
  for (const WeightedStep& candidate : list) total += candidate.weight;
  auto drawn = static_cast<int>(below(total));
  const MemoryTables before = model_.tables();
  for (const WeightedStep& candidate : list) {
    drawn -= candidate.weight;
    if (drawn >= 0) continue;
    (this->*candidate.step)();
    break;
  }
  if (past_.size() > kPastMax) past_.erase(past_.begin(), past_.begin() + kPastMax / 3);
  if (failure_) return;
  std::vector<Violation> broken = check_invariants(model_.tables());
  std::ranges::move(check_progress(before, model_.tables()), std::back_inserter(broken));
  if (!broken.empty()) failure_ = "invariants of the model:\n" + to_string(broken);
}

void RandomOperations::late_copy() {
  if (!past_.empty()) past_[random_.below(past_.size())]();
}

void RandomOperations::compare_everything() {
  const auto all = std::size_t{1'000'000};
  const auto& tables = model_.tables();
  read("all topics", [=](auto& to) { return to.list_topics(model::TopicNo(0), all); });
  for (const auto& [no, topic] : tables.topics)
    read("all partitions", [wanted = no](auto& to) { return to.list_partitions(wanted); });
  read("all loaded", [keys = partitions()](auto& to) { return to.load_partitions(keys); });
  read("all agents", [](auto& to) { return to.list_agents(Liveness::kAll); });
  read("all leases", [](auto& to) { return to.list_leases(std::nullopt); });
  read("all sessions", [=](auto& to) { return to.list_sessions(SessionId(0), all); });
  for (const auto& [id, record] : tables.sessions) {
    read("all rows", [=, wanted = id](auto& to) { return to.tail(wanted, Seq(-1), all); });
    read("all names", [wanted = id](auto& to) { return to.named_objects(wanted); });
    read("checkpoint", [wanted = id](auto& to) { return to.get_checkpoint(wanted); });
    read("recovery", [wanted = id](auto& to) { return to.load_recovery(wanted); });
  }
  read("all objects", [=](auto& to) { return to.list_objects("", all); });
  read("all counts", [](auto& to) { return to.count_objects(); });
  read("all groups", [=](auto& to) { return to.list_groups("", all); });
  for (const auto& [id, record] : tables.groups)
    read("group", [wanted = id](auto& to) { return to.load_group(wanted); });
  read("all settings", [](auto& to) { return to.list_settings(""); });
  read("all changes", [=](auto& to) { return to.watch_changes(0, all); });
}

void RandomOperations::move() {
  const auto of_model = std::make_shared<tests::ArchiveBytes>();
  const auto of_store = std::make_shared<tests::ArchiveBytes>();
  MemoryMetadata source = model_;
  MemoryMetadataStore model_store(source);
  test_.must(export_metadata(model_store, SourceUse::kExclusive, of_model));
  test_.must(export_metadata(test_.store(), SourceUse::kExclusive, of_store));
  if (of_model->content != of_store->content) failure_ = "export: the store gives other bytes";
  if (failure_) return;
  const DatabaseMs time = test_.now();
  test_.start_anew();
  test_.pass_time(time - test_.now());
  test_.must(import_metadata(test_.store(), *of_model));
  model_ = MemoryMetadata([&test = test_] { return test.now(); }, topic_id(99));
  MemoryMetadataStore empty_model(model_);
  test_.must(import_metadata(empty_model, *of_store));
  const std::vector<Violation> broken = check_invariants(model_.tables());
  if (!broken.empty()) failure_ = "invariants after an import:\n" + to_string(broken);
}

SessionId RandomOperations::session(SessionState preferred) {
  std::vector<SessionId> any;
  std::vector<SessionId> fitting;
  for (const auto& [id, record] : model_.tables().sessions) {
    any.push_back(id);
    if (record.session.state == preferred) fitting.push_back(id);
  }
  if (any.empty() || one_in(40)) return SessionId(1 + random_.below(3));
  return fitting.empty() || one_in(6) ? one_of(any) : one_of(fitting);
}

std::vector<TopicPartition> RandomOperations::partitions() {
  std::vector<TopicPartition> keys;
  for (const auto& [key, row] : model_.tables().partitions) keys.push_back(key);
  return keys;
}

TopicPartition RandomOperations::partition() {
  const std::vector<TopicPartition> keys = partitions();
  if (keys.empty() || one_in(30))
    return {model::TopicNo(static_cast<std::uint32_t>(1 + below(6))),
            model::PartitionIndex(static_cast<std::int32_t>(below(3)))};
  return one_of(keys);
}

TopicPartition RandomOperations::partition_of(SessionId owner) {
  std::vector<TopicPartition> keys;
  for (const auto& [key, row] : model_.tables().partitions)
    if (row.owner == owner) keys.push_back(key);
  return keys.empty() || one_in(8) ? partition() : one_of(keys);
}

Seq RandomOperations::newest(SessionId session) const {
  const auto found = model_.tables().sessions.find(session);
  return found == model_.tables().sessions.end() ? Seq(0) : found->second.newest();
}

std::optional<Partition> RandomOperations::row(TopicPartition key) const {
  const auto found = model_.tables().partitions.find(key);
  if (found == model_.tables().partitions.end()) return std::nullopt;
  return found->second;
}

LeaderEpoch RandomOperations::epoch(TopicPartition key) {
  const auto found = row(key);
  const std::int32_t now = found ? found->epoch.value() : 0;
  return LeaderEpoch(one_in(8) ? std::max(0, now - 1) : now);
}

}  // namespace streamhouse::metadata::contract
