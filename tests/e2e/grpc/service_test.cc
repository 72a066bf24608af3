// Goal: what holds of the gRPC front end as a whole: health, reflection, the trailers of errors,
// limits. Method: real agents, called through the generated client, or with messages by hand.
#include <map>

#include "runtime/random.h"
#include "tests/e2e/client/raw_call.h"
#include "tests/e2e/grpc/agent_case.h"

namespace streamhouse::e2e {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// A message with one string field, of fewer than 128 bytes.
std::string string_field(int number, const std::string& value) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(value.size())} + value;
}

class ServiceTest : public AgentCase {
 protected:
  template <class Request, class Response>
  std::string admin(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response& response) {
    return verdict(client_.call(method, client_.admin(), request, response));
  }
};

TEST_F(ServiceTest, HealthIsServingForTheServerAndBothServices) {
  const std::string serving = {0x08, 0x01};
  for (const char* const name :
       {"", "streamhouse.v1.StreamHouseService", "streamhouse.v1.AdminService"}) {
    const RawAnswer answer =
        raw_call(client_.channel(), "/grpc.health.v1.Health/Check", string_field(1, name));
    EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
    EXPECT_EQ(answer.message, serving) << name;
  }
  const RawAnswer unknown =
      raw_call(client_.channel(), "/grpc.health.v1.Health/Check", string_field(1, "else"));
  EXPECT_EQ(unknown.status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServiceTest, ReflectionListsTheServicesAndKnowsTheirFile) {
  const std::string method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  const std::string listed = raw_call(client_.channel(), method, string_field(7, "")).message;
  for (const char* const name :
       {"streamhouse.v1.StreamHouseService", "streamhouse.v1.AdminService"}) {
    EXPECT_THAT(listed, HasSubstr(name));
    const std::string file = raw_call(client_.channel(), method, string_field(4, name)).message;
    EXPECT_THAT(file, HasSubstr("ProduceBatchRequest")) << name;
  }
}

TEST_F(ServiceTest, UnknownMethodsAreUnimplemented) {
  for (const char* const method :
       {"/streamhouse.v1.AdminService/DrainAgent", "/streamhouse.v1.AdminService/CollectGarbage"}) {
    const RawAnswer answer = raw_call(client_.channel(), method, "");
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
  }
}

TEST_F(ServiceTest, NonsenseIsRefusedAndTheAgentGoesOn) {
  const RawAnswer answer = raw_call(client_.channel(), "/streamhouse.v1.StreamHouseService/Produce",
                                    std::string(50, '\xff'));
  EXPECT_FALSE(answer.status.ok());
  EXPECT_EQ(verdict(client_.produce(topic_, "a")), "OK");
}

TEST_F(ServiceTest, ErrorsOfAdminCallsCarryTheirCode) {
  EXPECT_EQ(verdict(client_.create_topic(topic_)), "ALREADY_EXISTS topic_exists");
  EXPECT_EQ(verdict(client_.create_topic("a/b")), "INVALID_ARGUMENT invalid");
  const Outcome bad = client_.create_topic("bad", 1, {{"no.such.key", "1"}});
  EXPECT_EQ(verdict(bad), "INVALID_ARGUMENT invalid");
  EXPECT_THAT(bad.status.error_message(), HasSubstr("no.such.key"));
  using Admin = v1::AdminService::Stub;
  v1::DeleteTopicRequest remove;
  remove.set_name("nowhere");
  v1::DeleteTopicResponse removed;
  EXPECT_EQ(admin(&Admin::DeleteTopic, remove, removed), "NOT_FOUND topic_not_found");
  v1::GetTopicRequest get;
  get.set_name("nowhere");
  v1::GetTopicResponse got;
  EXPECT_EQ(admin(&Admin::GetTopic, get, got), "NOT_FOUND topic_not_found");
  v1::DeleteRecordsRequest shorten;
  shorten.set_topic(topic_);
  shorten.set_offset(99);
  v1::DeleteRecordsResponse shortened;
  EXPECT_EQ(admin(&Admin::DeleteRecords, shorten, shortened), "OUT_OF_RANGE invalid_offset");
}

TEST_F(ServiceTest, RetentionHasOneHome) {
  v1::UpdateTopicConfigRequest update;
  update.set_name(topic_);
  (*update.mutable_config())["retention.ms"] = "5000";
  v1::UpdateTopicConfigResponse updated;
  ASSERT_EQ(admin(&v1::AdminService::Stub::UpdateTopicConfig, update, updated), "OK");
  EXPECT_EQ(updated.topic().retention_ms(), 5000);
  EXPECT_EQ(updated.topic().config().count("retention.ms"), 0u);
  (*update.mutable_config())["retention.ms"] = "-1";
  ASSERT_EQ(admin(&v1::AdminService::Stub::UpdateTopicConfig, update, updated), "OK");
  EXPECT_FALSE(updated.topic().has_retention_ms());
}

TEST_F(ServiceTest, DeletedTopicsNameIsFreeAtOnce) {
  given({"a"});
  v1::DeleteTopicRequest request;
  request.set_name(topic_);
  v1::DeleteTopicResponse response;
  for (int again = 0; again < 5; ++again) {
    ASSERT_EQ(admin(&v1::AdminService::Stub::DeleteTopic, request, response), "OK");
    EXPECT_EQ(verdict(client_.produce(topic_, "x")), "NOT_FOUND topic_not_found");
    ASSERT_EQ(verdict(client_.create_topic(topic_)), "OK");
    EXPECT_THAT(client_.values(topic_), SizeIs(0));
    EXPECT_EQ(verdict(client_.produce(topic_, "new")), "OK");
    EXPECT_THAT(client_.values(topic_), testing::ElementsAre("new"));
  }
}

TEST_F(ServiceTest, EveryStoredObjectIsListed) {
  given({"a"});
  v1::ListSegmentsRequest of_topic;
  of_topic.set_topic(topic_);
  v1::ListSegmentsResponse segments;
  ASSERT_EQ(admin(&v1::AdminService::Stub::ListSegments, of_topic, segments), "OK");
  ASSERT_THAT(segments.segments(), SizeIs(1));
  v1::ListObjectsRequest request;
  v1::ListObjectsResponse objects;
  std::map<std::string, std::string> states;
  do {
    ASSERT_EQ(admin(&v1::AdminService::Stub::ListObjects, request, objects), "OK");
    for (const auto& object : objects.objects()) states[object.s3_key()] = object.state();
    request.set_page_token(objects.next_page_token());
  } while (!objects.next_page_token().empty());
  EXPECT_EQ(states[segments.segments(0).s3_key()], "live");
}

TEST(ServiceLimitTest, UnaryCallsAreThrottledAtTheBufferLimit) {
  AgentProcess agent({.flags = {"--buffer-limit=64KiB", "--flush-size=64KiB"}});
  Client client(agent.address());
  ASSERT_EQ(verdict(client.create_topic("t")), "OK");
  std::string noise(100'000, ' ');
  runtime::Random random(1);
  for (char& byte : noise) byte = static_cast<char>(random.next());
  v1::ProduceBatchResponse response;
  const Outcome outcome = client.produce_batch(batch_request("t", {noise}), response);
  EXPECT_EQ(verdict(outcome), "RESOURCE_EXHAUSTED throttled");
  EXPECT_THAT(outcome.status.error_message(), HasSubstr("65536"));
  EXPECT_EQ(verdict(client.produce("t", "small")), "OK");
  EXPECT_EQ(agent.stop(), 0);
}

}  // namespace
}  // namespace streamhouse::e2e
