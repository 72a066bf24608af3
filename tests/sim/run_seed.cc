#include "run_seed.h"

#include <algorithm>
#include <chrono>

#include "actors.h"
#include "base/crc32c.h"
#include "checker/rebuild_check.h"
#include "kafka_clients/kafka_actors.h"
#include "metadata/memory/memory_invariants.h"

namespace streamhouse::sim {
namespace {

using std::chrono::seconds;

/// After the faults have stopped everything must be done within this virtual time.
constexpr auto kRecoveryMax = seconds(300);

class Run {
 public:
  explicit Run(std::uint64_t seed)
      : world_(seed), actors_(world_, promises_), kafka_(world_, promises_, actors_) {}

  SeedReport run() {
    start_agents();
    const bool begun = setup();
    if (begun) {
      start_actors();
      run_with_faults();
      finish();
    }
    return report();
  }

 private:
  void run_with_faults() {
    const runtime::Duration end = world_.scheduler().elapsed() + world_.scenario().duration;
    world_.scheduler().run_until(watched([] { return false; }), {.time = end});
  }

  bool violated() { return !world_.violations().empty(); }

  /// The predicate, asked before every step of the run, with what must hold at every step (Z1). At
  /// the first violation the run is over: what comes after it follows from it, or never ends.
  std::function<bool()> watched(std::function<bool()> done) {
    return [this, done = std::move(done)] {
      world_.check_memory();
      return violated() || done();
    };
  }

  void start_agents() {
    for (int i = 0; i < world_.scenario().agents; ++i) world_.start_process(i);
  }

  bool until(const std::string& what, const std::function<bool()>& done,
             const std::string& invariant = "V1") {
    const runtime::Duration limit = world_.scheduler().elapsed() + kRecoveryMax;
    const runtime::RunEnd end = world_.scheduler().run_until(watched(done), {.time = limit});
    if (violated()) return false;
    if (end == runtime::RunEnd::kDone) return true;
    std::string why = what + " did not happen\n" + world_.scheduler().report();
    for (const auto& [key, row] : world_.database().tables().partitions) {
      if (key.topic.value() > 1) {
        why += to_string(key) + " owner " + to_string(row.owner) + " epoch " +
               std::to_string(row.epoch.value()) + "\n";
      }
    }
    for (const auto& [id, session] : world_.database().tables().sessions) {
      why += to_string(id) + " state " + std::to_string(static_cast<int>(session.session.state)) +
             " newest " + std::to_string(session.newest().value()) + "\n";
    }
    for (Process* process : world_.up()) {
      why += process->runtime().name() + " session " + to_string(process->core().session_id()) +
             (process->core().ready() ? " ready" : " not ready") + " buffered " +
             std::to_string(process->core().budget().used());
      if (const auto trouble = process->core().take_over_trouble())
        why += " trouble: " + to_string(*trouble);
      why += "\n";
    }
    for (int i = 0; i < world_.scenario().agents; ++i) {
      const auto& ended = world_.newest(i).ended();
      if (ended)
        why += "agent " + std::to_string(i) +
               " has ended: " + (*ended ? "in good order" : to_string(ended->error())) + "\n";
    }
    world_.violations().add(invariant, why);
    return false;
  }

  bool setup() {
    promises_.topics = {"fixed"};
    if (world_.scenario().buffered_topic) promises_.topics.push_back("buffered");
    actors_.start(create_topics());
    return until("creation of the first topics", [this] { return actors_.running() == 0; });
  }

  runtime::Task<void> create_topics() {
    for (const std::string& name : promises_.topics) {
      service::TopicSpec spec{.name = name, .partition_count = world_.scenario().partitions};
      if (name == "buffered") spec.config["streamhouse.ack"] = "buffered";
      while (true) {
        const CoreCall<cluster::TopicPtr> call = [spec](agent::AgentCore& core) {
          return core.topic_service().create(spec);
        };
        const auto created = co_await world_.ask<cluster::TopicPtr>(call, seconds(10));
        if (created || created.error().code == base::Errc::kTopicExists) break;
        co_await world_.client().sleep(std::chrono::milliseconds(200));
        restart_the_dead();
      }
    }
  }

