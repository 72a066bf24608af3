// Goal: the headers of both sides, in each of their versions, with what is special about
// ApiVersions. Method: hand-made bytes, and whole frames there and back.
#include "wire/header.h"

#include <gtest/gtest.h>

#include "wire/message.h"
#include "wire/messages/cluster/api_versions.h"
#include "wire/messages/groups/heartbeat.h"
#include "wire/messages/topics/metadata.h"

namespace streamhouse::wire {
namespace {

template <std::size_t kSize>
base::BytesView bytes(const char (&literal)[kSize]) {
  return base::as_bytes({literal, kSize - 1});
}

/// What lies behind the length.
base::ByteVector content(const base::Result<Frame>& frame) {
  EXPECT_TRUE(frame) << to_string(frame.error());
  const base::ByteVector joined = frame->joined();
  EXPECT_EQ(base::load_big<std::int32_t>(joined.data()), std::ssize(joined) - 4);
  return {joined.begin() + kFrameLengthSize, joined.end()};
}

TEST(HeaderTest, AClassicRequestHasNoTaggedFields) {
  const auto frame = open_request(bytes("\0\x3\0\x8\0\0\0\x7\0\2meBODY"));
  ASSERT_TRUE(frame) << to_string(frame.error());
  EXPECT_EQ(frame->api->key, ApiKey::kMetadata);
  EXPECT_EQ(frame->header.api_key, 3);
  EXPECT_EQ(frame->header.version, 8);
  EXPECT_EQ(frame->header.correlation_id, 7);
  EXPECT_EQ(frame->header.client_id, "me");
  EXPECT_EQ(base::as_text(frame->body), "BODY");
  EXPECT_TRUE(frame->is_known_version());
}

TEST(HeaderTest, AFlexibleRequestHasAClassicClientIdAndTaggedFields) {
  const auto frame = open_request(bytes("\0\x3\0\x9\0\0\0\x7\0\2me\1\5\3xyzBODY"));
  ASSERT_TRUE(frame) << to_string(frame.error());
  EXPECT_EQ(frame->header.client_id, "me");
  EXPECT_EQ(base::as_text(frame->body), "BODY");
}

TEST(HeaderTest, AClientNeedNotSayWhoItIs) {
  const auto frame = open_request(bytes("\0\x12\0\3\0\0\0\7\xff\xff\0BODY"));
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->header.client_id.has_value());
  EXPECT_EQ(base::as_text(frame->body), "BODY");
}

TEST(HeaderTest, RequestsCutShortAreRefused) {
  const base::BytesView whole = bytes("\0\x3\0\x9\0\0\0\x7\0\2me\1\5\3xyz");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto frame = open_request(whole.first(size));
    ASSERT_FALSE(frame) << size;
    EXPECT_EQ(frame.error().code, base::Errc::kInvalid);
  }
  EXPECT_EQ(open_request(bytes("\0\x3\0\1\0\0\0\1\xff\xfe")).error().text,
            "Metadata header is of negative length");
}

TEST(HeaderTest, AnUnknownApiIsUnsupported) {
  for (const auto frame : {bytes("\0\x7\0\0\0\0\0\1\0\0"), bytes("\0\x4c\0\0\0\0\0\1\0\0"),
                           bytes("\xff\xff\0\0\0\0\0\1\0\0"), bytes("\x7f\xff\0\0\0\0\0\1\0\0")})
    EXPECT_EQ(open_request(frame).error().code, base::Errc::kUnsupported);
}

TEST(HeaderTest, AnApiVersionsRequestOfALaterVersionCanStillBeAnswered) {
  const auto frame = open_request(bytes("\0\x12\0\x9\0\0\0\7\0\2me\0whatever"));
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->is_known_version());
  EXPECT_EQ(frame->header.correlation_id, 7);
  const auto answer = content(
      encode_response(7, 0, ApiVersionsResponse{.error_code = ErrorCode::kUnsupportedVersion}));
  EXPECT_TRUE(base::equal(answer, bytes("\0\0\0\7\0\x23\0\0\0\0")));
}

