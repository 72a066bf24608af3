// Goal: Consume and the calls for committed offsets keep what the contract and the proto say.
// Method: a real agent, called through the generated client.
#include <cstdint>
#include <thread>

#include "tests/e2e/grpc/agent_case.h"

namespace streamhouse::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ConsumeTest : public AgentCase {
 protected:
  void SetUp() override {
    AgentCase::SetUp();
    request_ = consume_request(topic_);
  }
  void commit(const std::string& group, std::int64_t offset) {
    v1::CommitOffsetsRequest request;
    request.set_group(group);
    v1::PartitionOffset& one = *request.add_offsets();
    one.set_topic(topic_);
    one.set_offset(offset);
    v1::CommitOffsetsResponse response;
    const Outcome outcome = client_.call(&v1::StreamHouseService::Stub::CommitOffsets,
                                         client_.records(), request, response);
    ASSERT_EQ(verdict(outcome), "OK") << outcome;
  }
  std::int64_t committed(const std::string& group) {
    v1::GetCommittedOffsetsRequest request;
    request.set_group(group);
    request.add_partitions()->set_topic(topic_);
    v1::GetCommittedOffsetsResponse response;
    const Outcome outcome = client_.call(&v1::StreamHouseService::Stub::GetCommittedOffsets,
                                         client_.records(), request, response);
    EXPECT_EQ(verdict(outcome), "OK") << outcome;
    return response.offsets(0).offset();
  }

  v1::ConsumeRequest request_;
};

TEST_F(ConsumeTest, EmptyPartitionStillTellsTheHighWatermark) {
  const Consumed consumed = client_.consume(request_);
  EXPECT_EQ(verdict(consumed.outcome), "OK");
  EXPECT_THAT(consumed.records, IsEmpty());
  EXPECT_THAT(consumed.high_watermarks, ElementsAre(0));
}

TEST_F(ConsumeTest, StartsWhereItIsTold) {
  for (int i = 0; i < 5; ++i) {
    v1::ProduceRequest record = produce_request(topic_, std::to_string(i));
    record.mutable_record()->set_timestamp_ms(100 * (i + 1));
    v1::ProduceResponse response;
    ASSERT_EQ(verdict(client_.produce(record, response)), "OK");
  }
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("0", "1", "2", "3", "4"));
  request_.set_earliest(true);
  EXPECT_THAT(client_.consume(request_).values(), SizeIs(5));
  request_.set_offset(3);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("3", "4"));
  request_.set_timestamp_ms(250);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("2", "3", "4"));
  request_.set_timestamp_ms(300);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("2", "3", "4"));
  for (const bool latest : {true, false}) {
    if (latest) request_.set_latest(true);
    if (!latest) request_.set_timestamp_ms(501);
    const Consumed none = client_.consume(request_);
    EXPECT_EQ(verdict(none.outcome), "OK");
    EXPECT_THAT(none.records, IsEmpty());
    EXPECT_THAT(none.high_watermarks, ElementsAre(5));
  }
}

TEST_F(ConsumeTest, OffsetOutsideIsRefusedAndTheEndIsNot) {
  given({"a", "b"});
  request_.set_offset(2);
  const Consumed at_end = client_.consume(request_);
  EXPECT_EQ(verdict(at_end.outcome), "OK");
  EXPECT_THAT(at_end.high_watermarks, ElementsAre(2));
  for (const int offset : {3, -1}) {
    request_.set_offset(offset);
    const Consumed outside = client_.consume(request_);
    EXPECT_EQ(verdict(outside.outcome), "OUT_OF_RANGE invalid_offset");
    EXPECT_THAT(outside.outcome.status.error_message(), HasSubstr(std::to_string(offset)));
  }
}

TEST_F(ConsumeTest, OffsetBelowTheLogStartIsRefused) {
  given({"a", "b", "c"});
  v1::DeleteRecordsRequest request;
  request.set_topic(topic_);
  request.set_offset(2);
  v1::DeleteRecordsResponse response;
  ASSERT_EQ(verdict(client_.call(&v1::AdminService::Stub::DeleteRecords, client_.admin(), request,
                                 response)),
            "OK");
  EXPECT_EQ(response.log_start_offset(), 2);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("c"));
  request_.set_offset(1);
  EXPECT_EQ(verdict(client_.consume(request_).outcome), "OUT_OF_RANGE invalid_offset");
  request.set_offset(-1);  // the high watermark
  ASSERT_EQ(verdict(client_.call(&v1::AdminService::Stub::DeleteRecords, client_.admin(), request,
                                 response)),
            "OK");
  EXPECT_EQ(response.log_start_offset(), 3);
  EXPECT_THAT(client_.values(topic_), IsEmpty());
}

