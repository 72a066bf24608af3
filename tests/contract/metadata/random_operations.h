#pragma once
/// \file  Seeded random operations, made on a store and on the in-memory model alike, their answers
/// compared. Few names and few ids, so that operations meet and conflict.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/memory/memory_invariants.h"
#include "metadata/memory/memory_metadata.h"
#include "runtime/random.h"
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {

class RandomOperations {
 public:
  RandomOperations(MetadataStoreContract& test, std::uint64_t seed);

  /// One operation, or a late copy of an earlier one. What it looks like is chosen with an eye on
  /// the model's tables, mostly so that it can succeed.
  void step();
  /// Reads everything that there is.
  void compare_everything();
  /// Exports both sides, which must give the same bytes, and goes on with both in empty databases
  /// that have imported them.
  void move();
  /// Set once an answer differed or an invariant broke: what happened.
  const std::optional<std::string>& failure() const { return failure_; }
  /// How often each operation succeeded, late copies not counted.
  const std::map<std::string, int>& successes() const { return successes_; }

 private:
  using Step = void (RandomOperations::*)();
  struct WeightedStep {
    int weight;
    Step step;
  };
  static const std::vector<WeightedStep>& steps();

  // random_topics.cc
  void create_topic();
  void delete_topic();
  void purge_topic();
  void change_topic();
  void add_partitions();
  void advance_log_start();
  void read_topics();
  // random_sessions.cc
  void open_session();
  void heartbeat();
  void deregister();
  void acquire();
  void seal();
  void self_seal();
  void recover();
  void finish_recovery();
  void read_sessions();
  void pass_time();
  // random_log.cc
  void append_commit();
  void append_release();
  void checkpoint();
  void trim();
  void replace();
  void delete_segments();
  void forget_objects();
  void read_log();
  // random_groups.cc
  void save_group();
  void commit_offsets();
  void delete_offsets();
  void delete_group();
  void expire_offsets();
  void put_setting();
  void delete_setting();
  void allocate_producer_ids();
  void read_groups();

  void late_copy();
  void check();

  /// Makes `call` on the model and on the store; remembers it, if it writes, for a late copy.
  template <class Call>
  void compare(std::string what, Call call) {
    make(what, call);
    past_.emplace_back([this, what = "late " + what, call] { make(what, call); });
  }
  /// The same for a call that only reads.
  template <class Call>
  void read(const std::string& what, Call call) {
    make(what, call);
  }
  template <class Call>
  void make(const std::string& what, const Call& call) {
    if (failure_) return;
    const auto answer = call(model_);
    const std::string expected = show(answer);
    const std::string actual = show(runtime::run_task(test_.runtime(), call(test_.store())));
    if (!what.starts_with("late")) successes_[what.substr(0, what.find('('))] += answer ? 1 : 0;
    if (actual != expected) failure_ = what + "\n  model " + expected + "\n  store " + actual;
  }

  // Choices.
  std::int64_t below(std::int64_t bound) { return random_.between(0, bound - 1); }
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[random_.below(list.size())];
  }
  std::string topic_name() { return "t" + std::to_string(below(3)); }
  std::string agent_id() { return "a" + std::to_string(below(3)); }
  std::string group_id() { return "g" + std::to_string(below(3)); }
  /// A session that was opened, preferably one that is live; now and then one that was not.
  SessionId session(SessionState preferred = SessionState::kLive);
  TopicPartition partition();
  /// A partition that `owner` leads, if there is any.
  TopicPartition partition_of(SessionId owner);
  std::vector<TopicPartition> partitions();
  Seq newest(SessionId session) const;
  std::optional<Partition> row(TopicPartition key) const;
  LeaderEpoch epoch(TopicPartition key);
  segment::CheckpointTable table_of(SessionId session);
  segment::Span next_span(TopicPartition key);
  ShardGuard guard();
  std::int64_t next_commit_no(const ShardGuard& shard, const std::string& group);
  std::size_t limit() { return static_cast<std::size_t>(below(4)) + (one_in(2) ? 100 : 0); }

  MetadataStoreContract& test_;
  runtime::Random random_;
  MemoryMetadata model_;
  std::map<TopicPartition, std::int64_t> next_offset_;
  std::int64_t next_object_ = 0;
  std::vector<std::function<void()>> past_;
  std::optional<std::string> failure_;
  std::map<std::string, int> successes_;
};

/// `name(argument, ...)`, as failures show it.
template <class... Arguments>
std::string describe(const std::string& name, const Arguments&... arguments) {
  std::string text;
  ((text += (text.empty() ? "" : ", ") + show(arguments)), ...);
  return name + "(" + text + ")";
}

}  // namespace streamhouse::metadata::contract
