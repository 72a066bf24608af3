#pragma once
/// \file  AgentSession: one life of this agent in the eyes of the others. Opened at start, kept by
/// heartbeats, over at the seal.

#include <map>
#include <vector>

#include "cluster/freeze_mark.h"
#include "cluster/take_over.h"
#include "metadata/metadata_store.h"
#include "runtime/task_group.h"

namespace streamhouse::cluster {

/// Whose sessions a starting agent takes over at once.
enum class Predecessors : std::uint8_t {
  kOwnAgentId,  ///< Rule P7.
  kEveryone,    ///< This agent holds the database's file lock: nobody else can be alive.
};

struct SessionConfig {
  runtime::Duration heartbeat_interval = std::chrono::seconds(1);
  runtime::Duration session_timeout = std::chrono::seconds(6);
  Predecessors predecessors = Predecessors::kOwnAgentId;
};

/// Lifetime:  one per process; open() again after the session was fenced.
/// Threading: the core's executor.
class AgentSession {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
  };
  AgentSession(Ports ports, metadata::AgentInfo agent, SessionConfig config,
               runtime::TaskGroup& group);

  /// Opens a session under a fresh random id; retries while the database is unreachable. Errors:
  /// kConflict if another process holds this agent id (the text has its address); kStopped if the
  /// group stopped.
  runtime::Task<base::Result<model::SessionId>> open();

  /// Heartbeats until the group stops, from open() on: others take over whom they do not hear.
  /// Ends itself when the session turns out to be fenced; then lost() is set.
  runtime::Task<void> keep_alive();
  /// Every one of them, also if some are damaged: trouble(). Errors: kRegressed while a loss is
  /// declared; kStopped if the group stopped, or the session was lost; those of the stores.
  runtime::Task<base::Status> take_over_predecessors();
  /// Takes over sessions of any agent that are due, once its own heartbeats have succeeded for a
  /// full session timeout (rule P8). Runs until the group stops or the session is lost.
  runtime::Task<void> watch_others();

  model::SessionId id() const { return id_; }
  bool lost() const { return lost_; }
  /// Anybody who learns that the session is fenced says so here; every loop of this session ends.
  void set_lost();
  /// The database lost what it had acknowledged: the session is over and no other is opened. To be
  /// declared, too.
  void freeze(base::Error why);
  const std::optional<base::Error>& frozen() const { return frozen_; }
  /// This session owns the partition and cannot lead it: its row is damaged. The others are served.
  void leave_unled(model::TopicPartition key, base::Error why);
  /// kCorrupt of a session that could not be taken over as a whole, which is tried again every
  /// kDamagedRetry, or of a partition left unled.
  std::optional<base::Error> trouble() const;
  /// Tells every agent, and every later process, that the database has lost what it had
  /// acknowledged. Returns once that is written. Errors: kUnavailable and the like if the group
  /// stopped before.
  runtime::Task<base::Status> declare_loss(std::string why);
  /// Errors: kRegressed if anybody has declared a loss; those of the store.
  runtime::Task<base::Status> check_no_loss() { return mark_.check(); }
  static constexpr runtime::Duration kDamagedRetry = std::chrono::minutes(1);
  /// Notified by set_lost() and after each heartbeat.
  runtime::Signal& changed() { return changed_; }
  /// When the newest successful heartbeat was sent.
  runtime::MonoTime last_heartbeat() const { return last_heartbeat_; }
  /// Rule P14: true once a heartbeat that began after this call has succeeded: what this agent
  /// believed to lead at the time of the call, it did lead. False if the session is lost, or
  /// nothing is known after `patience`.
  runtime::Task<bool> confirm(runtime::Duration patience);

 private:
  runtime::Task<base::Result<model::SessionId>> open_new();
  runtime::Task<base::Status> take_over_due(std::optional<std::string> agent_id);
  enum class Whose : std::uint8_t { kOwn, kOthers };
  runtime::Task<base::Status> take_over(model::SessionId session, Whose whose);
  bool is_steady() const;
  runtime::Task<bool> pause(runtime::Duration duration);

  Ports ports_;
  metadata::AgentInfo agent_;
  SessionConfig config_;
  runtime::TaskGroup& group_;
  FreezeMark mark_;
  TakeOver take_over_;
  model::SessionId id_;
  std::vector<model::SessionId> opened_;  ///< Every session that this process opened or tried to.
  bool reopening_ = false;
  bool lost_ = true;
  std::optional<base::Error> frozen_;
  struct Damaged {
    base::Error why;
    runtime::MonoTime due;
  };
  std::map<model::SessionId, Damaged> damaged_;
  std::map<model::TopicPartition, base::Error> unled_;  ///< Of the present session.
  runtime::MonoTime last_heartbeat_{};
  runtime::MonoTime steady_since_{};  ///< Heartbeats have succeeded without a gap since then.
  runtime::Signal changed_;
};

}  // namespace streamhouse::cluster
