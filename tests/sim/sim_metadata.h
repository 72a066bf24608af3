#pragma once
/// \file  SimMetadata: one process's connection to the simulated database. Calls take time, fail
/// before or after they were applied, and are applied late; after each application the truth is
/// looked at.

#include <set>

#include "checker/group_writes.h"
#include "checker/heartbeat_record.h"
#include "checker/truth.h"
#include "fault_log.h"
#include "metadata/memory/memory_metadata.h"
#include "metadata/metadata_store_adapter.h"
#include "runtime/runtime.h"

namespace streamhouse::sim {

/// Probabilities per call.
struct DatabaseFaults {
  double refused = 0;               ///< kUnavailable, not applied: also a transaction given up.
  double throttled = 0;             ///< kThrottled, not applied.
  double stale = 0;                 ///< A read that may be is answered by a replica.
  double lost_reply = 0;            ///< Applied; kUnknownOutcome.
  double late_apply = 0;            ///< kUnknownOutcome now, applied later.
  double late_copy = 0;             ///< Answered, and applied a second time later.
  double put_refused_for_good = 0;  ///< The object store will never take this object.
  double stall = 0;                 ///< Takes up to stall_max.
  runtime::Duration stall_max = std::chrono::seconds(20);
  runtime::Duration latency_max = std::chrono::milliseconds(4);
  runtime::Duration late_max = std::chrono::seconds(30);
  runtime::Duration stale_max = std::chrono::seconds(3);
};

/// The database with its clock, shared by all processes.
/// Threading: the scheduler's thread.
struct Database {
  metadata::MemoryMetadata& tables;
  Truth& truth;
  Violations& violations;
  FaultLog& faults;
  runtime::Runtime& carrier;  ///< Carries late copies after their senders died.
  DatabaseFaults rates;
  bool held = false;  ///< No call is answered while it is set.
  runtime::Duration deletion_grace{0};
  runtime::Duration session_timeout{0};
  std::optional<metadata::MemoryMetadata> copy = {};
  runtime::MonoTime copied_at{};

  template <class Call>
  auto apply(metadata::Operation operation, Call& call) {
    auto result = call(tables);
    if (changes_tables(operation)) truth.observe(tables.tables());
    return result;
  }
  /// What a replica has: stale_max behind at most.
  metadata::MemoryMetadata& replica();
  /// An agent is about to remove an object from the store.
  void removing(const std::string& key);
  static bool changes_tables(metadata::Operation operation);
  /// Whether the model of the protocol lets a copy of it come late: those that the rules are made
  /// for.
  static bool may_come_late(metadata::Operation operation);
  /// Whether its answer is a hint: nothing is decided by it that the database does not check.
  static bool may_be_stale(metadata::Operation operation);
};

class SimMetadata final : public metadata::MetadataStoreAdapter<SimMetadata> {
 public:
  SimMetadata(Database& database, runtime::Runtime& runtime, std::string agent_id)
      : database_(database),
        runtime_(runtime),
        agent_id_(std::move(agent_id)),
        heartbeats_(database.session_timeout) {}

  /// P7: a process opens another session only if no other process holds its agent id.
  runtime::Task<base::Result<metadata::DatabaseMs>> open_session(
      metadata::NewSession wanted) override;
  /// P8: only predecessors of its own are sealed by a process that was not steady yet.
  runtime::Task<base::Result<model::Seq>> seal_session(model::SessionId session) override;
  using Acquired = base::Result<std::vector<base::Result<metadata::Partition>>>;
  /// P11: what is acquired is as the acquirer had read it, whenever the write arrives.
  runtime::Task<Acquired> acquire_leases(model::SessionId session,
                                         std::vector<metadata::AcquireRequest> requests) override;
  /// G2, in both: whenever the write arrives.
  runtime::Task<base::Status> save_group(metadata::ShardGuard guard,
                                         metadata::Group group) override;
  runtime::Task<base::Status> commit_offsets(
      metadata::ShardGuard guard, std::string group_id, std::int64_t commit_no,
      std::vector<metadata::CommittedOffset> offsets) override;

  template <class Call>
  runtime::Task<std::invoke_result_t<Call&, metadata::MemoryMetadata&>> perform(
      metadata::Operation operation, Call call) {
    using Answer = std::invoke_result_t<Call&, metadata::MemoryMetadata&>;
    const bool write = Database::changes_tables(operation);
    runtime::Random& random = database_.carrier.random();
    const runtime::MonoTime sent = runtime_.now();
    co_await travel();
    if (random.chance(database_.rates.refused)) {
      database_.faults.count(Fault::kDatabaseRefused);
      co_return Answer(base::Errc::kUnavailable, "simulated: the database is not reachable");
    }
    if (random.chance(database_.rates.throttled)) {
      database_.faults.count(Fault::kDatabaseThrottled);
      co_return Answer(base::Errc::kThrottled, "simulated: the database is throttled");
    }
    if (Database::may_be_stale(operation) && random.chance(database_.rates.stale)) {
      database_.faults.count(Fault::kStaleRead);
      Answer stale = call(database_.replica());
      co_await travel();
      co_return stale;
    }
    if (write && Database::may_come_late(operation) && random.chance(database_.rates.late_apply)) {
      send_late(operation, call);
      note_unknown(operation);
      co_return Answer(base::Errc::kUnknownOutcome, "simulated: no answer");
    }
    Answer answer = database_.apply(operation, call);
    if (Database::may_come_late(operation) && random.chance(database_.rates.late_copy)) {
      send_late(operation, call);
    }
    co_await travel();
    if (write && random.chance(database_.rates.lost_reply)) {
      database_.faults.count(Fault::kLostReply);
      note_unknown(operation);
      co_return Answer(base::Errc::kUnknownOutcome, "simulated: the answer was lost");
    }
    if (answer && operation == metadata::Operation::kOpenSession) {
      had_session_ = true;
      heartbeats_.opened(runtime_.now());
    }
    if (answer && operation == metadata::Operation::kHeartbeat) heartbeats_.succeeded(sent);
    co_return answer;
  }

 private:
  /// One way of a call.
  runtime::Task<void> travel();
  void note_unknown(metadata::Operation operation) {
    if (operation == metadata::Operation::kAppend) database_.faults.count(Fault::kUnknownCommit);
  }
  template <class Call>
  void send_late(metadata::Operation operation, Call call) {
    database_.faults.count(Fault::kLateApply);
    const runtime::Duration delay(
        database_.carrier.random().between(1, database_.rates.late_max.count()));
    database_.carrier.schedule(database_.carrier.now() + delay, [&database = database_, operation,
                                                                 call = std::move(call)]() mutable {
      [[maybe_unused]] const auto ignored = database.apply(operation, call);
    });
  }

  Database& database_;
  runtime::Runtime& runtime_;
  const std::string agent_id_;
  std::set<model::SessionId> tried_;  ///< Sessions that this process opened or tried to.
  bool had_session_ = false;          ///< It knew one of them to be open.
  HeartbeatRecord heartbeats_;
};

}  // namespace streamhouse::sim
