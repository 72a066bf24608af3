#pragma once
/// \file  Several agents with connections of their own on one table of the real server, whose calls
/// are all under way at once.

#include <gmock/gmock.h>

#include <algorithm>

#include "runtime/task_group.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"

namespace streamhouse::metadata::contract {
inline constexpr std::size_t kAgents = 4;

struct OneAgent {
  OneAgent(runtime::AsioRuntime& runtime, const std::string& name)
      : process(runtime), table(process.client, name, dynamodb::Access::kReadWrite) {}
  tests::DynamodbProcess process;
  dynamodb::Table table;
  DynamodbMetadataStore store{table};
};

inline SessionId session_of(std::size_t agent) { return SessionId(agent + 1); }

/// Keeps an answer for later.
template <class T>
Task<void> keep(Task<Result<T>> task, std::vector<Result<T>>& answers) {
  auto answer = co_await std::move(task);
  answers.push_back(std::move(answer));
}

class DynamodbAgentsTest : public ::testing::Test {
 protected:
  DynamodbAgentsTest() {
    for (std::size_t i = 0; i < kAgents; ++i)
      agents_.push_back(std::make_unique<OneAgent>(runtime_, name_));
    tests::prepare(runtime_, agents_[0]->table);
  }

  DynamodbMetadataStore& store(std::size_t agent = 0) { return agents_[agent]->store; }
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = runtime::run_task(runtime_, std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  void open(std::size_t agent) {
    must(store(agent).open_session({.id = session_of(agent),
                                    .agent = {.agent_id = "agent-" + std::to_string(agent)},
                                    .timeout_ms = 600'000}));
  }
  void open_all() {
    for (std::size_t i = 0; i < kAgents; ++i) open(i);
  }
  /// All calls at once; their answers, in the order in which they came.
  template <class T>
  std::vector<Result<T>> at_once(std::vector<Task<Result<T>>> calls) {
    std::vector<Result<T>> answers;
    runtime::TaskGroup group(runtime_);
    for (auto& call : calls) group.spawn(keep(std::move(call), answers));
    runtime_.run_until_ended(group.close());
    return answers;
  }
  /// The feed, whole; fails on a gap.
  std::vector<Change> feed() {
    const Changes changes = must(store().watch_changes(0, 100'000));
    std::int64_t version = 0;
    for (const Change& change : changes.changes) EXPECT_EQ(change.version, ++version);
    EXPECT_EQ(changes.latest, version);
    return changes.changes;
  }
  std::size_t count(ChangeKind kind) {
    const auto changes = feed();
    return static_cast<std::size_t>(std::ranges::count(changes, kind, &Change::kind));
  }

  runtime::AsioRuntime runtime_;
  const std::string name_ = tests::new_table_name();
  std::vector<std::unique_ptr<OneAgent>> agents_;
};

}  // namespace streamhouse::metadata::contract
