#include "kafka/records/fetch_reader.h"

#include <algorithm>

#include "kafka/records/leader_epoch.h"
#include "kafka/topics/topic_lookup.h"
#include "model/record_batch.h"

namespace streamhouse::kafka {
namespace {

using partition::LogState;
using runtime::Task;
using wire::ErrorCode;

/// As Kafka's brokers bound an answer.
constexpr std::int32_t kAnswerBytesMax = 55 << 20;
constexpr wire::Version kKnowsZstd = 10;
constexpr wire::Version kTopicIds = 13;
constexpr std::int8_t kReadCommitted = 1;
/// How long a client waits for others to take their answers, before it gets an empty one.
constexpr auto kRoomPatience = std::chrono::seconds(1);
/// How long partitions are read from the store beside others, however short a wait is.
constexpr auto kStoreTimeMin = std::chrono::milliseconds(500);

std::vector<std::int32_t> partition_bounds(const wire::FetchRequest& request) {
  std::vector<std::int32_t> bounds;
  for (const auto& topic : request.topics)
    for (const auto& partition : topic.partitions) bounds.push_back(partition.partition_max_bytes);
  return bounds;
}

FetchBounds answer_bounds(const wire::FetchRequest& request) {
  return {.bytes_min = request.min_bytes,
          .bytes_max = std::min(request.max_bytes, kAnswerBytesMax)};
}

std::size_t total_size(const std::vector<base::Bytes>& batches) {
  std::size_t size = 0;
  for (const base::Bytes& batch : batches) size += batch.size();
  return size;
}

}  // namespace

bool ReplyRoom::try_take(std::size_t bytes) {
  if (!budget_.try_reserve(bytes)) return false;
  bytes_ += bytes;
  return true;
}

void ReplyRoom::give_back(std::size_t bytes) {
  budget_.release(bytes);
  bytes_ -= bytes;
}

FetchReader::FetchReader(Call& call, wire::FetchRequest request)
    : call_(call),
      began_(call.services.runtime.now()),
      request_(std::move(request)),
      planner_(answer_bounds(request_), partition_bounds(request_)),
      hints_(call),
      room_(std::make_shared<ReplyRoom>(call.services.replies)),
      changed_(call.services.runtime) {}

Task<void> FetchReader::open() {
  for (const auto& topic : request_.topics) {
    wire::NullableString name;
    if (call_.version() < kTopicIds) name = topic.topic;
    const auto found =
        co_await find_topic(call_, name, topic.topic_id, ErrorAbout::kFetchedRecords);
    for (const auto& asked : topic.partitions) {
      Partition& partition = partitions_.emplace_back(Partition{.asked = &asked});
      co_await open(partition, found);
    }
  }
}

Task<void> FetchReader::open(Partition& partition,
                             std::expected<cluster::TopicPtr, Refusal> topic) {
  if (!topic) {
    fail(partition, topic.error().code);
    co_return;
  }
  partition.topic = *topic;
  const model::PartitionIndex index(partition.asked->partition);
  auto led = co_await call_.services.fetch.led(partition.topic->name, index);
  if (!led) {
    fail(partition, error_code(led.error(), ErrorAbout::kFetchedRecords));
    co_return;
  }
  if (led->log->key().topic != partition.topic->no) {  // made anew under the same name meanwhile
    const bool by_id = call_.version() >= kTopicIds;
    fail(partition, by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition);
    co_return;
  }
  const auto same = check_epoch(led->log->epoch(), partition.asked->current_leader_epoch);
  partition.led = *std::move(led);
  if (same != ErrorCode::kNone) fail(partition, same);
}

Task<void> FetchReader::read() {
  if (!store_until_) {
    const runtime::Duration wait = std::chrono::milliseconds(request_.max_wait_ms);
    store_until_ = call_.services.runtime.now() + std::max<runtime::Duration>(wait, kStoreTimeMin);
  }
  for (std::size_t number = 0; number < partitions_.size() && !no_room_; ++number) {
    Partition& partition = partitions_[number];
    if (!has_news(partition)) continue;
    partition.seen = partition.led.log->high_watermark();
    const bool at_end = partition.asked->fetch_offset == partition.seen.value();
    const bool closed = partition.led.log->state() == LogState::kClosed;
    if (closed) fail(partition, ErrorCode::kNotLeaderOrFollower);
    const bool wanted = !closed && !at_end && planner_.allowance(number) > 0;
    if (wanted && !holds_up(partition)) co_await read(number);
  }
}

/// Clients ask for their partitions in turn: one that is left out is among the first soon.
bool FetchReader::holds_up(const Partition& partition) const {
  if (!planner_.has_answer() || call_.services.runtime.now() < *store_until_) return false;
  return partition.led.log->read_tail(model::Offset(partition.asked->fetch_offset), 0).empty();
}

bool FetchReader::has_news(const Partition& partition) const {
  if (partition.error != ErrorCode::kNone) return false;
  const partition::PartitionLog& log = *partition.led.log;
  return log.high_watermark() != partition.seen || log.state() == LogState::kClosed;
}

Task<void> FetchReader::read(std::size_t number) {
  Partition& partition = partitions_[number];
  const std::size_t room = co_await take_room(planner_.allowance(number));
  if (room == 0) co_return;
  const model::Offset from(partition.asked->fetch_offset);
  auto fetched =
      co_await call_.services.fetch.fetch(partition.led, partition.topic->name, from, room);
  if (fetched) {
    keep(number, *std::move(fetched), room);
  } else {
    room_->give_back(room);
    fail(partition, error_code(fetched.error(), ErrorAbout::kFetchedRecords));
  }
}

/// An answer that has records already never waits for room, and so never keeps any from others.
Task<std::size_t> FetchReader::take_room(std::size_t wanted) {
  ingest::BufferBudget& budget = call_.services.replies;
  wanted = std::min(wanted, budget.limit());
  if (room_->try_take(wanted)) co_return wanted;
  const runtime::MonoTime deadline = call_.services.runtime.now() + kRoomPatience;
  while (planner_.bytes() == 0 && call_.services.runtime.now() < deadline) {
    co_await budget.wait_for_room(wanted, deadline);
    if (room_->try_take(wanted)) co_return wanted;
  }
  no_room_ = true;
  co_return 0;
}

void FetchReader::keep(std::size_t number, fetch::Fetched fetched, std::size_t room) {
  Partition& partition = partitions_[number];
  const std::size_t size = total_size(fetched.batches);
  if (!planner_.take(number, size)) {
    room_->give_back(room);
    return;
  }
  const std::size_t used = std::min(size, room);
  room_->give_back(room - used + partition.room);
  partition.room = used;
  partition.batches = std::move(fetched.batches);
  partition.source = fetched.source;
  if (is_readable(partition.batches)) return;
  partition.batches.clear();
  fail(partition, ErrorCode::kUnsupportedCompressionType);
}

/// Not for clients that were written before zstd, if there is any in it.
bool FetchReader::is_readable(const std::vector<base::Bytes>& batches) const {
  if (call_.version() >= kKnowsZstd) return true;
  return std::ranges::none_of(batches, [](const base::Bytes& bytes) {
    const auto batch = model::RecordBatchView::front_of(bytes);
    return batch && batch->codec() == model::Codec::kZstd;
  });
}

void FetchReader::fail(Partition& partition, ErrorCode error) {
  partition.error = error;
  planner_.fail();
}

/// What the answer borrows from the frame is kept by the call from now on.
void FetchReader::watch() {
  links_.emplace_back(call_.client.left, changed_);
  for (const Partition& partition : partitions_)
    if (partition.led.log) links_.emplace_back(partition.led.log->changed(), changed_);
  for (wire::FetchRequest::Topic& topic : request_.topics)
    topic.topic = call_.texts.keep(std::string(topic.topic));
  request_.rack_id = {};
  request_.cluster_id.reset();
  call_.let_go_of_frame();
}

Task<void> FetchReader::wait(runtime::MonoTime deadline) {
  if (links_.empty()) watch();
  const auto news = [this](const Partition& partition) { return has_news(partition); };
  if (std::ranges::none_of(partitions_, news)) co_await changed_.wait_until(deadline);
}

Task<void> FetchReader::name_leaders() {
  for (Partition& partition : partitions_)
    if (partition.error == ErrorCode::kNotLeaderOrFollower)
      partition.leader = co_await hints_.find(partition.topic, partition.asked->partition);
}

wire::FetchResponse FetchReader::answer() {
  wire::FetchResponse response;
  std::size_t number = 0;
  for (const auto& topic : request_.topics) {
    wire::FetchResponse::Topic& answered = response.responses.emplace_back();
    answered.topic = topic.topic;
    answered.topic_id = topic.topic_id;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i)
      answered.partitions.push_back(answer(partitions_[number++]));
  }
  response.node_endpoints = hints_.endpoints<wire::FetchResponse::Endpoint>();
  call_.services.metrics.fetch_ended(outcome(), call_.services.runtime.now() - began_);
  return response;
}

