#include "rpc/consume/consume_call.h"

#include <algorithm>

#include "rpc/consume/consume_limits.h"
#include "rpc/records/consumed_message.h"
#include "rpc/records/message_bytes.h"
#include "rpc/records/record_cursor.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;
using base::Result;
using base::Status;

/// Of keys, values and headers in one message; smaller where memory is short. Below gRPC's default
/// limit for a client by enough for the rest of the message.
constexpr std::size_t kMessageBytesMax = 1u << 20;
constexpr std::size_t kMessageBytesMin = 16u << 10;
/// A message may take this part of the memory that is left.
constexpr std::size_t kRoomParts = 16;
/// How long a stream that follows waits for records before it looks whether its client is there.
constexpr auto kFollowWait = std::chrono::seconds(1);

struct Wanted {
  std::string topic;
  model::PartitionIndex partition;
  service::StartPosition start;
  std::int64_t records_max = 0;
  std::int64_t bytes_max = 0;
  bool follow = false;
};

service::StartPosition start_of(const v1::ConsumeRequest& request) {
  switch (request.start_case()) {
    case v1::ConsumeRequest::kOffset:
      return model::Offset(request.offset());
    case v1::ConsumeRequest::kLatest:
      return service::Latest{};
    case v1::ConsumeRequest::kTimestampMs:
      return service::AtTimestamp{request.timestamp_ms()};
    case v1::ConsumeRequest::kGroup:
      return service::AtGroup{request.group()};
    case v1::ConsumeRequest::kEarliest:
    case v1::ConsumeRequest::START_NOT_SET:
      return service::Earliest{};
  }
  return service::Earliest{};
}

Result<Wanted> decode_request(const grpc::ByteBuffer& message) {
  v1::ConsumeRequest request;
  SH_TRY_OK(parse(message, request));
  if (request.max_records() < 0) return {Errc::kInvalid, "max_records is negative"};
  if (request.max_bytes() < 0) return {Errc::kInvalid, "max_bytes is negative"};
  return Wanted{.topic = request.topic(),
                .partition = model::PartitionIndex(request.partition()),
                .start = start_of(request),
                .records_max = request.max_records(),
                .bytes_max = request.max_bytes(),
                .follow = request.follow()};
}

/// One Consume stream, on the core.
class Consumer {
 public:
  Consumer(CoreBridge& bridge, Services services, Wanted wanted,
           std::shared_ptr<StreamWriter> writer)
      : bridge_(bridge),
        services_(services),
        wanted_(std::move(wanted)),
        writer_(std::move(writer)) {}

  runtime::Task<Status> run() {
    const runtime::MonoTime began = bridge_.ports().runtime.now();
    Status outcome = co_await stream();
    bridge_.ports().metrics.fetch_ended(service::outcome_of(outcome),
                                        bridge_.ports().runtime.now() - began);
    co_return outcome;
  }

 private:
  runtime::Task<Status> stream() {
    SH_CO_TRY(const service::ReadRange range,
              co_await services_.fetch.resolve(wanted_.topic, wanted_.partition, wanted_.start));
    limits_ = ConsumeLimits(
        {.records = wanted_.records_max,
         .bytes = wanted_.bytes_max,
         .end = wanted_.follow ? std::optional<model::Offset>() : range.high_watermark});
    next_ = range.start;
    runtime::Duration wait{};  // the first fetch answers at once
    while (true) {
      SH_CO_TRY(fetch::Fetched fetched,
                co_await services_.fetch.fetch(wanted_.topic, wanted_.partition, next_,
                                               fetch_bytes_max(), wait));
      Status sent = co_await send(std::move(fetched));
      if (!sent || done_) co_return sent;
      if (writer_->over()) co_return writer_->why_over();
      if (wanted_.follow) wait = kFollowWait;
    }
  }

  /// What a message may hold, less the more other streams hold.
  std::size_t message_bytes_max() const {
    const std::size_t part = bridge_.ports().replies.room() / kRoomParts;
    return std::clamp(part, kMessageBytesMin, kMessageBytesMax);
  }
  std::size_t fetch_bytes_max() const {
    return std::min(message_bytes_max(), limits_.bytes_worth_reading());
  }

  /// Sends what was fetched in as many messages as it takes.
  runtime::Task<Status> send(fetch::Fetched fetched) {
    const std::size_t fetched_bytes = objectstore::total_size(fetched.batches);
    const MemoryBudget::Share held = bridge_.ports().replies.take(fetched_bytes);
    bridge_.ports().metrics.fetched(fetched.source, fetched_bytes);
    RecordCursor cursor(std::move(fetched.batches), next_);
    bool more = true;
    while (more && !done_) {
      ConsumedMessage message(v1::ConsumeResponse::kRecordsFieldNumber);
      SH_CO_TRY(more, fill(cursor, message));
      next_ = cursor.next_offset();
      done_ = limits_.ended(next_) || (fetched_bytes == 0 && !wanted_.follow);
      if (message.record_count() == 0 && greeted_) break;
      greeted_ = true;
      bridge_.ports().metrics.delivered(message.record_count());
      message.add_integer(v1::ConsumeResponse::kHighWatermarkFieldNumber,
                          fetched.high_watermark.value());
      const MemoryBudget::Share sent = bridge_.ports().replies.take(message.size());
      const grpc::ByteBuffer encoded = to_buffer(std::move(message).take());
      if (done_) {
        writer_->write_last(encoded);
        break;
      }
      const bool written = co_await writer_->write(encoded);
      if (!written) co_return writer_->why_over();
    }
    co_return Status{};
  }

  /// Moves records into the message until it is full; false if there are no more, or no more are
  /// wanted.
  Result<bool> fill(RecordCursor& cursor, ConsumedMessage& message) {
    const std::size_t bytes_max = message_bytes_max();
    while (true) {
      SH_TRY(const model::Record* const record, cursor.peek());
      if (record == nullptr) return false;
      const std::size_t bytes = content_size(*record);
      if (!limits_.admits(record->offset, bytes)) return false;
      if (message.record_count() > 0 && message.size() + bytes > bytes_max) return true;
      limits_.take(bytes);
      message.add(*record);
      cursor.pop();
    }
  }

  CoreBridge& bridge_;
  Services services_;
  Wanted wanted_;
  std::shared_ptr<StreamWriter> writer_;
  ConsumeLimits limits_{{}};
  model::Offset next_;
  bool greeted_ = false;  ///< A message was sent: the client knows the high watermark.
  bool done_ = false;
};

runtime::Task<Status> consume(std::unique_ptr<Consumer> consumer) {
  co_return co_await consumer->run();
}

}  // namespace

StreamWriter::Reactor* answer_consume(CoreBridge& bridge, grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer& request) {
  Result<Wanted> wanted = decode_request(request);
  if (!wanted) return StreamWriter::refuse(bridge, context, wanted.error());
  Result<MemoryBudget::Share> memory = bridge.admit(kCallBytes);
  if (!memory) return StreamWriter::refuse(bridge, context, memory.error());
  auto work = [&bridge, wanted = *std::move(wanted)](Services services,
                                                     std::shared_ptr<StreamWriter> writer) mutable {
    return consume(
        std::make_unique<Consumer>(bridge, services, std::move(wanted), std::move(writer)));
  };
  return StreamWriter::answer(bridge, context, *std::move(memory), std::move(work));
}

}  // namespace streamhouse::rpc
