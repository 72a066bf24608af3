#include "rpc/records/produce_message.h"

#include "model/key_partition.h"
#include "model/record_batch_builder.h"
#include "rpc/records/field_reader.h"

namespace streamhouse::rpc {
namespace {

using base::BytesView;
using base::Errc;
using base::Result;
using base::Status;

/// Which field of the message is what; the numbers of proto/streamhouse/v1/streamhouse.proto.
enum ProduceField : std::uint32_t { kTopic = 1, kPartition = 2, kRecords = 3 };
enum RecordField : std::uint32_t { kKey = 1, kValue = 2, kHeaders = 3, kTimestamp = 4 };
enum HeaderField : std::uint32_t { kHeaderKey = 1, kHeaderValue = 2 };
enum StreamField : std::uint32_t { kSequence = 1, kBatch = 2 };

Result<model::RecordHeader> decode_header(BytesView message) {
  model::RecordHeader header;
  FieldReader fields(message);
  while (true) {
    SH_TRY(const auto field, fields.next());
    if (!field) return header;
    if (field->number == kHeaderKey) {
      SH_TRY(header.key, text_of(*field, "header key"));
    } else if (field->number == kHeaderValue) {
      SH_TRY(header.value, bytes_of(*field, "header value"));
    }
  }
}

Status decode_record_field(const Field& field, model::Record& record) {
  if (field.number == kKey) {
    SH_TRY(record.key, bytes_of(field, "key"));
  } else if (field.number == kValue) {
    SH_TRY(record.value, bytes_of(field, "value"));
  } else if (field.number == kTimestamp) {
    SH_TRY(record.timestamp, integer_of(field, "timestamp_ms"));
  } else if (field.number == kHeaders) {
    if (record.headers.size() == kHeadersPerRecordMax) {
      return {Errc::kInvalid, "more than " + std::to_string(kHeadersPerRecordMax) + " headers"};
    }
    SH_TRY(const BytesView header, bytes_of(field, "headers"));
    SH_TRY(record.headers.emplace_back(), decode_header(header));
  }
  return {};
}

/// Into `record`, which keeps its memory from one record to the next.
Status decode_record(BytesView message, model::Record& record) {
  record.key.reset();
  record.value.reset();
  record.headers.clear();
  record.timestamp = 0;
  FieldReader fields(message);
  while (true) {
    SH_TRY(const auto field, fields.next());
    if (!field) break;
    SH_TRY_OK(decode_record_field(*field, record));
  }
  if (record.timestamp >= 0) return {};
  return {Errc::kInvalid, "timestamp_ms " + std::to_string(record.timestamp) + " is negative"};
}

/// Reads a produce request field by field, and builds its batch.
class ProduceDecoder {
 public:
  ProduceDecoder(BytesView message, runtime::WallMs now) : fields_(message), now_(now) {
    builder_.reserve(message.size() + message.size() / 8);
  }

  Result<ProduceMessage> decode() && {
    while (true) {
      SH_TRY(const auto field, fields_.next());
      if (!field) break;
      SH_TRY_OK(take(*field));
    }
    if (builder_.record_count() == 0) return {Errc::kInvalid, "there is no record to produce"};
    decoded_.record_count = builder_.record_count();
    decoded_.timestamp_ms = record_.timestamp;
    if (record_.key) decoded_.key_hash = model::murmur2(*record_.key);
    SH_TRY(base::ByteVector bytes, std::move(builder_).build_smallest());
    decoded_.batch = std::make_shared<base::ByteVector>(std::move(bytes));
    return std::move(decoded_);
  }

 private:
  Status take(const Field& field) {
    if (field.number == kTopic) {
      SH_TRY(decoded_.topic, text_of(field, "topic"));
    } else if (field.number == kPartition) {
      SH_TRY(const std::int64_t index, integer_of(field, "partition"));
      decoded_.partition = model::PartitionIndex(static_cast<std::int32_t>(index));
    } else if (field.number == kRecords) {
      SH_TRY(const BytesView message, bytes_of(field, "record"));
      return add_record(message);
    }
    return {};
  }

  Status add_record(BytesView message) {
    Status added = decode_record(message, record_);
    if (added) {
      if (record_.timestamp == 0) record_.timestamp = now_;
      added = builder_.append(record_);
    }
    if (added) return added;
    const std::string number = std::to_string(builder_.record_count());
    return {added.error().code, "record " + number + ": " + added.error().text};
  }

  FieldReader fields_;
  runtime::WallMs now_;
  model::RecordBatchBuilder builder_;
  model::Record record_;
  ProduceMessage decoded_;
};

}  // namespace

Result<ProduceMessage> decode_produce_batch(BytesView message, runtime::WallMs now) {
  SH_TRY(ProduceMessage decoded, ProduceDecoder(message, now).decode());
  // Not `optional` there: absent is 0.
  if (!decoded.partition) decoded.partition = model::PartitionIndex(0);
  return decoded;
}

Result<ProduceMessage> decode_produce(BytesView message, runtime::WallMs now) {
  SH_TRY(ProduceMessage decoded, ProduceDecoder(message, now).decode());
  if (decoded.record_count == 1) return decoded;
  return {Errc::kInvalid, "Produce takes one record, not several"};
}

Result<StreamMessage> decode_stream_message(BytesView message) {
  StreamMessage decoded;
  FieldReader fields(message);
  while (true) {
    SH_TRY(const auto field, fields.next());
    if (!field) return decoded;
    if (field->number == kSequence) {
      SH_TRY(decoded.sequence, integer_of(*field, "sequence"));
    } else if (field->number == kBatch) {
      SH_TRY(decoded.batch, bytes_of(*field, "batch"));
    }
  }
}

}  // namespace streamhouse::rpc
