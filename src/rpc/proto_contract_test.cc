// Goal: what compiled clients rely on stays: names of services, methods and fields, who streams,
// and the numbers of fields. Method: the descriptors of the generated code, written as text and
// compared with the outside contract written down here.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::ServiceDescriptor;

/// `Consume -> stream`, in the order of the file. Messages are <Method>Request and
/// <Method>Response.
std::string show(const ServiceDescriptor& service) {
  std::string text;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& method = *service.method(i);
    EXPECT_EQ(method.input_type()->name(), method.name() + "Request");
    EXPECT_EQ(method.output_type()->name(), method.name() + "Response");
    text += (method.client_streaming() ? "stream -> " : "") + method.name() +
            (method.server_streaming() ? " -> stream" : "") + "\n";
  }
  return text;
}

/// `bytes? key, Header* headers, int64 timestamp_ms`: by number, which count from 1 without a gap.
std::string show(const Descriptor& message) {
  std::map<int, std::string> fields;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const bool is_message = field.type() == FieldDescriptor::TYPE_MESSAGE;
    std::string type = is_message ? field.message_type()->name() : field.type_name();
    if (field.is_map()) type = "map";
    if (field.is_repeated() && !field.is_map()) type += "*";
    if (field.has_optional_keyword()) type += "?";
    if (field.real_containing_oneof() != nullptr)
      type += " " + field.real_containing_oneof()->name() + ":";
    fields[field.number()] = type + " " + field.name();
  }
  std::string text;
  int expected = 0;
  for (const auto& [number, field] : fields) {
    EXPECT_EQ(number, ++expected) << message.full_name();
    text += (text.empty() ? "" : ", ") + field;
  }
  return text;
}

const google::protobuf::FileDescriptor& file() { return *v1::Record::descriptor()->file(); }

TEST(ProtoContractTest, ServicesHaveTheirMethods) {
  EXPECT_EQ(file().package(), "streamhouse.v1");
  ASSERT_EQ(file().service_count(), 2);
  EXPECT_EQ(file().service(0)->full_name(), "streamhouse.v1.StreamHouseService");
  EXPECT_EQ(show(*file().service(0)),
            "Produce\nProduceBatch\nstream -> ProduceStream -> stream\nConsume -> stream\n"
            "CommitOffsets\nGetCommittedOffsets\n");
  EXPECT_EQ(file().service(1)->full_name(), "streamhouse.v1.AdminService");
  EXPECT_EQ(show(*file().service(1)),
            "CreateTopic\nDeleteTopic\nGetTopic\nListTopics\nUpdateTopicConfig\nDeleteRecords\n"
            "EnsureGroup\nListGroups\nGetGroup\nDeleteGroup\n"
            "ListSegments\nDumpSegment -> stream\nListObjects\nFsck -> stream\n"
            "GetCluster\nListAgents\nListLeases\n");
}

TEST(ProtoContractTest, MessagesOfRecordsKeepTheirNumbers) {
  const std::pair<const Descriptor*, const char*> expected[] = {
      {v1::Header::descriptor(), "string key, bytes? value"},
      {v1::Record::descriptor(), "bytes? key, bytes? value, Header* headers, int64 timestamp_ms"},
      {v1::ConsumedRecord::descriptor(), "int64 offset, Record record"},
      {v1::ProduceRequest::descriptor(), "string topic, int32? partition, Record record"},
      {v1::ProduceResponse::descriptor(), "int32 partition, int64 offset, int64 timestamp_ms"},
      {v1::ProduceBatchRequest::descriptor(), "string topic, int32 partition, Record* records"},
      {v1::ProduceBatchResponse::descriptor(), "int64 base_offset, int32 record_count"},
      {v1::ProduceStreamRequest::descriptor(), "int64 sequence, ProduceBatchRequest batch"},
      {v1::ProduceStreamResponse::descriptor(),
       "int64 sequence, int64 outcome: base_offset, Error outcome: error"},
      {v1::Error::descriptor(), "string code, string message, string leader"},
      {v1::ConsumeRequest::descriptor(),
       "string topic, int32 partition, int64 start: offset, bool start: earliest, "
       "bool start: latest, int64 start: timestamp_ms, string start: group, int64 max_records, "
       "int64 max_bytes, bool follow"},
      {v1::ConsumeResponse::descriptor(), "ConsumedRecord* records, int64 high_watermark"},
      {v1::PartitionOffset::descriptor(),
       "string topic, int32 partition, int64 offset, string metadata"},
      {v1::CommitOffsetsRequest::descriptor(), "string group, PartitionOffset* offsets"},
      {v1::GetCommittedOffsetsRequest::descriptor(), "string group, TopicPartition* partitions"},
      {v1::GetCommittedOffsetsResponse::descriptor(), "PartitionOffset* offsets"}};
  for (const auto& [message, fields] : expected) EXPECT_EQ(show(*message), fields);
}

TEST(ProtoContractTest, AdminMessagesCarryTheNamesOfStreamctlsJson) {
  const std::pair<const Descriptor*, const char*> expected[] = {
      {v1::Topic::descriptor(),
       "string name, string topic_id, int32 partition_count, int64? retention_ms, map config, "
       "int64 created_at, int64 updated_at"},
      {v1::Partition::descriptor(),
       "int32 partition_id, int64 log_start_offset, int64 high_watermark, int64 leader_epoch, "
       "string? leader, int64 segment_count, int64 size_bytes"},
      {v1::GroupOffset::descriptor(),
       "string topic, int32 partition_id, int64 committed_offset, string metadata, "
       "int64 high_watermark, int64 lag, int64 committed_at"},
      {v1::GetGroupResponse::descriptor(),
       "string group_id, string state, int32 generation, GroupMember* members, "
       "GroupOffset* offsets"},
      {v1::Segment::descriptor(),
       "string id, string topic, int32 partition_id, int64 base_offset, int64 end_offset, "
       "int64 record_count, int64 size_bytes, string s3_bucket, string s3_key, int64 created_at"},
      {v1::Violation::descriptor(),
       "string invariant, string? object, string? topic, int32? partition_id, int64? offset, "
       "string detail"},
      {v1::FsckResponse::descriptor(),
       "int64 objects, int64 records, int64 bytes, Violation* violations"},
      {v1::Agent::descriptor(),
       "string agent_id, string address, string availability_zone, string agent_group, "
       "int64 last_heartbeat, int64 started_at, map metadata"},
      {v1::Lease::descriptor(),
       "string topic, int32 partition_id, string agent_id, int64 epoch, int64 expires_at"},
      {v1::GetClusterResponse::descriptor(),
       "string cluster_id, string version, int64 agents, int64 topics, int64 partitions"}};
  for (const auto& [message, fields] : expected) EXPECT_EQ(show(*message), fields);
}

TEST(ProtoContractTest, EveryMessagesNumbersCountFromOne) {
  for (int i = 0; i < file().message_type_count(); ++i) show(*file().message_type(i));
}

}  // namespace
}  // namespace streamhouse::rpc
