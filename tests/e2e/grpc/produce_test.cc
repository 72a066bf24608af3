// Goal: Produce, ProduceBatch and ProduceStream keep what the contract and the proto say.
// Method: a real agent, called through the generated client; what was produced is read back.
#include <map>
#include <utility>

#include "model/key_partition.h"
#include "runtime/random.h"
#include "tests/e2e/grpc/agent_case.h"
#include "tests/rpc/random_records.h"

namespace streamhouse::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ProduceTest : public AgentCase {
 protected:
  std::int32_t partition_of(const std::optional<std::string>& key) {
    v1::ProduceRequest request;
    request.set_topic(topic_);
    if (key) request.mutable_record()->set_key(*key);
    request.mutable_record()->set_value("v");
    v1::ProduceResponse response;
    const Outcome outcome = client_.produce(request, response);
    EXPECT_EQ(verdict(outcome), "OK") << outcome;
    return response.partition();
  }
};

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

TEST_F(ProduceTest, AnswersPartitionOffsetAndTime) {
  v1::ProduceRequest request = produce_request(topic_, "a");
  request.set_partition(2);
  request.mutable_record()->set_timestamp_ms(1234);
  v1::ProduceResponse response;
  for (const int offset : {0, 1}) {
    ASSERT_EQ(verdict(client_.produce(request, response)), "OK");
    EXPECT_EQ(response.partition(), 2);
    EXPECT_EQ(response.offset(), offset);
    EXPECT_EQ(response.timestamp_ms(), 1234);
  }
}

TEST_F(ProduceTest, TimeZeroIsNow) {
  const std::int64_t before = now_ms();
  v1::ProduceResponse response;
  ASSERT_EQ(verdict(client_.produce(produce_request(topic_, "a"), response)), "OK");
  EXPECT_GE(response.timestamp_ms(), before);
  EXPECT_LE(response.timestamp_ms(), now_ms());
  const Consumed consumed = client_.consume(consume_request(topic_));
  EXPECT_EQ(consumed.records.at(0).record().timestamp_ms(), response.timestamp_ms());
}

TEST_F(ProduceTest, KeysGoWhereKafkasClientsSendThem) {
  for (int i = 0; i < 30; ++i) {
    const std::string key = "key-" + std::to_string(i);
    const auto expected = model::partition_of_key(base::as_bytes(key), 3);
    EXPECT_EQ(partition_of(key), expected.value()) << key;
  }
  EXPECT_EQ(partition_of(""), model::partition_of_key({}, 3).value());  // empty is a key
}

TEST_F(ProduceTest, KeylessRecordsTakeTurns) {
  std::map<std::int32_t, int> counts;
  for (int i = 0; i < 9; ++i) ++counts[partition_of(std::nullopt)];
  EXPECT_THAT(counts, ElementsAre(std::pair(0, 3), std::pair(1, 3), std::pair(2, 3)));
}

TEST_F(ProduceTest, RecordComesBackAsItWas) {
  runtime::Random random(8);
  v1::ProduceBatchRequest request;
  request.set_topic(topic_);
  for (int i = 0; i < 100; ++i) {
    v1::Record& record = *request.add_records();
    record = rpc_testing::random_record(random);
    record.set_timestamp_ms(1'000 + i);
  }
  v1::ProduceBatchResponse response;
  ASSERT_EQ(verdict(client_.produce_batch(request, response)), "OK");
  EXPECT_EQ(response.base_offset(), 0);
  EXPECT_EQ(response.record_count(), 100);
  const Consumed consumed = client_.consume(consume_request(topic_));
  ASSERT_EQ(consumed.records.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    const v1::ConsumedRecord& record = consumed.records[static_cast<std::size_t>(i)];
    EXPECT_EQ(record.offset(), i);
    EXPECT_EQ(record.record().SerializeAsString(), request.records(i).SerializeAsString());
  }
}

TEST_F(ProduceTest, UnknownTopicAndPartitionAreNamed) {
  v1::ProduceRequest request = produce_request("nowhere", "a");
  v1::ProduceResponse response;
  Outcome outcome = client_.produce(request, response);
  EXPECT_EQ(verdict(outcome), "NOT_FOUND topic_not_found");
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("nowhere"));
  for (const int partition : {3, -1}) {
    request = produce_request(topic_, "a");
    request.set_partition(partition);
    outcome = client_.produce(request, response);
    EXPECT_EQ(verdict(outcome), "NOT_FOUND partition_not_found");
    EXPECT_THAT(outcome.status.error_message(), HasSubstr(std::to_string(partition)));
  }
  EXPECT_EQ(verdict(client_.produce("__consumer_offsets", "a")), "NOT_FOUND topic_not_found");
}

TEST_F(ProduceTest, BatchIsAllOrNothing) {
  v1::ProduceBatchRequest request = batch_request(topic_, {"a", "b"});
  request.add_records()->set_timestamp_ms(-1);
  v1::ProduceBatchResponse response;
  const Outcome outcome = client_.produce_batch(request, response);
  EXPECT_EQ(verdict(outcome), "INVALID_ARGUMENT invalid");
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("record 2"));
  EXPECT_EQ(verdict(client_.produce_batch(batch_request(topic_, {}), response)),
            "INVALID_ARGUMENT invalid");
  EXPECT_THAT(client_.values(topic_), IsEmpty());
}

