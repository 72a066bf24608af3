// Goal: the parts of an object are the object, and an upload that cannot be finished is given up.
// Method: slices of known content; a scripted server that refuses one step after the other. Whole
// uploads are put by tests/contract/objectstore to a real server.
#include "objectstore/s3/s3_parts.h"

#include <gmock/gmock.h>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::objectstore {
namespace {

using testing::HasSubstr;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;
using namespace std::chrono_literals;

Chunks chunks_of(std::initializer_list<std::string> texts) {
  Chunks chunks;
  for (const auto& text : texts) chunks.emplace_back(std::string(text));
  return chunks;
}

TEST(SliceChunksTest, GivesEveryRangeWithoutCopying) {
  const Chunks content = chunks_of({"012", "", "3", "456789"});
  const std::string whole = "0123456789";
  for (std::uint64_t position = 0; position <= whole.size(); ++position) {
    for (std::uint64_t length = 0; position + length <= whole.size(); ++length) {
      const Chunks slice = slice_chunks(content, {.position = position, .length = length});
      EXPECT_EQ(base::to_string(concatenate(slice)), whole.substr(position, length));
    }
  }
  EXPECT_EQ(slice_chunks(content, {.position = 4, .length = 3})[0].data(), content[3].data());
}

class S3PartsUploadTest : public testing::Test {
 protected:
  /// Uploads 25 bytes in parts of 10; `refused` is the beginning of the requests that are refused.
  Result<net::ClientResponse> upload(const std::string& refused, const std::string& refusal) {
    server_ = std::make_unique<ScriptedHttpServer>([=](const ScriptedRequest& request) {
      if (request.line.starts_with(refused)) return ScriptedReply{refusal};
      if (request.line.starts_with("POST /bucket/a?uploads="))
        return ScriptedReply{http_answer(200, "<R><UploadId>id/1</UploadId></R>")};
      if (request.line.starts_with("PUT"))
        return ScriptedReply{
            http_answer(200, "", "ETag: \"" + request.body.substr(0, 1) + "\"\r\n")};
      return ScriptedReply{http_answer(200, "<CompleteMultipartUploadResult/>")};
    });
    const auto endpoint = locate_bucket("bucket", "us-east-1", server_->url());
    S3Client client(runtime_, http_, keys_, {.endpoint = *endpoint, .region = "us-east-1"});
    RetryPolicy policy({.attempts_max = 2});
    S3PartsUpload upload({.pool = pool_,
                          .client = client,
                          .retries = {.runtime = runtime_,
                                      .policy = policy,
                                      .backoff = {.first = 1ms, .longest = 1ms}}},
                         {.key = "a",
                          .content = chunks_of({"aaaaaaa", "aaabbbbbbbb", "bbccccc"}),
                          .part_bytes = 10,
                          .at_start = {{"x-amz-meta-x", "y"}},
                          .at_end = {{"if-none-match", "*"}}});
    return runtime::run_task(runtime_, upload.run());
  }
  /// How many requests began so.
  std::size_t count(const std::string& beginning) const {
    std::size_t found = 0;
    for (const auto& request : server_->requests()) found += request.line.starts_with(beginning);
    return found;
  }

  runtime::AsioRuntime runtime_;
  runtime::ThreadPool pool_{runtime_, {.name = "hash"}};
  net::HttpClient http_{runtime_, {}};
  net::StaticCredentials keys_{{.access_key_id = "key", .secret_access_key = "secret"}};
  std::unique_ptr<ScriptedHttpServer> server_;
};

const std::string kPart = "PUT /bucket/a?partNumber=2&";
const std::string kComplete = "POST /bucket/a?uploadId=";
const std::string kAbandon = "DELETE /bucket/a?uploadId=id%2F1 ";

TEST_F(S3PartsUploadTest, PutsThePartsTogetherInOrder) {
  const auto answer = upload("nothing", "");
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->status, 200);
  const auto requests = server_->requests();
  EXPECT_EQ(requests.front().header("x-amz-meta-x"), "y");
  EXPECT_EQ(requests.back().header("if-none-match"), "*");
  EXPECT_EQ(
      requests.back().body,
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
      "</Part><Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part><Part>"
      "<PartNumber>3</PartNumber><ETag>&quot;c&quot;</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(count("PUT"), 3u);
  EXPECT_EQ(count("DELETE"), 0u);
}

TEST_F(S3PartsUploadTest, AnUploadThatIsNotBegunIsNotAppliedEither) {
  for (const auto& refusal :
       {http_answer(500, ""), http_answer(200, "<R/>"), http_answer(200, "")}) {
    const auto answer = upload("POST /bucket/a?uploads=", refusal);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, base::Errc::kUnavailable);
    EXPECT_EQ(count("PUT"), 0u);
  }
}

TEST_F(S3PartsUploadTest, APartIsPutAgainAndThenTheUploadIsGivenUp) {
  const auto answer = upload(kPart, http_answer(500, ""));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::Errc::kUnavailable) << "nothing is visible yet";
  EXPECT_EQ(count(kPart), 2u);
  EXPECT_EQ(count(kComplete), 0u);
  EXPECT_EQ(count(kAbandon), 1u);
}

TEST_F(S3PartsUploadTest, ARefusalAtTheEndGivesTheUploadUp) {
  const auto answer = upload(kComplete, http_answer(412, ""));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 412);
  EXPECT_EQ(count(kAbandon), 1u);
}

TEST_F(S3PartsUploadTest, AFailureInTheBodyOfASuccessIsNone) {
  const auto answer =
      upload(kComplete, http_answer(200, "<Error><Code>InternalError</Code></Error>"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(count(kAbandon), 0u) << "it may still be put together";
}

}  // namespace
}  // namespace streamhouse::objectstore
