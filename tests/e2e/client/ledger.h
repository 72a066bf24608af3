#pragma once
/// \file  Ledger: what clients sent and what they were told became of it, held against what is read
/// back.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/e2e/client/client.h"

namespace streamhouse::e2e {

struct TestTopic {
  std::string name;
  int partitions = 1;
  bool buffered = false;  ///< Acknowledged before it is durable.
};

/// What a client knows of a record that it sent once.
enum class Fate : std::uint8_t {
  kUnknown,       ///< No answer, or one that says so: it may be there.
  kRefused,       ///< Certainly never there.
  kBuffered,      ///< There, unless the agent was killed.
  kAcknowledged,  ///< There, at its offset.
};

struct Attempt {
  std::uint64_t number = 0;  ///< Of one producer, ascending in the order sent.
  Fate fate = Fate::kUnknown;
  std::string topic;
  int partition = -1;        ///< -1 = the agent chose, and did not say.
  std::int64_t offset = -1;  ///< Where it was acknowledged.
};

/// The producer that a record's number names.
constexpr std::uint64_t producer_of(std::uint64_t number) { return number >> 40; }
constexpr std::uint64_t first_number_of(std::uint64_t producer) { return producer << 40; }

/// Threading: one thread.
class Ledger {
 public:
  explicit Ledger(std::vector<TestTopic> topics) : topics_(std::move(topics)) {}

  const std::vector<TestTopic>& topics() const { return topics_; }
  /// Requires: none of them was entered before.
  void enter(const std::vector<Attempt>& attempts);

  /// Reads every partition on from where it was read to, to its end.
  void read_on(Client& client);
  /// Reads every partition from its beginning; what was read before must be there as it was (L1).
  void read_again(Client& client);
  /// Another reader saw this; it must be there now. Requires: what is there was read.
  void expect_there(const std::string& topic, int partition, const v1::ConsumedRecord& record);

  /// Every acknowledged record, and with `buffered` every one that was to be, must have been read.
  enum class Buffered : bool { kMayBeLost, kMustBeThere };
  void expect_all_read(Buffered buffered);

  std::size_t acknowledged() const { return acknowledged_; }
  std::size_t buffered() const { return buffered_; }
  std::size_t read() const { return read_; }
  /// How far a partition was read.
  std::int64_t end_of(const std::string& topic, int partition) const;
  /// What was wrong: the invariant's name and the record. Only the first few.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  using Place = std::pair<std::string, int>;  ///< Topic and partition.
  struct Known {
    Attempt attempt;
    bool seen = false;
  };

  void read_place(Client& client, const Place& place, std::int64_t from);
  void saw(const Place& place, const v1::ConsumedRecord& record);
  void check_new(const Place& place, std::int64_t offset, std::uint64_t number);
  void check_order(const Place& place, std::uint64_t number);
  void violated(const std::string& invariant, const Place& place, std::int64_t offset,
                const std::string& what);

  std::vector<TestTopic> topics_;
  std::unordered_map<std::uint64_t, Known> known_;
  std::vector<std::uint64_t> unseen_;  ///< Acknowledged or buffered, not yet found to be there.
  std::map<Place, std::vector<std::uint64_t>> history_;              ///< Record numbers by offset.
  std::map<std::pair<Place, std::uint64_t>, std::uint64_t> newest_;  ///< By place and producer.
  std::vector<std::string> violations_;
  std::size_t acknowledged_ = 0;
  std::size_t buffered_ = 0;
  std::size_t read_ = 0;
};

}  // namespace streamhouse::e2e
