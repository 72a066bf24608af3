#include "scenario.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace streamhouse::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void disturb_database(Scenario& scenario, double scale) {
  scenario.database.refused = 0.01 * scale;
  scenario.database.throttled = 0.01 * scale;
  scenario.database.stale = 0.1 * scale;
  scenario.database.lost_reply = 0.02 * scale;
  scenario.database.late_apply = 0.01 * scale;
  scenario.database.late_copy = 0.02 * scale;
  scenario.database.stall = 0.002 * scale;
}

void disturb_store(Scenario& scenario, double scale) {
  scenario.store.refused = 0.02 * scale;
  scenario.store.throttled = 0.01 * scale;
  scenario.store.burst = 0.001 * scale;
  scenario.store.stalled = 0.005 * scale;
  scenario.store.reply_lost = 0.02 * scale;
  scenario.store.applied_late = 0.01 * scale;
  scenario.store.corrupted = 0.002 * scale;
  scenario.store.truncated = 0.002 * scale;
}

void vary(Scenario& scenario, runtime::Random& random) {
  scenario.partitions = static_cast<int>(random.between(1, 8));
  scenario.producers = static_cast<int>(random.between(4, 10));
  scenario.flush_interval = milliseconds(random.between(1, 60));
  scenario.checkpoint_interval = milliseconds(random.between(200, 4000));
  scenario.checkpoint_rows = random.between(5, 200);
  scenario.tail_bytes_max = static_cast<std::size_t>(random.between(256, 16'384));
  scenario.store_latency_max = milliseconds(random.between(1, 60));
  scenario.buffered_topic = random.chance(0.2);
  scenario.session_timeout = milliseconds(random.between(500, 6'000));  // F6
  if (random.chance(0.25)) scenario.between_clock_jumps = seconds(random.between(3, 15));
  disturb_database(scenario, random.chance(0.5) ? 0.3 : 0);
  disturb_store(scenario, random.chance(0.5) ? 0.3 : 0);
}

/// Also with graces that are over before a read is: whoever reads must notice.
void delete_objects(Scenario& scenario, runtime::Random& random) {
  scenario.upkeep_interval = milliseconds(random.between(200, 2'000));
  scenario.deletion_grace = milliseconds(random.between(200, 10'000));
}

void trim_all_the_time(Scenario& scenario, runtime::Random& random) {
  delete_objects(scenario, random);
  scenario.deletes_records = true;
  scenario.between_crashes = seconds(random.between(3, 8));
  scenario.between_pauses = seconds(random.between(5, 12));
  scenario.successor_while_paused = true;
  scenario.checkpoint_interval = milliseconds(random.between(50, 400));
  disturb_database(scenario, 1);
}

void do_everything(Scenario& scenario, runtime::Random& random) {
  delete_objects(scenario, random);
  scenario.agents = static_cast<int>(random.between(1, 3));
  scenario.idempotent_producers = 4;
  scenario.group_members = 3;
  scenario.disk = scenario.agents == 1 && random.chance(0.5);
  scenario.deletes_topics = scenario.deletes_records = scenario.releases = true;
  scenario.between_crashes = seconds(random.between(3, 10));
  scenario.between_pauses = seconds(random.between(5, 15));
  scenario.between_clock_jumps = seconds(random.between(3, 10));
  disturb_database(scenario, 1);
  disturb_store(scenario, 1);
}

void retry_everything(Scenario& scenario, runtime::Random& random) {
  scenario.idempotent_producers = 8;
  scenario.disk = random.chance(0.4);
  scenario.releases = random.chance(0.5);
  scenario.between_crashes = seconds(random.between(3, 8));
  disturb_database(scenario, 2);
  disturb_store(scenario, 1);
}

void speak_kafka(Scenario& scenario, runtime::Random& random) {
  scenario.producers = 3;
  scenario.idempotent_producers = 0;  // they choose ids that others are given
  scenario.readers = 1;
  scenario.kafka_producers = 3;
  scenario.kafka_readers = 1;
  scenario.releases = random.chance(0.5);
  scenario.between_crashes = seconds(random.between(4, 12));
  scenario.between_pauses = seconds(random.between(5, 15));
  scenario.successor_while_paused = random.chance(0.5);
  delete_objects(scenario, random);
  disturb_database(scenario, 1);
  disturb_store(scenario, 1);
  const bool groups = scenario.kind == Kind::kKafkaGroups;
  scenario.agents = static_cast<int>(random.between(1, groups ? 3 : 2));
  scenario.disk = !groups && scenario.agents == 1;
  (groups ? scenario.kafka_members : scenario.kafka_idempotent_producers) = groups ? 5 : 4;
  if (scenario.disk) {  // power is lost for all processes: none wakes up after that
    scenario.between_crashes = seconds(random.between(2, 5));
    scenario.successor_while_paused = false;
    // Often enough while a file is being written.
    scenario.producers = scenario.kafka_producers = scenario.kafka_idempotent_producers = 12;
  }
}

Kind kind_of(std::uint64_t seed) {
  if (seed < kFirstKafkaSeed) return static_cast<Kind>(seed % kKinds);
  return seed % 2 == 0 ? Kind::kKafkaProducers : Kind::kKafkaGroups;
}

void shape(Scenario& scenario, runtime::Random& random) {
  switch (scenario.kind) {
    case Kind::kRestarts:
      scenario.disk = random.chance(0.9);
      scenario.between_crashes = seconds(random.between(2, 8));
      break;
    case Kind::kUnknownOutcomes:
      scenario.between_crashes = seconds(random.between(5, 15));
      disturb_database(scenario, 3);
      break;
    case Kind::kSlowPredecessor:
      scenario.between_pauses = seconds(random.between(3, 8));
      scenario.successor_while_paused = true;
      disturb_database(scenario, 1);
      break;
    case Kind::kTwoRecoverers:
      scenario.agents = 3;
      scenario.between_crashes = seconds(random.between(3, 8));
      scenario.between_pauses = seconds(random.between(4, 12));
      disturb_database(scenario, 1);
      break;
    case Kind::kTrimming:
      trim_all_the_time(scenario, random);
      break;
    case Kind::kReacquire:
      scenario.agents = static_cast<int>(random.between(1, 2));
      scenario.releases = true;
      scenario.between_crashes = seconds(random.between(5, 12));
      disturb_database(scenario, 2);
      break;
    case Kind::kTornDisk:
      scenario.disk = true;
      scenario.between_crashes = seconds(random.between(2, 6));
      break;
    case Kind::kBrownout:
      delete_objects(scenario, random);
      scenario.between_crashes = seconds(random.between(8, 20));
      scenario.buffer_limit = static_cast<std::size_t>(random.between(2, 16)) << 10;
      scenario.database.put_refused_for_good = 0.01;
      disturb_database(scenario, 1);
      disturb_store(scenario, 5);
      break;
    case Kind::kTopicChurn:
      delete_objects(scenario, random);
      scenario.agents = static_cast<int>(random.between(1, 2));
      scenario.deletes_topics = true;
      scenario.between_crashes = seconds(random.between(5, 15));
      break;
    case Kind::kGroups:
      scenario.agents = static_cast<int>(random.between(1, 2));
      scenario.group_members = 6;
      scenario.releases = true;
      scenario.between_crashes = seconds(random.between(3, 10));
      disturb_database(scenario, 2);
      break;
    case Kind::kProducers:
      retry_everything(scenario, random);
      break;
    case Kind::kEverything:
      do_everything(scenario, random);
      break;
    case Kind::kKafkaProducers:
    case Kind::kKafkaGroups:
      speak_kafka(scenario, random);
      break;
  }
  if (scenario.disk) disturb_store(scenario, 0);  // the disk has faults of its own
}

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kRestarts:
      return "restarts";
    case Kind::kUnknownOutcomes:
      return "unknown_outcomes";
    case Kind::kSlowPredecessor:
      return "slow_predecessor";
    case Kind::kTwoRecoverers:
      return "two_recoverers";
    case Kind::kTrimming:
      return "trimming";
    case Kind::kReacquire:
      return "reacquire";
    case Kind::kTornDisk:
      return "torn_disk";
    case Kind::kBrownout:
      return "brownout";
    case Kind::kTopicChurn:
      return "topic_churn";
    case Kind::kGroups:
      return "groups";
    case Kind::kProducers:
      return "producers";
    case Kind::kEverything:
      return "everything";
    case Kind::kKafkaProducers:
      return "kafka_producers";
    case Kind::kKafkaGroups:
      return "kafka_groups";
  }
  return "?";
}

Scenario make_scenario(std::uint64_t seed) {
  runtime::Random random(seed ^ 0x5363656e6172696f);
  Scenario scenario{.kind = kind_of(seed)};
  vary(scenario, random);
  shape(scenario, random);
  const bool indexes_are_evicted = random.chance(0.5);
  if (indexes_are_evicted)
    scenario.index_bytes_max = static_cast<std::size_t>(random.between(500, 20'000));
  return scenario;
}

}  // namespace streamhouse::sim
