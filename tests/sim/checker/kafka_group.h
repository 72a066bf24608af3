#pragma once
/// \file  KafkaGroup: what the members of one Kafka group were told, compared with what may be true
/// (G1, G2, G3).

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "violations.h"

namespace streamhouse::sim {

/// Partitions are numbers of one topic. Threading: one thread.
class KafkaGroup {
 public:
  explicit KafkaGroup(Violations& violations) : violations_(violations) {}

  /// A member heard that a partition is its own in a generation (G1: nobody else's).
  void assigned(std::int32_t generation, const std::string& member, std::int32_t partition);

  /// A member is about to commit; names the attempt for what it is answered.
  std::size_t committing(std::int32_t generation, std::int32_t partition, std::int64_t offset);
  void committed(std::int32_t partition, std::size_t attempt);
  /// Definitely not made (G2: it never shows).
  void refused(std::int32_t partition, std::size_t attempt);

  /// Before the committed offset is asked for: what is acknowledged by then.
  std::size_t acknowledged(std::int32_t partition) { return logs_[partition].newest_acked; }
  /// What was answered to a question that began with `acknowledged` (G3); -1: nothing is committed.
  void told(std::int32_t partition, std::size_t acknowledged, std::int64_t offset);

 private:
  enum class Fate : std::uint8_t { kUnknown, kAcked, kRefused };
  struct Attempt {
    std::int32_t generation = -1;
    std::int64_t offset = -1;
    Fate fate = Fate::kAcked;
  };
  /// Attempt 0 stands for nothing committed.
  struct Log {
    std::vector<Attempt> attempts = {Attempt{}};
    std::size_t newest_acked = 0;
  };

  Violations& violations_;
  std::map<std::pair<std::int32_t, std::int32_t>, std::string> owners_;
  std::map<std::int32_t, Log> logs_;
};

}  // namespace streamhouse::sim
