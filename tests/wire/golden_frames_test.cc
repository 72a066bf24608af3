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

}  // namespace
}  // namespace streamhouse::wire
