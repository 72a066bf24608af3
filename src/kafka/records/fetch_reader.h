#pragma once
/// \file  FetchReader: one Fetch at work: its partitions, what was read of them, and the wait for
/// more.

#include <deque>

#include "kafka/call.h"
#include "kafka/error_code.h"
#include "kafka/records/fetch_planner.h"
#include "kafka/records/leader_hints.h"
#include "runtime/signal.h"
#include "wire/messages/records/fetch.h"

namespace streamhouse::kafka {

/// Room in the budget of replies, given back when the last reply that needs it was sent.
class ReplyRoom {
 public:
  explicit ReplyRoom(ingest::BufferBudget& budget) : budget_(budget) {}
  ~ReplyRoom() { budget_.release(bytes_); }
  ReplyRoom(const ReplyRoom&) = delete;
  ReplyRoom& operator=(const ReplyRoom&) = delete;

  bool try_take(std::size_t bytes);
  void give_back(std::size_t bytes);

 private:
  ingest::BufferBudget& budget_;
  std::size_t bytes_ = 0;
};

/// Lifetime:  ends before its call.
/// Threading: the core's executor.
class FetchReader {
 public:
  FetchReader(Call& call, wire::FetchRequest request);

  /// Finds the partitions.
  runtime::Task<void> open();
  /// Reads what has come since it was read last, as far as it fits the answer. Partitions are read
  /// one after the other: once the wait is over, and half a second, none from the store any more
  /// that would hold up what there is to answer.
  runtime::Task<void> read();
  /// Whether to answer now.
  bool complete() const { return planner_.complete() || no_room_; }
  /// Returns when there may be more to read, or at `deadline`. Lets go of the request's frame.
  runtime::Task<void> wait(runtime::MonoTime deadline);
  /// Says of partitions that are led elsewhere where. Before answer().
  runtime::Task<void> name_leaders();
  /// Counts what is in it. Call once.
  wire::FetchResponse answer();

 private:
  struct Partition {
    const wire::FetchRequest::Partition* asked;
    cluster::TopicPtr topic = {};
    service::LedPartition led = {};
    wire::ErrorCode error = wire::ErrorCode::kNone;
    model::Offset seen{-1};  ///< The high watermark when it was read.
    std::vector<base::Bytes> batches = {};
    fetch::Source source = fetch::Source::kTail;  ///< Of the batches.
    std::size_t room = 0;                         ///< Taken for them.
    PartitionLeader leader = {};                  ///< If it is another agent.
  };

  runtime::Task<void> open(Partition& partition, std::expected<cluster::TopicPtr, Refusal> topic);
  runtime::Task<void> read(std::size_t number);
  runtime::Task<std::size_t> take_room(std::size_t wanted);
  void watch();
  bool has_news(const Partition& partition) const;
  bool holds_up(const Partition& partition) const;
  bool is_readable(const std::vector<base::Bytes>& batches) const;
  void keep(std::size_t number, fetch::Fetched fetched, std::size_t room);
  void fail(Partition& partition, wire::ErrorCode error);
  wire::FetchResponse::Partition answer(Partition& partition);
  void count(const Partition& partition);
  service::Outcome outcome() const;

  Call& call_;
  const runtime::MonoTime began_;
  wire::FetchRequest request_;
  FetchPlanner planner_;
  std::vector<Partition> partitions_;  ///< In the order of the request.
  LeaderHints hints_;
  std::shared_ptr<ReplyRoom> room_;
  bool no_room_ = false;
  std::optional<runtime::MonoTime> store_until_;  ///< Set when reading begins.
  runtime::Signal changed_;                       ///< Of any partition.
  std::deque<runtime::SignalLink> links_;
};

}  // namespace streamhouse::kafka
