#pragma once
/// \file  Agents, their heartbeats, and leases: which session leads which partition.

#include <map>

#include "metadata/session_log.h"

namespace streamhouse::metadata {

struct AgentInfo {
  std::string agent_id = {};
  std::string address = {};  ///< host:port that clients and other agents reach by gRPC.
  std::string zone = {};
  std::string group = {};
  std::map<std::string, std::string> metadata = {};
  friend bool operator==(const AgentInfo&, const AgentInfo&) = default;
};

struct Agent {
  AgentInfo info = {};
  SessionId session = {};
  DatabaseMs last_heartbeat_ms = 0;
  DatabaseMs started_ms = 0;
  DatabaseMs expires_ms = 0;
};

struct NewSession {
  SessionId id = {};
  AgentInfo agent = {};
  std::int64_t timeout_ms = 0;
  /// Set when a process re-opens after it was fenced: every session that it tried to open itself.
  /// A live session of the agent id that is not among them is kConflict, and the error text names
  /// its address (rule P7).
  std::optional<std::vector<SessionId>> own_sessions = {};
};

struct HeartbeatReply {
  DatabaseMs now_ms = 0;
  DatabaseMs expires_ms = 0;
  std::vector<Partition> owned = {};  ///< With ListOwned::kYes.
};
enum class ListOwned : std::uint8_t { kNo, kYes };
enum class Liveness : std::uint8_t { kAll, kAlive };

struct AcquireRequest {
  TopicPartition key = {};
  LeaderEpoch expected_epoch = {};  ///< As read; the lease gets the next.
  Seq since_seq = {};               ///< The session's next unassigned seq.
};

struct Lease {
  TopicPartition key = {};
  SessionId session = {};
  std::string agent_id = {};
  std::string address = {};  ///< Empty unless the agent's heartbeat row names the session; so is
                             ///< expires_ms 0.
  LeaderEpoch epoch = {};
  DatabaseMs expires_ms = 0;
  DatabaseMs acquired_ms = 0;
};

class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  /// One transaction: the session's row (live), row 0 of its log, and the agent's heartbeat row,
  /// which from then on names this session. Returns its expires_ms. Errors, in this order: kInvalid
  /// (session 0, empty agent id, timeout < 1 ms); kExists if the id was ever used (open another);
  /// kConflict (see own_sessions; and before all but kInvalid while an import is not complete:
  /// kImportMark in archive.h).
  virtual Task<Result<DatabaseMs>> open_session(NewSession session) = 0;
  /// Moves expires_ms to now + timeout, both by the database's clock, also backwards. Errors:
  /// kInvalid (timeout < 1 ms); kFenced if the session is not live or the agent's heartbeat row is
  /// gone or names another.
  virtual Task<Result<HeartbeatReply>> heartbeat(SessionId session, std::int64_t timeout_ms,
                                                 ListOwned list_owned) = 0;
  /// Removes the agent's heartbeat row if it names `session`, which becomes due. Success too if
  /// there is no such row.
  virtual Task<Status> deregister_agent(std::string agent_id, SessionId session) = 0;
  /// Errors: kNotFound.
  virtual Task<Result<Agent>> get_agent(std::string agent_id) = 0;
  /// By id. kAlive: only those whose heartbeat row has not expired.
  virtual Task<Result<std::vector<Agent>>> list_agents(Liveness liveness) = 0;

  /// Rule P11, one transaction: the session live, and for each request the topic live, the
  /// partition free and its epoch as expected: owner = session, epoch + 1. An owner = session with
  /// that epoch + 1 found on a repeat is success too, whatever became of the topic. One answer per
  /// request, in order: the row as it now is, or kTopicNotFound (also for a deleting topic),
  /// kPartitionNotFound, kConflict. Errors of the whole: kFenced.
  virtual Task<Result<std::vector<Result<Partition>>>> acquire_leases(
      SessionId session, std::vector<AcquireRequest> requests) = 0;
  /// Errors: kPartitionNotFound; kNotFound if the partition is free.
  virtual Task<Result<Lease>> get_lease(TopicPartition key) = 0;
  /// Of one topic, or of all; by key; partitions without an owner are left out.
  virtual Task<Result<std::vector<Lease>>> list_leases(std::optional<model::TopicNo> topic) = 0;
};

}  // namespace streamhouse::metadata
