#pragma once
/// \file  The names of things: topics, partitions, offsets, sessions, producers. Immutable values.

#include <array>
#include <compare>
#include <cstdint>
#include <ostream>
#include <string>

#include "base/strong.h"

namespace streamhouse::model {

/// Dense number of a topic inside one cluster, never used twice; 0 = none.
using TopicNo = base::Id<struct TopicNoTag, std::uint32_t>;
/// Partition index within its topic, 0-based.
using PartitionIndex = base::Id<struct PartitionIndexTag, std::int32_t>;
/// Position of a record in its partition, from 0.
using Offset = base::Position<struct OffsetTag, std::int64_t>;
/// Raised at each change of a partition's owner; 0 before the first.
using LeaderEpoch = base::Id<struct LeaderEpochTag, std::int32_t>;
/// One life of an agent process: random, never 0, never used twice.
using SessionId = base::Id<struct SessionIdTag, std::uint64_t>;
/// Row number in a session's log; row 0 is the open row.
using Seq = base::Position<struct SeqTag, std::int64_t>;
using ProducerId = base::Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = base::Id<struct ProducerEpochTag, std::int16_t>;

constexpr SessionId kNoSession{0};
constexpr ProducerId kNoProducer{-1};

/// Public 128-bit identity of a topic (a version 4 UUID); a re-created topic has another.
struct TopicId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const TopicId&) const = default;
};
/// `01234567-89ab-...`: the 8-4-4-4-12 form, lower case.
std::string to_string(const TopicId& id);

/// A partition as the inside of the system names it.
struct TopicPartition {
  TopicNo topic;
  PartitionIndex partition;
  auto operator<=>(const TopicPartition&) const = default;
};
std::string to_string(const TopicPartition& key);
std::ostream& operator<<(std::ostream& out, const TopicPartition& key);

/// Half-open run of offsets [base, next).
struct OffsetRange {
  Offset base;
  Offset next;
  std::int64_t size() const { return next - base; }
  bool contains(Offset offset) const { return base <= offset && offset < next; }
  auto operator<=>(const OffsetRange&) const = default;
};

/// Sixteen hex digits, as in object keys and the ready line.
std::string to_string(SessionId session);

}  // namespace streamhouse::model

template <>
struct std::hash<streamhouse::model::TopicPartition> {
  std::size_t operator()(const streamhouse::model::TopicPartition& key) const noexcept {
    const auto topic = std::uint64_t{key.topic.value()};
    const auto partition = static_cast<std::uint32_t>(key.partition.value());
    return (topic << 32 | partition) * 0x9e3779b97f4a7c15u >> 7;
  }
};