  void restart_the_dead() {
    for (int i = 0; i < world_.scenario().agents; ++i) {
      if (!world_.newest(i).is_up()) world_.start_process(i);
    }
  }

  void start_actors() {
    const Scenario& scenario = world_.scenario();
    for (int i = 0; i < scenario.producers; ++i) actors_.start(actors_.produce(i));
    for (int i = 0; i < scenario.idempotent_producers; ++i) {
      actors_.start(actors_.produce_idempotent(i));
    }
    for (int i = 0; i < scenario.readers; ++i) actors_.start(actors_.read(i));
    for (int i = 0; i < scenario.group_members; ++i) actors_.start(actors_.commit_offsets(i));
    kafka_.start();
    actors_.start(actors_.administer());
    actors_.start(actors_.trouble());
  }

  void finish() {
    actors_.stop();
    world_.stop_faults();
    if (!until("end of the clients", [this] { return actors_.running() == 0; })) return;
    restart_the_dead();
    actors_.start(last_produces());
    if (!until("a produce to every partition", [this] { return actors_.running() == 0; })) return;
    actors_.start(last_reads());
    if (!until("a last read of everything", [this] { return actors_.running() == 0; })) return;
    check_promises();
    if (!wait_for_deletion()) return;
    if (!wait_for_rebuild_objects()) return;
    stop_agents();
    check_tables();
    check_rebuild();
  }

  /// S7: what nobody needs is gone, and forgotten.
  bool wait_for_deletion() {
    if (world_.scenario().upkeep_interval == runtime::Duration(0)) return true;
    runtime::Duration look_at = world_.scheduler().elapsed();
    const auto is_gone = [this, look_at]() mutable {
      if (world_.scheduler().elapsed() < look_at) return false;
      look_at = world_.scheduler().elapsed() + seconds(1);
      const auto is_dead = [](const auto& object) {
        return object.second.row.state == metadata::ObjectState::kDead;
      };
      return std::ranges::none_of(world_.database().tables().objects, is_dead) &&
             world_.garbage().empty();
    };
    return until("removal of all garbage", is_gone, "S7");
  }

  /// S8: the object store has what a rebuild needs.
  bool wait_for_rebuild_objects() {
    runtime::Duration look_at = world_.scheduler().elapsed();
    const auto is_ready = [this, look_at]() mutable {
      if (world_.scheduler().elapsed() < look_at) return false;
      look_at = world_.scheduler().elapsed() + seconds(1);
      return world_.is_ready_for_rebuild();
    };
    return until("every topic and group in the object store", is_ready, "S8");
  }

  runtime::Task<void> last_produces() {
    for (int i = 0; i < world_.scenario().partitions; ++i) {
      while (true) {
        Actors::Batch batch{.topic = "fixed",
                            .partition = model::PartitionIndex(i),
                            .records = {promises_.next_record++}};
        const auto answer = co_await actors_.send(std::move(batch), seconds(15));
        if (answer) break;
        co_await world_.client().sleep(std::chrono::milliseconds(500));
      }
    }
  }

  /// Reads every partition of every topic from its log start and compares with what is committed
  /// (W2, R2).
  runtime::Task<void> last_reads() {
    const metadata::MemoryTables tables = world_.database().tables();
    for (const auto& [no, topic] : tables.topics) {
      if (topic.state != metadata::TopicState::kLive || topic.kind != metadata::TopicKind::kUser)
        continue;
      for (int i = 0; i < topic.partition_count; ++i) {
        co_await read_to_end(topic.name, {no, model::PartitionIndex(i)});
      }
    }
  }

  /// A deletion whose caller no longer waits for it may be carried out at any time.
  bool is_live(model::TopicNo no) {
    const auto& topics = world_.database().tables().topics;
    const auto found = topics.find(no);
    return found != topics.end() && found->second.state == metadata::TopicState::kLive;
  }

