// Goal: the JSON forms of the contract: names, order, numbers as numbers, null for what is absent,
// base64 for what is no text.
// Method: messages in, whole documents out.
#include "cli/output/json.h"

#include <gtest/gtest.h>

#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {
namespace {

TEST(JsonTest, WritesATopicWithItsFieldsInOrder) {
  v1::Topic topic;
  topic.set_name("orders");
  topic.set_topic_id("0123");
  topic.set_partition_count(3);
  (*topic.mutable_config())["b"] = "2";
  (*topic.mutable_config())["a"] = "1";
  topic.set_created_at(1700000000000);
  EXPECT_EQ(json_of(topic),
            R"({"name":"orders","topic_id":"0123","partition_count":3,"retention_ms":null,)"
            R"("config":{"a":"1","b":"2"},"created_at":1700000000000,"updated_at":0})");
  topic.set_retention_ms(0);
  topic.clear_config();
  EXPECT_NE(json_of(topic).find(R"("retention_ms":0,"config":{})"), std::string::npos);
}

TEST(JsonTest, WritesEmptyListsAndLeavesPageTokensOut) {
  v1::ListTopicsResponse list;
  list.set_next_page_token("x");
  EXPECT_EQ(json_of(list), R"({"topics":[]})");
}

TEST(JsonTest, WritesADescriptionAsTheTopicWithItsPartitions) {
  v1::GetTopicResponse description;
  description.mutable_topic()->set_name("t");
  auto& partition = *description.add_partitions();
  partition.set_high_watermark(7);
  description.add_partitions()->set_leader("agent-1");
  EXPECT_EQ(topic_json(description),
            R"({"name":"t","topic_id":"","partition_count":0,"retention_ms":null,"config":{},)"
            R"("created_at":0,"updated_at":0,"partitions":[{"partition_id":0,)"
            R"("log_start_offset":0,"high_watermark":7,"leader_epoch":0,"leader":null,)"
            R"("segment_count":0,"size_bytes":0},{"partition_id":0,"log_start_offset":0,)"
            R"("high_watermark":0,"leader_epoch":0,"leader":"agent-1","segment_count":0,)"
            R"("size_bytes":0}]})");
}

TEST(JsonTest, WritesViolationsWithNullForWhatTheyDoNotName) {
  v1::FsckResponse found;
  found.set_objects(2);
  auto& violation = *found.add_violations();
  violation.set_invariant("S1");
  violation.set_object("ab/cd");
  violation.set_detail("missing");
  EXPECT_EQ(json_of(found), R"({"objects":2,"records":0,"bytes":0,"violations":[{"invariant":"S1",)"
                            R"("object":"ab/cd","topic":null,"partition_id":null,"offset":null,)"
                            R"("detail":"missing"}]})");
}

v1::ConsumedRecord record(const std::string& key, const std::string& value) {
  v1::ConsumedRecord consumed;
  consumed.set_offset(5);
  consumed.mutable_record()->set_timestamp_ms(17);
  consumed.mutable_record()->set_key(key);
  consumed.mutable_record()->set_value(value);
  return consumed;
}

TEST(JsonTest, WritesARecordAsOneLine) {
  auto consumed = record("k", "a\n\"b\"");
  consumed.mutable_record()->add_headers()->set_key("h");
  EXPECT_EQ(record_json("t", 2, consumed),
            R"({"topic":"t","partition_id":2,"offset":5,"timestamp":17,"key":"k",)"
            R"("value":"a\n\"b\"","headers":[{"key":"h","value":null}]})");
}

TEST(JsonTest, TellsNullFromEmpty) {
  v1::ConsumedRecord consumed;
  EXPECT_EQ(record_json("t", 0, consumed),
            R"({"topic":"t","partition_id":0,"offset":0,"timestamp":0,"key":null,"value":null,)"
            R"("headers":[]})");
  EXPECT_EQ(record_json("t", 0, record("", "")),
            R"({"topic":"t","partition_id":0,"offset":5,"timestamp":17,"key":"","value":"",)"
            R"("headers":[]})");
}

TEST(JsonTest, WritesBytesThatAreNoTextInBase64UnderAnotherName) {
  auto consumed = record("\xff", "\xc0\x80");
  auto& header = *consumed.mutable_record()->add_headers();
  header.set_key("h");
  header.set_value("\xfe\xff");
  EXPECT_EQ(record_json("t", 0, consumed),
            R"({"topic":"t","partition_id":0,"offset":5,"timestamp":17,"key_base64":"/w==",)"
            R"("value_base64":"wIA=","headers":[{"key":"h","value_base64":"/v8="}]})");
}

TEST(JsonTest, SumsUpAProduce) {
  ProduceSummary summary;
  summary.topic = "t";
  summary.add(1, 10, 5);
  summary.add(0, 0, 2);
  summary.add(1, 15, 1);
  EXPECT_EQ(produce_json(summary),
            R"({"topic":"t","record_count":8,"partitions":[{"partition_id":0,"first_offset":0,)"
            R"("last_offset":1,"record_count":2},{"partition_id":1,"first_offset":10,)"
            R"("last_offset":15,"record_count":6}]})");
}

TEST(JsonTest, SumsUpAProduceThatWasAcknowledgedBuffered) {
  ProduceSummary summary;
  summary.topic = "t";
  summary.add(0, -1, 2);
  summary.add(0, -1, 2);
  EXPECT_EQ(produce_json(summary),
            R"({"topic":"t","record_count":4,"partitions":[{"partition_id":0,"first_offset":-1,)"
            R"("last_offset":-1,"record_count":4}]})");
}

TEST(JsonTest, WritesCommitsErrorsAndItsVersion) {
  v1::PartitionOffset commit;
  commit.set_topic("t");
  commit.set_offset(9);
  EXPECT_EQ(commit_json("g", commit),
            R"({"group_id":"g","topic":"t","partition_id":0,"committed_offset":9,"metadata":""})");
  EXPECT_EQ(error_json("topic_not_found", "no topic \"t\""),
            R"({"error":{"code":"topic_not_found","message":"no topic \"t\""}})");
  EXPECT_EQ(version_json(), R"({"version":")" SH_VERSION R"("})");
}

TEST(JsonTest, WritesTextThatIsNoUtf8WithoutFailing) {
  EXPECT_EQ(error_json("invalid", "'\xff'"),
            "{\"error\":{\"code\":\"invalid\",\"message\":\"'\xef\xbf\xbd'\"}}");
}

}  // namespace
}  // namespace streamhouse::cli
