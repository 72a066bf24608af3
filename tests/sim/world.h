#pragma once
/// \file  World: everything of one simulated run that outlives its processes: the stores, the
/// network's faults, the truth, and the processes themselves.

#include <memory>
#include <string>
#include <vector>

#include "objectstore/directory/directory_store.h"
#include "objectstore/memory_object_store.h"
#include "objectstore/simulation/sim_file_system.h"
#include "process.h"
#include "remote_call.h"
#include "runtime/sim/sim_blocking_pool.h"
#include "runtime/sim/sim_scheduler.h"
#include "scenario.h"

namespace streamhouse::sim {

/// Threading: one thread; the same seed gives the same run.
class World {
 public:
  explicit World(std::uint64_t seed) : World(seed, make_scenario(seed)) {}
  World(std::uint64_t seed, Scenario scenario);
  ~World();

  const Scenario& scenario() const { return scenario_; }
  runtime::SimScheduler& scheduler() { return scheduler_; }
  runtime::SimRuntime& client() { return client_; }
  runtime::Random& random() { return client_.random(); }
  Truth& truth() { return truth_; }
  Violations& violations() { return violations_; }
  FaultLog& faults() { return faults_; }
  metadata::MemoryMetadata& database() { return tables_; }

  /// Line of the trace: virtual time and text.
  void note(const std::string& text);
  const std::string& trace() const { return trace_; }

  /// Starts a process under an agent id; an earlier one of that id may still be alive.
  Process& start_process(int agent);
  /// Newest process of each agent id.
  Process& newest(int agent) { return *newest_.at(static_cast<std::size_t>(agent)); }
  /// Every process that is up, newest last.
  std::vector<Process*> up() const;
  /// Kills the newest process of an agent; with a disk, power goes with it.
  void crash(int agent);
  /// Z1: of what every agent holds in memory for producers and for readers of its tails. Cheap
  /// enough for every step.
  void check_memory();
  /// What the database's standby has at this moment.
  struct Standby {
    metadata::MemoryTables tables;
    Truth truth;
  };
  Standby standby() const { return {tables_.tables(), truth_}; }
  /// It becomes the database: what was committed since then never was.
  void fail_over(const Standby& standby);
  bool has_lost_commits() const { return has_lost_commits_; }
  /// From now on nothing goes wrong any more.
  void stop_faults();
  /// Adds what the stores counted themselves to the fault log. Once, at the end.
  void collect_faults();

  /// Asks agents in turn until one does not answer not_leader; remembers who answered last.
  template <class T>
  runtime::Task<base::Result<T>> ask(CoreCall<T> call, runtime::Duration timeout) {
    base::Error last{base::Errc::kUnavailable, "no agent is up"};
    const std::vector<Process*> processes = up();
    const std::size_t first = processes.empty() ? 0 : random().below(processes.size());
    for (std::size_t i = 0; i < processes.size(); ++i) {
      Process& process = *processes[(first + i) % processes.size()];
      auto answer = co_await remote_call<T>(client_, process, timeout, call);
      if (answer) co_return answer;
      last = answer.error();
      if (last.code != base::Errc::kNotLeader && last.code != base::Errc::kUnavailable) break;
    }
    co_return last;
  }

  /// What a loss of power would leave, or the store has: for the truth and the last look.
  std::optional<base::Bytes> stored_object(const std::string& key);
  /// A stored object that should be gone by the end (S7), or empty.
  std::string garbage();
  /// Whether the object store has every topic and every group as the database has them (S8).
  bool is_ready_for_rebuild();
  std::map<std::string, base::Bytes> stored_objects();

 private:
  struct Disk;
  agent::CoreConfig core_config(int agent) const;
  objectstore::ObjectStore& store_for(runtime::SimRuntime& runtime);
  Process& process_of(const runtime::SimRuntime& runtime);
  /// A crash, counted by what it leaves in the store.
  void kill(Process& process);
  objectstore::DirectoryStore& disk_view();
  /// Of all stored objects, in byte order.
  std::vector<std::string> stored_keys();

  const Scenario scenario_;
  runtime::SimScheduler scheduler_;
  runtime::SimRuntime& carrier_;
  runtime::SimRuntime& client_;
  Violations violations_;
  FaultLog faults_;
  metadata::MemoryMetadata tables_;
  objectstore::MemoryObjectStore memory_store_;
  std::unique_ptr<Disk> disk_;
  objectstore::StoreFaults store_faults_;
  Truth truth_;
  Database database_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Process*> newest_;
  bool faults_stopped_ = false;
  bool has_lost_commits_ = false;
  bool memory_was_exceeded_ = false;
  std::string trace_;
};

}  // namespace streamhouse::sim