TEST_F(ProduceTest, BatchAboveTheTopicsLimitIsTooLarge) {
  runtime::Random random(4);
  std::string noise(2u << 20, ' ');
  for (char& byte : noise) byte = static_cast<char>(random.next());
  v1::ProduceBatchResponse response;
  const Outcome outcome = client_.produce_batch(batch_request(topic_, {noise}), response);
  EXPECT_EQ(verdict(outcome), "RESOURCE_EXHAUSTED too_large");
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("1048588"));
  ASSERT_EQ(verdict(client_.create_topic(topic_ + "-2", 1, {{"max.message.bytes", "4000000"}})),
            "OK");
  EXPECT_EQ(verdict(client_.produce_batch(batch_request(topic_ + "-2", {noise}), response)), "OK");
  EXPECT_THAT(client_.values(topic_ + "-2"), ElementsAre(noise));
}

TEST_F(ProduceTest, BufferedAcknowledgementKnowsNoOffset) {
  const std::string name = topic_ + "-2";
  ASSERT_EQ(verdict(client_.create_topic(name, 1, {{"streamhouse.ack", "buffered"}})), "OK");
  v1::ProduceResponse one;
  ASSERT_EQ(verdict(client_.produce(produce_request(name, "a"), one)), "OK");
  EXPECT_EQ(one.offset(), -1);
  v1::ProduceBatchResponse several;
  ASSERT_EQ(verdict(client_.produce_batch(batch_request(name, {"b", "c"}), several)), "OK");
  EXPECT_EQ(several.base_offset(), -1);
  EXPECT_EQ(several.record_count(), 2);
}

TEST_F(ProduceTest, LogAppendTimeIsTheAgents) {
  const std::string name = topic_ + "-2";
  ASSERT_EQ(verdict(client_.create_topic(name, 1, {{"message.timestamp.type", "LogAppendTime"}})),
            "OK");
  v1::ProduceRequest request = produce_request(name, "a");
  request.mutable_record()->set_timestamp_ms(5);
  v1::ProduceResponse response;
  ASSERT_EQ(verdict(client_.produce(request, response)), "OK");
  EXPECT_GT(response.timestamp_ms(), now_ms() - 60'000);
  const Consumed consumed = client_.consume(consume_request(name));
  EXPECT_EQ(consumed.records.at(0).record().timestamp_ms(), response.timestamp_ms());
}

class ProduceStreamTest : public AgentCase {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::ProduceStreamRequest, v1::ProduceStreamResponse>;

  std::unique_ptr<Stream> open() {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return client_.records().ProduceStream(&context_);
  }
  v1::ProduceStreamRequest request(std::int64_t sequence,
                                   const std::vector<std::string>& values) const {
    v1::ProduceStreamRequest request;
    request.set_sequence(sequence);
    *request.mutable_batch() = batch_request(topic_, values);
    return request;
  }

  grpc::ClientContext context_;
};

TEST_F(ProduceStreamTest, ManyBatchesOnTheWayAreAnsweredInOrder) {
  constexpr int kBatches = 2'000;
  const auto stream = open();
  std::vector<std::string> expected;
  for (int i = 0; i < kBatches; ++i) {
    expected.push_back(std::to_string(i));
    ASSERT_TRUE(stream->Write(request(1'000'000 - i, {expected.back()})));
  }
  stream->WritesDone();
  v1::ProduceStreamResponse answer;
  for (int i = 0; i < kBatches; ++i) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.sequence(), 1'000'000 - i);
    EXPECT_EQ(answer.base_offset(), i) << answer.error().message();
  }
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(client_.values(topic_), expected);
}

TEST_F(ProduceStreamTest, RefusedBatchDoesNotEndTheStream) {
  const auto stream = open();
  stream->Write(request(1, {"a"}));
  stream->Write(request(2, {}));
  v1::ProduceStreamRequest lost = request(3, {"x"});
  lost.mutable_batch()->set_topic("nowhere");
  stream->Write(lost);
  stream->Write(request(4, {"b"}));
  stream->WritesDone();
  std::vector<std::string> seen;
  for (v1::ProduceStreamResponse answer; stream->Read(&answer);) {
    const std::string outcome =
        answer.has_error() ? answer.error().code() : std::to_string(answer.base_offset());
    seen.push_back(std::to_string(answer.sequence()) + " " + outcome);
  }
  EXPECT_THAT(seen, ElementsAre("1 0", "2 invalid", "3 topic_not_found", "4 1"));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ProduceStreamTest, ErrorNamesWhatWasWrong) {
  const auto stream = open();
  v1::ProduceStreamRequest lost = request(3, {"x"});
  lost.mutable_batch()->set_partition(77);
  stream->Write(lost);
  v1::ProduceStreamResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_THAT(answer.error().message(), HasSubstr("77"));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ProduceStreamTest, StreamWithoutBatchesEndsWell) {
  const auto stream = open();
  stream->WritesDone();
  v1::ProduceStreamResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ProduceStreamTest, CancelledStreamLeavesTheAgentWell) {
  const auto stream = open();
  for (int i = 0; i < 50; ++i) stream->Write(request(i, {"v"}));
  context_.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(verdict(client_.produce(topic_, "last")), "OK");
}

}  // namespace
}  // namespace streamhouse::e2e