  runtime::Task<void> read_to_end(std::string topic, model::TopicPartition key) {
    const model::Offset end = world_.truth().end(key);
    model::Offset offset = world_.truth().log_start(key);
    int failures = 0;
    while (offset < end && is_live(key.topic)) {
      const CoreCall<fetch::Fetched> call = [topic, key, offset](agent::AgentCore& core) {
        return core.fetch().fetch(topic, key.partition, offset, 1u << 16, runtime::Duration(0));
      };
      const auto fetched = co_await world_.ask<fetch::Fetched>(call, seconds(20));
      if (!fetched || fetched->batches.empty()) {
        if (++failures == 100) {
          world_.violations().add(
              "W2", "partition " + to_string(key) + " offset " + std::to_string(offset.value()) +
                        " cannot be read: " + (fetched ? "empty" : to_string(fetched.error())));
          co_return;
        }
        co_await world_.client().sleep(std::chrono::milliseconds(200));
        continue;
      }
      for (const base::Bytes& bytes : fetched->batches) {
        const auto batch = model::RecordBatchView::front_of(bytes);
        const auto ids = record_ids(bytes);
        if (!batch || !ids || batch->next_offset() <= offset) {
          world_.violations().add("R5", "the last read got a batch that is none");
          co_return;
        }
        world_.truth().read(key, batch->base_offset(), *ids);
        offset = batch->next_offset();
      }
    }
  }

  void check_promises() {
    for (const auto& [record, key] : promises_.refused) {
      const auto offset = world_.truth().find(key, record);
      if (offset) {
        world_.violations().add("W3", "record " + std::to_string(record) +
                                          " was definitely refused and is at partition " +
                                          to_string(key) + " offset " +
                                          std::to_string(offset->value()));
      }
    }
    for (const Promises::Acked& acked : promises_.acked) {
      if (world_.truth().at(acked.key, acked.offset) != acked.record) {
        world_.violations().add("W2", "record " + std::to_string(acked.record) + " is gone");
      }
    }
  }

  void stop_agents() {
    for (Process* process : world_.up()) {
      const auto done = std::make_shared<std::optional<base::Status>>();
      process->runtime().post(
          [process, done] { process->runtime().spawn(stop_one(*process, done)); });
      if (!until("an orderly stop", [done] { return done->has_value(); })) return;
      if (!**done) world_.violations().add("V1", "stop: " + to_string((*done)->error()));
      const std::size_t used = process->core().budget().used();
      if (used > 0) {
        world_.violations().add("Z1", std::to_string(used) + " buffered bytes were never released");
      }
    }
  }

  static runtime::Task<void> stop_one(Process& process,
                                      std::shared_ptr<std::optional<base::Status>> done) {
    const runtime::MonoTime deadline = process.runtime().now() + seconds(60);
    *done = co_await process.core().stop(deadline);
  }

  void check_tables() {
    const metadata::MemoryTables& tables = world_.database().tables();
    world_.truth().observe(tables);
    for (const auto& violation : metadata::check_invariants(tables))
      world_.violations().add(violation.name, violation.detail);
    for (const auto& violation : metadata::check_tiling(tables))
      world_.violations().add(violation.name, violation.detail);
  }

  /// S8: the object store alone gives it all back.
  void check_rebuild() {
    actors_.start(rebuild_.run(world_.stored_objects()));
    until("a rebuild", [this] { return actors_.running() == 0; });
  }

  SeedReport report() {
    world_.collect_faults();
    SeedReport report{.seed = 0,
                      .kind = world_.scenario().kind,
                      .violations = world_.violations().list(),
                      .faults = world_.faults(),
                      .acked = promises_.acked.size(),
                      .read = promises_.read,
                      .commits = world_.truth().commits(),
                      .group_commits = promises_.group_commits,
                      .trace = world_.trace()};
    report.digest = world_.scheduler().digest() ^ base::crc32c(base::as_bytes(report.trace));
    return report;
  }

  Promises promises_;
  World world_;
  Actors actors_;
  KafkaActors kafka_;
  RebuildCheck rebuild_{world_.database().tables(), world_.truth(), world_.violations()};
};

}  // namespace

SeedReport run_seed(std::uint64_t seed) {
  SeedReport report = Run(seed).run();
  report.seed = seed;
  return report;
}

}  // namespace streamhouse::sim