TEST(HeaderTest, OnlyFlexibleResponsesHaveTaggedFieldsInTheirHeader) {
  const HeartbeatResponse response{.throttle_time_ms = 1,
                                   .error_code = ErrorCode::kRebalanceInProgress};
  const auto classic = content(encode_response(5, 3, response));
  EXPECT_TRUE(base::equal(classic, bytes("\0\0\0\5\0\0\0\1\0\x1b")));
  const auto flexible = content(encode_response(5, 4, response));
  EXPECT_TRUE(base::equal(flexible, bytes("\0\0\0\5\0\0\0\0\1\0\x1b\0")));
}

TEST(HeaderTest, ApiVersionsIsAnsweredWithTheOldestHeaderInEveryVersion) {
  const auto answer = content(encode_response(5, 3, ApiVersionsResponse{}));
  EXPECT_TRUE(base::equal(answer, bytes("\0\0\0\5\0\0\1\0\0\0\0\0")));
  const auto opened = open_response(answer, ApiKey::kApiVersions, 3);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->correlation_id, 5);
  EXPECT_TRUE(decode<ApiVersionsResponse>(opened->body, 3, {.trailing = Trailing::kRefused}));
}

TEST(HeaderTest, FramesReadBackOnTheOtherSide) {
  const MetadataRequest request{.topics = Array<MetadataRequest::Topic>{{.name = "logs"}}};
  for (Version version = 0; version <= 13; ++version) {
    const auto sent = content(
        encode_request({.version = version, .correlation_id = 9, .client_id = "me"}, request));
    const auto received = open_request(sent);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->header.api_key, 3);
    EXPECT_EQ(received->header.correlation_id, 9);
    const auto read =
        decode<MetadataRequest>(received->body, version, {.trailing = Trailing::kRefused});
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_EQ(read->topics->at(0).name, "logs");
    const auto answer = content(encode_response(9, version, MetadataResponse{.controller_id = 3}));
    const auto opened = open_response(answer, ApiKey::kMetadata, version);
    ASSERT_TRUE(opened);
    const auto response = decode<MetadataResponse>(opened->body, version);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->controller_id, version == 0 ? -1 : 3);
  }
}

TEST(HeaderTest, ErrorsNameMessageVersionAndField) {
  const auto request = decode<MetadataRequest>(bytes("\0\0\0\1\0\5lo"), 4);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().text, "MetadataRequest v4: Topics[0].Name is cut short");
  const auto unknown = decode<MetadataRequest>(bytes("\0\0\0\0"), 14);
  EXPECT_EQ(unknown.error().text, "MetadataRequest has versions 0-13, not 14");
}

TEST(ApiTest, EveryKeyFindsItsApi) {
  for (const Api& api : apis()) {
    EXPECT_EQ(find_api(static_cast<std::int16_t>(api.key)), &api);
    EXPECT_EQ(&api_of(api.key), &api);
  }
  for (const int key : {-1, -32768, 4, 7, 76, 32767})
    EXPECT_EQ(find_api(static_cast<std::int16_t>(key)), nullptr) << key;
}

TEST(VersionsTest, AreReadAndWrittenAsInDocuments) {
  static_assert(Versions("3+").contains(3) && Versions("3+").contains(100));
  static_assert(!Versions("3+").contains(2) && !Versions("3+").contains(-1));
  static_assert(Versions("0-12").contains(0) && !Versions("0-12").contains(13));
  static_assert(Versions("4").contains(4) && !Versions("4").contains(5));
  static_assert(!Versions().any() && !Versions().contains(0));
  EXPECT_EQ(to_string(Versions("3+")), "3+");
  EXPECT_EQ(to_string(Versions("0-12")), "0-12");
  EXPECT_EQ(to_string(Versions("4")), "4");
  EXPECT_EQ(to_string(Versions()), "");
}

}  // namespace
}  // namespace streamhouse::wire
