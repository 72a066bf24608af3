#pragma once
/// \file  Scenario: what one seed's run is like: who takes part, what goes wrong. Each kind aims at
/// rules of the protocol; its numbers are drawn from the seed. Session timeouts differ and clocks
/// jump in every kind (F6).

#include <cstdint>
#include <string_view>

#include "objectstore/wrappers/store_faults.h"
#include "runtime/random.h"
#include "sim_metadata.h"

namespace streamhouse::sim {

enum class Kind : std::uint8_t {
  kRestarts,         ///< Crashes and restarts of one agent (P1, P5, P6).
  kUnknownOutcomes,  ///< Lost replies and late copies of everything (P1, P10, P11).
  kSlowPredecessor,  ///< A process sleeps while its successor takes over, then appends on (P1, P2,
                     ///< P4, P7).
  kTwoRecoverers,    ///< Two agents take a third over at once, one of them dies (P4, P6, P8).
  kTrimming,         ///< Log start and trims move during take-over, objects are removed, leaders
                     ///< stall while others read on (P3, P13, P14, P16).
  kReacquire,   ///< Partitions are released and led again, old checkpoints stay behind (P10, P11,
                ///< P12).
  kTornDisk,    ///< Objects in a directory, power is lost (W1).
  kBrownout,    ///< The object store stalls, refuses, answers late (P9, Z1).
  kTopicChurn,  ///< Topics are deleted and created again under load (L7).
  kGroups,      ///< Consumer groups across changes of coordinator (P18, G2, G3).
  kProducers,   ///< Idempotent producers retry everything (P17, W5).
  kEverything,
  kKafkaProducers,  ///< Producers and readers that speak Kafka's protocol (W3, W5, L6, R3).
  kKafkaGroups,     ///< Consumer groups that do (G1, G2, G3, R3).
};
/// Those that seeds below kFirstKafkaSeed are of; others are of the two kinds behind them.
constexpr std::size_t kKinds = 12;
constexpr std::uint64_t kFirstKafkaSeed = 1'000'000'000;
std::string_view kind_name(Kind kind);

struct Scenario {
  Kind kind = Kind::kRestarts;
  int agents = 1;
  int partitions = 4;
  int producers = 6;
  int idempotent_producers = 2;
  int readers = 2;
  int group_members = 1;
  int kafka_producers = 0;
  int kafka_idempotent_producers = 0;
  int kafka_readers = 0;
  int kafka_members = 0;
  bool disk = false;
  bool deletes_topics = false;
  bool deletes_records = false;
  bool releases = false;
  bool buffered_topic = false;
  DatabaseFaults database;
  objectstore::FaultRates store;
  runtime::Duration store_latency_max = std::chrono::milliseconds(30);
  runtime::Duration duration = std::chrono::seconds(40);
  runtime::Duration between_crashes{0};  ///< 0 = none. Also power losses, with a disk.
  runtime::Duration between_pauses{0};   ///< 0 = none.
  runtime::Duration pause_max = std::chrono::seconds(30);
  runtime::Duration between_clock_jumps{0};  ///< 0 = none.
  bool successor_while_paused = false;       ///< A paused process is replaced at once.
  runtime::Duration session_timeout = std::chrono::seconds(3);
  runtime::Duration flush_interval = std::chrono::milliseconds(20);
  runtime::Duration checkpoint_interval = std::chrono::seconds(2);
  std::int64_t checkpoint_rows = 50;
  runtime::Duration upkeep_interval{0};  ///< 0 = nothing is deleted from the store.
  runtime::Duration deletion_grace = std::chrono::seconds(3);
  std::size_t buffer_limit = 64u << 10;
  std::size_t object_bytes_max = 8u << 10;
  std::size_t tail_bytes_max = 4u << 10;
  std::size_t index_bytes_max = 256u << 20;
};

/// The kind is seed modulo kKinds, or two; everything else is drawn.
Scenario make_scenario(std::uint64_t seed);

}  // namespace streamhouse::sim
