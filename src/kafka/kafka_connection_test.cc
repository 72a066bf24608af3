// Goal: what is served is what the page says, and what nobody serves or can be read closes its
// connection, but for questions about versions.
// Method: frames, whole and damaged, to a connection over the real services on the simulated
// runtime; the table of docs/kafka-compatibility.md.

#include <fstream>
#include <regex>

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using net::FrameReply;
using wire::ErrorCode;

/// `key versions` of each API of the page, by name.
std::map<std::string, std::string> documented_apis() {
  std::ifstream page(SH_COMPATIBILITY_PAGE);
  std::map<std::string, std::string> apis;
  const std::regex row(R"(^\| (\w+) \| (\d+) \| ([\d-]+) \|.*)");
  std::smatch found;
  for (std::string line; std::getline(page, line);)
    if (std::regex_match(line, found, row)) apis[found[1]] = found[2].str() + " " + found[3].str();
  return apis;
}

TEST(ServedApisTest, AreThoseOfTheCompatibilityPage) {
  std::map<std::string, std::string> served;
  for (const wire::Api* api : served_apis())
    served[std::string(api->name)] =
        std::to_string(static_cast<int>(api->key)) + " " + to_string(api->versions);
  EXPECT_EQ(served, documented_apis());
  EXPECT_GE(served.size(), 24u);
}

class KafkaConnectionTest : public kafka_testing::KafkaWorld {
 protected:
  /// Whether a request closes its connection without an answer.
  bool closes(const base::ByteVector& frame) {
    const auto reply = begin_frame(frame);
    run(core_testing::seconds(1));
    SH_CHECK(reply->has_value(), "answered");
    return (*reply)->then == FrameReply::Then::kClose && (*reply)->chunks.empty();
  }
  /// A request's frame, without the length.
  template <class Request>
  static base::ByteVector frame_of(wire::Version version, const Request& request) {
    const auto frame = wire::encode_request({.version = version, .correlation_id = 7}, request);
    base::ByteVector bytes = frame->joined();
    bytes.erase(bytes.begin(), bytes.begin() + wire::kFrameLengthSize);
    return bytes;
  }
};

TEST_F(KafkaConnectionTest, AnswersWhichVersionsAreServed) {
  const auto response = ask(0, wire::ApiVersionsRequest{});
  EXPECT_EQ(response.error_code, ErrorCode::kNone);
  ASSERT_EQ(response.api_keys.size(), served_apis().size());
  EXPECT_EQ(response.api_keys[0].api_key, 0);
  EXPECT_EQ(response.api_keys[0].min_version, 0) << "else some clients do not compress";
  EXPECT_EQ(response.api_keys[0].max_version, 13);
}

TEST_F(KafkaConnectionTest, ClientsSayTheirNamesProperly) {
  wire::ApiVersionsRequest request{.client_software_name = "a-client",
                                   .client_software_version = "1.2.3"};
  EXPECT_EQ(ask(3, request).error_code, ErrorCode::kNone);
  for (const wire::String name : {"", "-client", "client-", "two words", "a$b"}) {
    request.client_software_name = name;
    EXPECT_EQ(ask(3, request).error_code, ErrorCode::kInvalidRequest) << name;
  }
  EXPECT_EQ(ask(2, request).error_code, ErrorCode::kNone) << "earlier ones say nothing";
}

TEST_F(KafkaConnectionTest, AnUnknownVersionOfTheQuestionIsAnsweredInTheOldest) {
  base::ByteVector frame = frame_of(4, wire::ApiVersionsRequest{});
  frame[3] = 77;  // the version
  const auto reply = begin_frame(frame);
  run(core_testing::seconds(1));
  const auto response = response_of<wire::ApiVersionsRequest>(0, **reply);
  EXPECT_EQ(response.error_code, ErrorCode::kUnsupportedVersion);
  ASSERT_EQ(response.api_keys.size(), 1u);
  EXPECT_EQ(response.api_keys[0].api_key, 18);
}

TEST_F(KafkaConnectionTest, WhatCannotBeReadClosesTheConnection) {
  const base::ByteVector good = frame_of(9, wire::MetadataRequest{.topics = std::nullopt});
  EXPECT_FALSE(closes(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_TRUE(closes(base::ByteVector(good.begin(), good.begin() + static_cast<long>(size))))
        << size;
  base::ByteVector unknown_version = good;
  unknown_version[3] = 77;
  EXPECT_TRUE(closes(unknown_version));
  base::ByteVector unknown_key = good;
  unknown_key[0] = 3;
  EXPECT_TRUE(closes(unknown_key));
}

TEST_F(KafkaConnectionTest, ARequestOfHardlyAnythingButCountsClosesTheConnection) {
  wire::FetchRequest request{.max_wait_ms = 0};
  request.topics.resize(1000);
  EXPECT_FALSE(closes(frame_of(13, request)));
  request.topics.resize(200'000);
  const auto frame = frame_of(12, request);
  EXPECT_LT(frame.size(), 1u << 20) << "although each takes three bytes only";
  EXPECT_TRUE(closes(frame));
}

TEST_F(KafkaConnectionTest, ALargeRequestOfSmallThingsClosesTheConnectionToo) {
  wire::FetchRequest request{.max_wait_ms = 0};
  request.topics.resize(1);
  request.topics[0].partitions.resize(1'200'000);
  EXPECT_TRUE(closes(frame_of(12, request)));
}

TEST_F(KafkaConnectionTest, NothingIsAnsweredBeforeTheAgentServes) {
  services_.reset();
  EXPECT_TRUE(closes(frame_of(0, wire::ApiVersionsRequest{})));
}

}  // namespace
}  // namespace streamhouse::kafka