service::Outcome FetchReader::outcome() const {
  const auto refused = [](const Partition& each) { return each.error != ErrorCode::kNone; };
  return std::ranges::any_of(partitions_, refused) ? service::Outcome::kRefused
                                                   : service::Outcome::kOk;
}

void FetchReader::count(const Partition& partition) {
  CallMetrics& metrics = call_.services.metrics;
  if (partition.error != ErrorCode::kNone) return metrics.fetch_refused(partition.error);
  std::int64_t records = 0;
  for (const base::Bytes& bytes : partition.batches)
    if (const auto batch = model::RecordBatchView::front_of(bytes))
      records += batch->record_count();
  metrics.delivered(records);
  metrics.fetched(partition.source, total_size(partition.batches));
}

wire::FetchResponse::Partition FetchReader::answer(Partition& partition) {
  count(partition);
  wire::FetchResponse::Partition answered{.partition_index = partition.asked->partition,
                                          .error_code = partition.error,
                                          .high_watermark = -1};
  answered.current_leader = {.leader_id = partition.leader.node_id,
                             .leader_epoch = partition.leader.epoch};
  if (partition.error != ErrorCode::kNone) return answered;
  const partition::PartitionLog& log = *partition.led.log;
  answered.high_watermark = answered.last_stable_offset = log.high_watermark().value();
  answered.log_start_offset = log.log_start().value();
  if (request_.isolation_level == kReadCommitted) answered.aborted_transactions.emplace();
  if (partition.batches.empty()) return answered;
  base::Bytes& last = partition.batches.back();
  const base::BytesView bytes = last.view();
  using Held = std::pair<std::shared_ptr<ReplyRoom>, base::Bytes>;
  last = base::Bytes(std::make_shared<const Held>(room_, std::move(last)), bytes);
  answered.records->pieces = std::move(partition.batches);
  return answered;
}

}  // namespace streamhouse::kafka
