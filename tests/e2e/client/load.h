#pragma once
/// \file  Load: producers of each kind, each on a connection and a thread of its own, as fast as
/// they are answered.

#include <memory>
#include <thread>

#include "tests/e2e/client/ledger.h"

namespace streamhouse::e2e {

class Producer;
struct LoadState;

struct LoadShape {
  int unary = 2;                       ///< Producers by Produce.
  int batches = 1;                     ///< Producers by ProduceBatch.
  int streams = 2;                     ///< Producers by ProduceStream.
  std::size_t records_max = 8;         ///< In a batch.
  std::size_t value_bytes_max = 2000;  ///< Small values are more frequent.
  std::size_t window = 16;             ///< Batches of a stream without an answer.
};

/// Numbers of records go on from each begin() to the next.
/// Threading: one thread calls; the producers' threads are its own.
class Load {
 public:
  Load(const std::vector<TestTopic>& topics, LoadShape shape, std::uint64_t seed);
  ~Load();

  void begin(const std::string& address);
  /// Producers finish what they are at and stop. Returns what was sent, each record once.
  std::vector<Attempt> end();
  /// Records acknowledged so far, also buffered.
  std::uint64_t acknowledged() const;
  /// Returns when more are acknowledged than are now; false after a minute without.
  bool goes_on() const;

 private:
  std::unique_ptr<LoadState> state_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::jthread> threads_;
};

}  // namespace streamhouse::e2e