TEST_F(ConsumeTest, GroupOnlyChoosesTheStart) {
  given({"a", "b", "c"});
  request_.set_group("g-" + topic_);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(committed(request_.group()), -1);
  commit(request_.group(), 2);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("c"));
  EXPECT_EQ(committed(request_.group()), 2);
}

TEST_F(ConsumeTest, EndsAfterSoManyRecordsOrBytes) {
  given({"aaaa", "bbbb", "cccc", "dddd"});
  request_.set_max_records(3);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("aaaa", "bbbb", "cccc"));
  request_.set_max_records(0);
  request_.set_max_bytes(9);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("aaaa", "bbbb"));
  request_.set_max_bytes(1);
  EXPECT_THAT(client_.consume(request_).values(), ElementsAre("aaaa"));
  request_.set_max_bytes(-1);
  EXPECT_EQ(verdict(client_.consume(request_).outcome), "INVALID_ARGUMENT invalid");
}

TEST_F(ConsumeTest, MuchComesInMessagesOfAboutAMegabyte) {
  const std::string value(100'000, 'v');
  for (int i = 0; i < 5; ++i) given(std::vector<std::string>(20, value));
  const Consumed consumed = client_.consume(request_);
  EXPECT_THAT(consumed.records, SizeIs(100));
  EXPECT_GE(consumed.high_watermarks.size(), 9u);
  EXPECT_LE(consumed.high_watermarks.size(), 12u);
}

TEST_F(ConsumeTest, UnknownTopicAndPartitionAreNamed) {
  Consumed consumed = client_.consume(consume_request("nowhere"));
  EXPECT_EQ(verdict(consumed.outcome), "NOT_FOUND topic_not_found");
  request_.set_partition(9);
  consumed = client_.consume(request_);
  EXPECT_EQ(verdict(consumed.outcome), "NOT_FOUND partition_not_found");
  EXPECT_THAT(consumed.high_watermarks, IsEmpty());
}

TEST_F(ConsumeTest, EndsAtTheHighWatermarkReadAtItsStart) {
  given({"a"});
  grpc::ClientContext context;
  const auto reader = client_.records().Consume(&context, request_);
  v1::ConsumeResponse message;
  ASSERT_TRUE(reader->Read(&message));
  given({"b"});
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(ConsumeTest, FollowerSeesWhatIsCommittedLaterAndEndsWhenCancelled) {
  given({"a"});
  request_.set_follow(true);
  grpc::ClientContext context;
  const auto reader = client_.records().Consume(&context, request_);
  v1::ConsumeResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.records(0).record().value(), "a");
  for (const char* const value : {"b", "c"}) {
    given({value});
    ASSERT_TRUE(reader->Read(&message));
    EXPECT_EQ(message.records(0).record().value(), value);
  }
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ConsumeTest, FollowerOfAnEmptyPartitionLearnsTheHighWatermarkAtOnce) {
  request_.set_follow(true);
  request_.set_max_records(1);
  grpc::ClientContext context;
  const auto reader = client_.records().Consume(&context, request_);
  v1::ConsumeResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_THAT(message.records(), IsEmpty());
  given({"a", "b"});
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_THAT(message.records(), SizeIs(1));
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(reader->Finish().ok());
}

class CommittedOffsetsTest : public ConsumeTest {
 protected:
  Outcome get_group(const std::string& group, v1::GetGroupResponse& response) {
    v1::GetGroupRequest request;
    request.set_group_id(group);
    return client_.call(&v1::AdminService::Stub::GetGroup, client_.admin(), request, response);
  }
};

TEST_F(CommittedOffsetsTest, UnknownGroupHasNoneAndCommitCreatesIt) {
  given({"a", "b", "c"});
  const std::string group = "g-" + topic_;
  v1::GetGroupResponse description;
  EXPECT_EQ(verdict(get_group(group, description)), "NOT_FOUND group_not_found");
  EXPECT_EQ(committed(group), -1);
  commit(group, 1);
  EXPECT_EQ(committed(group), 1);
  ASSERT_EQ(verdict(get_group(group, description)), "OK");
  EXPECT_EQ(description.state(), "Empty");
  ASSERT_THAT(description.offsets(), SizeIs(1));
  EXPECT_EQ(description.offsets(0).high_watermark(), 3);
  EXPECT_EQ(description.offsets(0).lag(), 2);
}

TEST_F(CommittedOffsetsTest, AnswersComeInTheOrderOfTheQuestions) {
  const std::string group = "g-" + topic_;
  v1::CommitOffsetsRequest request;
  request.set_group(group);
  for (const int partition : {2, 0}) {
    v1::PartitionOffset& one = *request.add_offsets();
    one.set_topic(topic_);
    one.set_partition(partition);
    one.set_offset(10 + partition);
    one.set_metadata("m" + std::to_string(partition));
  }
  v1::CommitOffsetsResponse done;
  ASSERT_EQ(verdict(client_.call(&v1::StreamHouseService::Stub::CommitOffsets, client_.records(),
                                 request, done)),
            "OK");
  v1::GetCommittedOffsetsRequest questions;
  questions.set_group(group);
  for (const int partition : {0, 1, 2}) {
    v1::TopicPartition& one = *questions.add_partitions();
    one.set_topic(topic_);
    one.set_partition(partition);
  }
  questions.add_partitions()->set_topic("nowhere");
  v1::GetCommittedOffsetsResponse response;
  ASSERT_EQ(verdict(client_.call(&v1::StreamHouseService::Stub::GetCommittedOffsets,
                                 client_.records(), questions, response)),
            "OK");
  std::vector<std::string> seen;
  for (const auto& one : response.offsets()) {
    seen.push_back(std::to_string(one.offset()) + one.metadata());
  }
  EXPECT_THAT(seen, ElementsAre("10m0", "-1", "12m2", "-1"));
}

TEST_F(CommittedOffsetsTest, CommitIsAllOrNone) {
  const std::string group = "g-" + topic_;
  v1::CommitOffsetsRequest request;
  request.set_group(group);
  request.add_offsets()->set_topic(topic_);
  request.add_offsets()->set_topic("nowhere");
  v1::CommitOffsetsResponse response;
  EXPECT_EQ(verdict(client_.call(&v1::StreamHouseService::Stub::CommitOffsets, client_.records(),
                                 request, response)),
            "NOT_FOUND topic_not_found");
  EXPECT_EQ(committed(group), -1);
  request.mutable_offsets(1)->set_topic(topic_);
  request.mutable_offsets(1)->set_partition(50);
  EXPECT_EQ(verdict(client_.call(&v1::StreamHouseService::Stub::CommitOffsets, client_.records(),
                                 request, response)),
            "NOT_FOUND partition_not_found");
  request.mutable_offsets(1)->set_partition(1);
  request.mutable_offsets(1)->set_offset(-1);
  EXPECT_EQ(verdict(client_.call(&v1::StreamHouseService::Stub::CommitOffsets, client_.records(),
                                 request, response)),
            "INVALID_ARGUMENT invalid");
  EXPECT_EQ(committed(group), -1);
}

TEST_F(CommittedOffsetsTest, EnsureCreatesAndDeleteRemoves) {
  const std::string group = "g-" + topic_;
  v1::EnsureGroupRequest ensure;
  ensure.set_group_id(group);
  v1::EnsureGroupResponse ensured;
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(verdict(client_.call(&v1::AdminService::Stub::EnsureGroup, client_.admin(), ensure,
                                   ensured)),
              "OK");
  }
  v1::GetGroupResponse description;
  EXPECT_EQ(verdict(get_group(group, description)), "OK");
  v1::DeleteGroupRequest request;
  request.set_group_id(group);
  v1::DeleteGroupResponse response;
  EXPECT_EQ(verdict(client_.call(&v1::AdminService::Stub::DeleteGroup, client_.admin(), request,
                                 response)),
            "OK");
  EXPECT_EQ(verdict(client_.call(&v1::AdminService::Stub::DeleteGroup, client_.admin(), request,
                                 response)),
            "NOT_FOUND group_not_found");
}

}  // namespace
}  // namespace streamhouse::e2e
