#include "kafka_group.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace streamhouse::sim {

void KafkaGroup::assigned(std::int32_t generation, const std::string& member,
                          std::int32_t partition) {
  const auto [owner, first] = owners_.try_emplace({generation, partition}, member);
  if (first || owner->second == member) return;
  violations_.add("G1", "partition " + std::to_string(partition) + " in generation " +
                            std::to_string(generation) + " is owned by " + owner->second + " and " +
                            member);
}

std::size_t KafkaGroup::committing(std::int32_t generation, std::int32_t partition,
                                   std::int64_t offset) {
  auto& attempts = logs_[partition].attempts;
  attempts.push_back({.generation = generation, .offset = offset, .fate = Fate::kUnknown});
  return attempts.size() - 1;
}

/// Whoever has a generation to commit in heard of it when all coordinators knew: who begins to
/// commit in an earlier one after that is refused.
void KafkaGroup::committed(std::int32_t partition, std::size_t attempt) {
  Log& log = logs_[partition];
  Attempt& made = log.attempts[attempt];
  made.fate = Fate::kAcked;
  const auto before = log.attempts.begin() + static_cast<std::ptrdiff_t>(attempt);
  const auto newer = std::find_if(log.attempts.begin(), before, [&](const Attempt& other) {
    return other.generation > made.generation;
  });
  if (newer != before)
    violations_.add("G2", "a commit of generation " + std::to_string(made.generation) +
                              " was taken after one of " + std::to_string(newer->generation) +
                              " had begun");
  log.newest_acked = std::max(log.newest_acked, attempt);
}

void KafkaGroup::refused(std::int32_t partition, std::size_t attempt) {
  logs_[partition].attempts[attempt].fate = Fate::kRefused;
}

/// Of what was attempted since, anything that was not refused may be true by now, but for commits
/// of members that an acknowledged one shows to be gone.
void KafkaGroup::told(std::int32_t partition, std::size_t acknowledged, std::int64_t offset) {
  const std::vector<Attempt>& attempts = logs_[partition].attempts;
  const Attempt& known = attempts[acknowledged];
  const auto may_be_true = [&](const Attempt& attempt) {
    return attempt.offset == offset && attempt.fate != Fate::kRefused &&
           attempt.generation >= known.generation;
  };
  const auto since = attempts.begin() + static_cast<std::ptrdiff_t>(acknowledged);
  if (std::any_of(since, attempts.end(), may_be_true)) return;
  violations_.add("G3", "partition " + std::to_string(partition) + ": offset " +
                            std::to_string(known.offset) + " of generation " +
                            std::to_string(known.generation) + " was acknowledged, " +
                            std::to_string(offset) + " is answered");
}

}  // namespace streamhouse::sim
