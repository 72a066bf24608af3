// Goal: what a client in the field sends is understood to the last byte, and what its broker
// answered is what we would have answered.
// Method: frames captured from librdkafka and its mock broker (tests/golden) are read, compared
// with what the client was told to do, and written again: byte for byte the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "wire/message.h"
#include "wire/messages/cluster/api_versions.h"
#include "wire/messages/groups/join_group.h"
#include "wire/messages/groups/offset_commit.h"
#include "wire/messages/records/fetch.h"
#include "wire/messages/records/produce.h"
#include "wire/messages/topics/describe_topic_partitions.h"

namespace streamhouse::wire {
namespace {

namespace fs = std::filesystem;

constexpr DecodeOptions kStrict{.trailing = Trailing::kRefused};

fs::path folder() { return fs::path(SH_TESTS_DIRECTORY) / "golden" / "frames"; }

base::ByteVector read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Each `<key>_v<version>_<side>.bin`.
std::vector<fs::path> files(std::string_view side) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().string().ends_with(std::string(side) + ".bin")) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

base::BytesView content_of(const base::ByteVector& file) {
  return base::BytesView(file).subspan(kFrameLengthSize);
}

TEST(GoldenFramesTest, EveryRequestIsReadToItsEndAndWrittenTheSame) {
  for (const fs::path& path : files("_request")) {
    const base::ByteVector file = read_file(path);
    const auto frame = open_request(content_of(file));
    ASSERT_TRUE(frame) << path << to_string(frame.error());
    EXPECT_EQ(frame->header.client_id, "golden") << path;
    const MessageType what{.api = frame->api, .type = frame->api->request};
    const auto message = what.type->make();
    const auto status =
        decode_body(what, frame->header.version, frame->body, message.get(), kStrict);
    ASSERT_TRUE(status) << path << to_string(status.error());
    FrameSink sink;
    write_request_header(sink, frame->header);
    ASSERT_TRUE(encode_body(sink, what, frame->header.version, message.get()));
    EXPECT_EQ(sink.take().joined(), file) << path;
  }
  EXPECT_GE(files("_request").size(), 12u);
}

TEST(GoldenFramesTest, EveryResponseIsReadToItsEndAndWrittenTheSame) {
  for (const fs::path& path : files("_response")) {
    const base::ByteVector file = read_file(path);
    std::string request = path.string();
    request.replace(request.rfind("_response"), std::string::npos, "_request.bin");
    const base::ByteVector request_file = read_file(request);
    const auto asked = open_request(content_of(request_file));
    ASSERT_TRUE(asked) << path;
    const Version version = asked->header.version;
    const auto frame = open_response(content_of(file), asked->api->key, version);
    ASSERT_TRUE(frame) << path << to_string(frame.error());
    EXPECT_EQ(frame->correlation_id, asked->header.correlation_id);
    const MessageType what{.api = asked->api, .type = asked->api->response};
    const auto message = what.type->make();
    const auto status = decode_body(what, version, frame->body, message.get(), kStrict);
    ASSERT_TRUE(status) << path << to_string(status.error());
    FrameSink sink;
    write_response_header(sink, asked->api->key, version, frame->correlation_id);
    ASSERT_TRUE(encode_body(sink, what, version, message.get()));
    EXPECT_EQ(sink.take().joined(), file) << path;
  }
  EXPECT_GE(files("_response").size(), 12u);
}

/// The one captured request of an API, read.
template <class Request>
Request captured(base::ByteVector& file) {
  const std::string prefix = std::to_string(static_cast<int>(Request::kKey)) + "_v";
  for (const fs::path& path : files("_request"))
    if (path.filename().string().starts_with(prefix)) file = read_file(path);
  const auto frame = open_request(content_of(file));
  EXPECT_TRUE(frame);
  return decode<Request>(frame->body, frame->header.version).value();
}

TEST(GoldenFramesTest, SaysWhatTheClientWasToldToDo) {
  base::ByteVector file;
  EXPECT_EQ(captured<ApiVersionsRequest>(file).client_software_name, "librdkafka");

  const auto produce = captured<ProduceRequest>(file);
  EXPECT_EQ(produce.acks, -1);
  ASSERT_EQ(produce.topic_data.size(), 1u);
  EXPECT_EQ(produce.topic_data[0].name, "golden");
  ASSERT_EQ(produce.topic_data[0].partition_data.size(), 1u);
  const Records& records = produce.topic_data[0].partition_data[0].records.value();
  constexpr std::size_t kBatchHeader = 12;  // base offset and length, which counts what follows
  EXPECT_EQ(base::load_big<std::int32_t>(records.pieces.at(0).data() + 8),
            static_cast<std::int32_t>(records.size() - kBatchHeader));

  const auto fetch = captured<FetchRequest>(file);
  EXPECT_EQ(fetch.replica_id, -1);
  EXPECT_EQ(fetch.topics.at(0).topic, "golden");

  const auto join = captured<JoinGroupRequest>(file);
  EXPECT_EQ(join.group_id, "readers");
  EXPECT_EQ(join.protocol_type, "consumer");
  EXPECT_EQ(join.protocols.at(0).name, "range");

  const auto commit = captured<OffsetCommitRequest>(file);
  EXPECT_EQ(commit.group_id, "readers");
  const auto& topic = commit.topics.at(0);
  EXPECT_EQ(topic.name, "golden");
  EXPECT_TRUE(std::ranges::any_of(topic.partitions,
                                  [](const auto& part) { return part.committed_offset == 3; }));
}

/// A frame's bytes, its length included.
template <std::size_t kSize>
base::ByteVector hand_made(const char (&literal)[kSize]) {
  return base::to_vector(base::as_bytes({literal, kSize - 1}));
}

TEST(HandMadeFramesTest, AFlexibleFetchRequestHasItsTagsBehindItsFields) {
  const FetchRequest request{
      .cluster_id = "c",
      .max_wait_ms = 500,
      .min_bytes = 1,
      .max_bytes = 0x100000,
      .topics = {{.topic_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                  .partitions = {{.partition = 2, .fetch_offset = 9, .high_watermark = 5}}}},
      .rack_id = "z"};
  const auto frame =
      encode_request({.version = 18, .correlation_id = 7, .client_id = "me"}, request);
  ASSERT_TRUE(frame) << to_string(frame.error());
  EXPECT_EQ(frame->joined(),
            hand_made("\0\0\0\x68"                      // length
                      "\0\1\0\x12\0\0\0\7\0\2me\0"      // header 2
                      "\0\0\1\xf4\0\0\0\1\0\x10\0\0\0"  // waits, bytes, isolation level
                      "\0\0\0\0\xff\xff\xff\xff"        // no session
                      "\2\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10"  // one topic, its id
                      "\2\0\0\0\2"                                    // one partition
                      "\xff\xff\xff\xff"                              // current leader epoch
                      "\0\0\0\0\0\0\0\x9"                             // offset
                      "\xff\xff\xff\xff"                              // last fetched epoch
                      "\xff\xff\xff\xff\xff\xff\xff\xff"              // log start
                      "\0\0\0\0"                                      // bytes of the partition
                      "\1\1\x8\0\0\0\0\0\0\0\5"                       // tag 1: high watermark
                      "\0"                                            // of the topic
                      "\1\2z"                                         // none forgotten, rack
                      "\1\0\2\2"
                      "c"));  // tag 0: cluster id
}

TEST(HandMadeFramesTest, AFlexibleFetchResponseCarriesItsRecordsBetweenItsFields) {
  FetchResponse response;
  auto& partition = response.responses.emplace_back().partitions.emplace_back();
  response.responses[0].topic = "t";
  partition.high_watermark = 3;
  partition.current_leader = {.leader_id = 1, .leader_epoch = 0};
  partition.records->pieces = {base::Bytes(std::string("batch")), base::Bytes(std::string("es"))};
  const auto frame = encode_response(7, 12, response);
  ASSERT_TRUE(frame) << to_string(frame.error());
  EXPECT_EQ(frame->joined(),
            hand_made("\0\0\0\x4c"                        // length
                      "\0\0\0\7\0"                        // header 1
                      "\0\0\0\0\0\0\0\0\0\0"              // throttle time, error, session
                      "\2\2t\2\0\0\0\0\0\0"               // one topic, one partition, its error
                      "\0\0\0\0\0\0\0\3"                  // high watermark
                      "\xff\xff\xff\xff\xff\xff\xff\xff"  // last stable offset
                      "\xff\xff\xff\xff\xff\xff\xff\xff"  // log start
                      "\0\xff\xff\xff\xff"                // nothing aborted, no other replica
                      "\x8"
                      "batches"                    // records
                      "\1\1\x9\0\0\0\1\0\0\0\0\0"  // tag 1: leader, without tags
                      "\0\0"));                    // of topic and message
}

TEST(HandMadeFramesTest, AStructThatMayBeNullBeginsWithWhetherItIs) {
  DescribeTopicPartitionsRequest request{.topics = {{.name = "a"}}};
  EXPECT_EQ(encode_request({.correlation_id = 1}, request)->joined(),
            hand_made("\0\0\0\x15\0\x4b\0\0\0\0\0\1\xff\xff\0"
                      "\2\2"
                      "a\0\0\0\7\xd0\xff\0"));
  request.cursor = {.topic_name = "a", .partition_index = 5};
  EXPECT_EQ(encode_request({.correlation_id = 1}, request)->joined(),
            hand_made("\0\0\0\x1c\0\x4b\0\0\0\0\0\1\xff\xff\0"
                      "\2\2"
                      "a\0\0\0\7\xd0\1\2"
                      "a\0\0\0\5\0\0"));
}

}  // namespace
}  // namespace streamhouse::wire
