#pragma once
/// \file  Which batches are on their way, to whom, and what may be sent again. Pure: time comes in
/// as an argument, sending is left to ProducePipeline.

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "cli/produce/produce_summary.h"
#include "cli/produce/record_batcher.h"

namespace streamhouse::cli {

/// Sends in the order of submission, so that a partition's records keep theirs. Only a batch that
/// was answered not_leader, which is a definite refusal, is sent a second time: nothing more leaves
/// until everything on its way is answered, then a new round begins on new streams, with the
/// leaders that were named. Any other failure is final, and nothing more leaves.
class ProduceWindow {
 public:
  using TimePoint = std::chrono::system_clock::time_point;
  struct Limits {
    std::size_t batches = 32;
    std::size_t bytes = 16 << 20;
    std::chrono::milliseconds patience{30'000};  ///< Longest search for a leader without an answer.
    std::chrono::milliseconds leader_pause{100};  ///< Before the first server is asked again.
  };
  struct Send {
    std::int64_t sequence;
    std::string address;
    const v1::ProduceBatchRequest* batch;  ///< Until this batch is answered.
  };

  /// `server`: who is asked first about every partition.
  ProduceWindow(std::string server, std::string topic, Limits limits);

  /// Requires: !full().
  void submit(Batch batch);
  bool full() const { return entries_.size() >= limits_.batches || bytes_ >= limits_.bytes; }
  bool empty() const { return entries_.empty(); }
  /// Batches sent and not answered.
  std::size_t in_flight() const { return in_flight_; }

  /// The next batch that may leave now, to an address not in `busy`; it counts as sent.
  std::optional<Send> next(const std::set<std::string>& busy, TimePoint now);
  /// Streams of an earlier round are to be closed: on them a partition stays refused.
  std::int64_t round() const { return round_; }
  /// When next() may have more to say although no answer came.
  std::optional<TimePoint> resume_at() const { return resume_at_; }

  /// Whether that batch is on its way to `address`; only then it can be answered.
  bool awaits(std::int64_t sequence, const std::string& address) const;
  void acknowledged(std::int64_t sequence, std::int64_t base_offset);
  void refused(std::int64_t sequence, base::Error error, TimePoint now);
  /// No answer will come any more from `address`: what was sent there has an unknown outcome.
  void lost(const std::string& address, const base::Error& error);

  /// Why nothing more leaves; says what became of the records.
  std::optional<base::Error> failure() const;
  const ProduceSummary& summary() const { return summary_; }

 private:
  struct Entry {
    std::int64_t sequence;
    Batch batch;
    std::string sent_to;  ///< Empty = waits.
  };

  const std::string& route(const Entry& entry) const;
  Entry& entry_of(std::int64_t sequence);
  void erase(std::int64_t sequence);
  void fail(const Entry& entry, base::Error error);
  void begin_round_if_settled(TimePoint now);

  std::string server_;
  Limits limits_;
  std::list<Entry> entries_;  ///< By sequence: the order of submission.
  std::size_t bytes_ = 0;
  std::size_t in_flight_ = 0;
  std::int64_t next_sequence_ = 0;

  std::map<std::int32_t, std::string> leaders_;  ///< By partition, where it is not server_.
  bool settling_ = false;
  bool leader_unknown_ = false;  ///< Of some partition refused in this round.
  std::int64_t round_ = 0;
  std::optional<TimePoint> resume_at_;
  std::optional<TimePoint> searching_since_;  ///< Refused since then, nothing acknowledged.

  std::optional<base::Error> failure_;
  std::int64_t unknown_records_ = 0;
  ProduceSummary summary_;
};

}  // namespace streamhouse::cli
