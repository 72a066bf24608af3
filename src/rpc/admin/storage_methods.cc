#include <charconv>

#include "rpc/admin/page.h"
#include "rpc/admin_api.h"
#include "rpc/records/consumed_message.h"
#include "rpc/records/message_bytes.h"
#include "rpc/records/record_cursor.h"
#include "rpc/stream_writer.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;
using base::Status;
using runtime::Task;

/// Of a segment at a time, and about what a message holds.
constexpr std::size_t kReadBytes = 1u << 20;

void describe(const service::StoredSegment& segment, const Services& services, v1::Segment& out) {
  const metadata::SpanLocation& location = segment.location;
  out.set_id(service::segment_id(segment));
  out.set_topic(segment.topic);
  out.set_partition_id(segment.partition.value());
  out.set_base_offset(location.offsets.base.value());
  out.set_end_offset(location.offsets.next.value() - 1);
  out.set_record_count(location.offsets.size());
  out.set_size_bytes(location.length);
  out.set_s3_bucket(std::string(services.bucket));
  out.set_s3_key(std::string(services.key_prefix) + location.object_key);
  out.set_created_at(location.created_ms);
}

void describe(const service::StoredObject& object, const Services& services,
              v1::StoredObject& out) {
  out.set_s3_bucket(std::string(services.bucket));
  out.set_s3_key(std::string(services.key_prefix) + object.key);
  out.set_level(object.level);
  out.set_state(object.state == metadata::ObjectState::kLive ? "live" : "dead");
  out.set_size_bytes(static_cast<std::int64_t>(object.size));
  out.set_created_at(object.created_ms);
  if (object.dead_ms) out.set_dead_at(*object.dead_ms);
}

/// `PARTITION/OFFSET`, where the next page begins.
base::Result<service::SegmentsAfter> parse_segment_token(std::string_view token) {
  service::SegmentsAfter after;
  if (token.empty()) return after;
  const char* const end = token.data() + token.size();
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  const auto first = std::from_chars(token.data(), end, partition);
  if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, offset);
    after = {.partition = model::PartitionIndex(partition), .offset = model::Offset(offset)};
    if (second.ec == std::errc{} && second.ptr == end) return after;
  }
  return {Errc::kInvalid, "page_token '" + std::string(token) + "' is none of ours"};
}

Task<Status> list_segments(Services services, const v1::ListSegmentsRequest* request,
                           v1::ListSegmentsResponse* response) {
  SH_CO_TRY(const service::SegmentsAfter after, parse_segment_token(request->page_token()));
  std::optional<model::PartitionIndex> partition;
  if (request->has_partition_id()) partition = model::PartitionIndex(request->partition_id());
  const std::size_t limit = page_limit(request->page_size());
  SH_CO_TRY(const auto page,
            co_await services.segments.list(request->topic(), partition, after, limit));
  for (const auto& segment : page.segments) {
    describe(segment, services, *response->add_segments());
  }
  if (page.next) {
    response->set_next_page_token(std::to_string(page.next->partition.value()) + "/" +
                                  std::to_string(page.next->offset.value()));
  }
  co_return Status{};
}

Task<Status> list_objects(Services services, const v1::ListObjectsRequest* request,
                          v1::ListObjectsResponse* response) {
  const std::size_t limit = page_limit(request->page_size());
  SH_CO_TRY(const auto page, co_await services.segments.objects(request->page_token(), limit));
  for (const auto& object : page.objects) {
    describe(object, services, *response->add_objects());
  }
  if (page.more) response->set_next_page_token(page.objects.back().key);
  co_return Status{};
}

using WriterPtr = std::shared_ptr<StreamWriter>;

/// Sends the records of the cursor below `end`, one message about as large as what was read.
Task<Status> send_records(const service::StoredSegment* segment, model::Offset end,
                          RecordCursor* cursor, WriterPtr writer) {
  while (true) {
    ConsumedMessage message(v1::DumpSegmentResponse::kRecordsFieldNumber);
    message.add_text(v1::DumpSegmentResponse::kTopicFieldNumber, segment->topic);
    message.add_integer(v1::DumpSegmentResponse::kPartitionIdFieldNumber,
                        segment->partition.value());
    while (message.size() < kReadBytes) {
      SH_CO_TRY(const model::Record* const record, cursor->peek());
      if (record == nullptr || record->offset >= end) break;
      message.add(*record);
      cursor->pop();
    }
    if (message.record_count() == 0) co_return Status{};
    const grpc::ByteBuffer encoded = to_buffer(std::move(message).take());
    const bool written = co_await writer->write(encoded);
    if (!written || writer->over()) co_return writer->why_over();
  }
}

Task<Status> dump_segment(Services services, std::string id, WriterPtr writer) {
  SH_CO_TRY(service::StoredSegment segment, co_await services.segments.find(id));
  const model::OffsetRange wanted = segment.location.offsets;
  model::Offset next = wanted.base;
  while (next < wanted.next) {
    SH_CO_TRY(auto part, co_await services.segments.read(segment, next, kReadBytes));
    segment.location = std::move(part.location);
    RecordCursor cursor(std::move(part.batches), next);
    SH_CO_TRY_OK(co_await send_records(&segment, wanted.next, &cursor, writer));
    if (cursor.next_offset() <= next) {
      co_return Status(Errc::kCorrupt, "segment " + id + " holds no record at offset " +
                                           std::to_string(next.value()));
    }
    next = cursor.next_offset();
  }
  co_return Status{};
}

}  // namespace

AdminApi::Unary* AdminApi::ListSegments(Context* context, const v1::ListSegmentsRequest* request,
                                        v1::ListSegmentsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_segments(s, request, response); });
}

AdminApi::Unary* AdminApi::ListObjects(Context* context, const v1::ListObjectsRequest* request,
                                       v1::ListObjectsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_objects(s, request, response); });
}

StreamWriter::Reactor* AdminApi::DumpSegment(Context* context, const grpc::ByteBuffer* message) {
  v1::DumpSegmentRequest request;
  if (const base::Status parsed = parse(*message, request); !parsed) {
    return StreamWriter::refuse(bridge_, context, parsed.error());
  }
  auto memory = bridge_.admit(kCallBytes);
  if (!memory) return StreamWriter::refuse(bridge_, context, memory.error());
  return StreamWriter::answer(bridge_, context, *std::move(memory),
                              [id = request.id()](Services services, WriterPtr writer) {
                                return dump_segment(services, id, std::move(writer));
                              });
}

}  // namespace streamhouse::rpc
