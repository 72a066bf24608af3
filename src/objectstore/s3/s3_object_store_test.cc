// Goal: what a server answers that no good server answers is never taken for content, and every
// failure says truly what may have happened.
// Method: a scripted server; what good servers do is in tests/contract/objectstore.
#include "objectstore/s3/s3_object_store.h"

#include <gmock/gmock.h>

#include "base/hex.h"
#include "net/aws/sha256.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::objectstore {
namespace {

using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;
using Then = ScriptedReply::Then;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string hash_of(const std::string& content) {
  return base::to_hex(base::BytesView(net::sha256(base::as_bytes(content))));
}
std::string error_body(const std::string& code) {
  return "<Error><Code>" + code + "</Code><Message>m</Message></Error>";
}
std::string part_answer(const std::string& body, const std::string& range) {
  return http_answer(206, body, "Content-Range: bytes " + range + "\r\n");
}

class S3ObjectStoreTest : public testing::Test {
 protected:
  template <class T>
  T wait(Task<T> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(errc_name(result.error().code));
  }
  static Chunks text(const std::string& content) { return {Bytes(std::string(content))}; }

  /// A store whose server answers the n-th request with the n-th reply, the last one again and
  /// again.
  S3ObjectStore& store(std::vector<ScriptedReply> replies, S3ObjectStore::Options options = {}) {
    server_ = std::make_unique<ScriptedHttpServer>(
        [replies = std::move(replies), next = std::size_t{0}](const ScriptedRequest&) mutable {
          return replies[std::min(next++, replies.size() - 1)];
        });
    const auto endpoint = locate_bucket("bucket", "us-east-1", server_->url());
    client_ = std::make_unique<S3Client>(runtime_, http_, keys_,
                                         S3Target{.endpoint = *endpoint, .region = "us-east-1"});
    options.prefix = "p/";
    store_ = std::make_unique<S3ObjectStore>(
        S3ObjectStore::Ports{.runtime = runtime_, .pool = pool_, .client = *client_}, options);
    return *store_;
  }
  S3ObjectStore& store(const std::string& bytes) { return store({ScriptedReply{bytes}}); }

  runtime::AsioRuntime runtime_;
  runtime::ThreadPool pool_{runtime_, {.name = "hash"}};
  net::HttpClient http_{runtime_, {.stall_max = 1s}};
  net::StaticCredentials keys_{{.access_key_id = "key", .secret_access_key = "secret"}};
  std::unique_ptr<ScriptedHttpServer> server_;
  std::unique_ptr<S3Client> client_;
  std::unique_ptr<S3ObjectStore> store_;
};

TEST_F(S3ObjectStoreTest, PutsOnceAndSaysWhatItPuts) {
  EXPECT_EQ(outcome(wait(store(http_answer(200, "")).put("ab/7", text("content")))), "ok");
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].line, "PUT /bucket/p/ab/7 HTTP/1.1");
  EXPECT_EQ(requests[0].body, "content");
  EXPECT_EQ(requests[0].header("if-none-match"), "*");
  EXPECT_EQ(requests[0].header("x-amz-content-sha256"), hash_of("content"));
  EXPECT_EQ(requests[0].header("x-amz-meta-sha256"), hash_of("content"));
  EXPECT_THAT(requests[0].header("authorization"), StartsWith("AWS4-HMAC-SHA256 Credential=key/"));
}

TEST_F(S3ObjectStoreTest, APutThatMeetsAnObjectComparesIt) {
  const auto head = [](const std::string& sha256, int length) {
    return ScriptedReply{"HTTP/1.1 200 OK\r\nx-amz-meta-sha256: " + sha256 +
                         "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n"};
  };
  const ScriptedReply met{http_answer(412, error_body("PreconditionFailed"))};
  const auto put = [&](const ScriptedReply& found) {
    return outcome(wait(store({met, found}).put("a", text("content"))));
  };
  EXPECT_EQ(put(head(hash_of("content"), 7)), "ok");
  EXPECT_EQ(put(head(hash_of("contenT"), 7)), "exists");
  EXPECT_EQ(put(head(hash_of("content"), 8)), "exists");
  EXPECT_EQ(put({http_answer(404, "")}), "unavailable") << "it is gone again: try again";
  EXPECT_EQ(put({http_answer(500, "")}), "unavailable");
}

TEST_F(S3ObjectStoreTest, AFailedPutSaysWhatMayHaveHappened) {
  const std::pair<ScriptedReply, std::string> cases[] = {
      {{http_answer(500, error_body("InternalError"))}, "unknown_outcome"},
      {{http_answer(503, error_body("SlowDown"))}, "throttled"},
      {{http_answer(409, error_body("ConditionalRequestConflict"))}, "unavailable"},
      {{http_answer(403, error_body("AccessDenied"))}, "unavailable"},
      {{http_answer(404, error_body("NoSuchBucket"))}, "unavailable"},
      {{"", Then::kReset}, "unknown_outcome"},
      {{"", Then::kHang}, "unknown_outcome"},
      {{"HTTP/1.1 200 OK\r\nContent-Le", Then::kClose}, "unknown_outcome"}};
  for (const auto& [reply, expected] : cases) {
    const Status put = wait(store({reply}).put("a", text("content")));
    EXPECT_EQ(outcome(put), expected) << reply.bytes;
    EXPECT_THAT(put.error().text, HasSubstr("p/a")) << "the error names the object";
  }
}

TEST_F(S3ObjectStoreTest, AWrongRangeIsNeverContent) {
  const auto get = [this](const std::string& bytes) {
    return outcome(wait(store(bytes).get("a", {2, 3})));
  };
  EXPECT_EQ(get(part_answer("234", "2-4/10")), "ok");
  EXPECT_EQ(get(part_answer("123", "1-3/10")), "unavailable");
  EXPECT_EQ(get(part_answer("23", "2-3/10")), "unavailable");
  EXPECT_EQ(get(part_answer("2345", "2-5/10")), "unavailable");
  EXPECT_EQ(get(part_answer("23", "2-4/10")), "unavailable");
  EXPECT_EQ(get(http_answer(206, "234")), "unavailable");
  EXPECT_EQ(get(http_answer(200, "0123456789")), "unavailable") << "the range was not understood";
  EXPECT_EQ(get(http_answer(200, "234")), "unavailable");
  EXPECT_EQ(get(part_answer("23", "2-3/4")), "invalid_offset");
}

TEST_F(S3ObjectStoreTest, AReadIsNeverOfUnknownOutcome) {
  for (const ScriptedReply& reply :
       {ScriptedReply{"", Then::kReset}, ScriptedReply{http_answer(500, "")},
        ScriptedReply{"HTTP/1.1 206 OK\r\nContent-Length: 10\r\n\r\n123", Then::kClose}}) {
    EXPECT_EQ(outcome(wait(store({reply}).get("a", {0, 3}))), "unavailable");
    EXPECT_EQ(outcome(wait(store({reply}).list("", "", 1))), "unavailable");
  }
}

TEST_F(S3ObjectStoreTest, AMissingBucketIsNoMissingObject) {
  const std::string missing = http_answer(404, error_body("NoSuchBucket"));
  EXPECT_EQ(outcome(wait(store(missing).get("a", {0, 3}))), "unavailable");
  EXPECT_EQ(outcome(wait(store(missing).remove("a"))), "unavailable");
  EXPECT_EQ(outcome(wait(store(http_answer(404, error_body("NoSuchKey"))).get("a", {0, 3}))),
            "not_found");
  EXPECT_EQ(outcome(wait(store(http_answer(404, error_body("NoSuchKey"))).remove("a"))), "ok");
}

std::vector<std::string> outcomes_of(const Result<std::vector<Status>>& removed) {
  std::vector<std::string> outcomes;
  if (!removed) return {std::string(errc_name(removed.error().code))};
  for (const Status& one : *removed)
    outcomes.push_back(one ? "ok" : std::string(errc_name(one.error().code)));
  return outcomes;
}
using Outcomes = std::vector<std::string>;

TEST_F(S3ObjectStoreTest, RemovesManyByOneRequest) {
  const std::string some = http_answer(
      200, "<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code></Error></DeleteResult>");
  EXPECT_EQ(outcomes_of(wait(store(some).remove_many({"a", "b", "c"}))),
            (Outcomes{"ok", "unavailable", "ok"}));
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].line, "POST /bucket/?delete= HTTP/1.1");
  EXPECT_THAT(requests[0].body, HasSubstr("<Key>p/a</Key>"));
  EXPECT_EQ(requests[0].header("content-md5").size(), 24u);
  EXPECT_EQ(outcomes_of(wait(store(http_answer(204, "")).remove_many({"a"}))), Outcomes{"ok"});
  EXPECT_THAT(server_->requests().at(0).line, StartsWith("DELETE "));
}

TEST_F(S3ObjectStoreTest, ARemovalOfManyThatFailsSaysWhatMayHaveHappened) {
  const std::pair<ScriptedReply, std::string> cases[] = {
      {{http_answer(500, error_body("InternalError"))}, "unknown_outcome"},
      {{http_answer(503, error_body("SlowDown"))}, "throttled"},
      {{http_answer(403, error_body("AccessDenied"))}, "unavailable"},
      {{http_answer(200, "<html/>")}, "unknown_outcome"},
      {{"", Then::kReset}, "unknown_outcome"}};
  for (const auto& [reply, expected] : cases) {
    EXPECT_EQ(outcomes_of(wait(store({reply}).remove_many({"a", "b"}))), Outcomes{expected});
    EXPECT_EQ(store_->removals_per_request(), 1'000u);
  }
}

TEST_F(S3ObjectStoreTest, AServerThatCannotRemoveManyIsAskedOnce) {
  S3ObjectStore& store = this->store({{http_answer(501, error_body("NotImplemented"))},
                                      {http_answer(204, "")},
                                      {http_answer(404, error_body("NoSuchKey"))},
                                      {http_answer(403, error_body("AccessDenied"))},
                                      {http_answer(204, "")}});
  EXPECT_EQ(outcomes_of(wait(store.remove_many({"a", "b", "c"}))),
            (Outcomes{"ok", "ok", "unavailable"}));
  EXPECT_EQ(store.removals_per_request(), 1u);
  EXPECT_EQ(outcomes_of(wait(store.remove_many({"d", "e"}))), (Outcomes{"ok", "ok"}));
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 6u);
  EXPECT_THAT(requests[0].line, StartsWith("POST "));
  for (std::size_t i = 1; i < 6; ++i) EXPECT_THAT(requests[i].line, StartsWith("DELETE "));
}

TEST_F(S3ObjectStoreTest, AWholeObjectThatChangedIsCorrupt) {
  const auto answer = [](const std::string& body) {
    return http_answer(
        206, body,
        "Content-Range: bytes 0-6/7\r\nx-amz-meta-sha256: " + hash_of("content") + "\r\n");
  };
  EXPECT_EQ(outcome(wait(store(answer("content")).get("a", {0, 7}))), "ok");
  EXPECT_EQ(outcome(wait(store(answer("contenT")).get("a", {0, 7}))), "corrupt");
}

TEST_F(S3ObjectStoreTest, AListThatDoesNotMoveOnEnds) {
  const auto page = [](const std::string& contents) {
    return http_answer(200, "<ListBucketResult><IsTruncated>true</IsTruncated>" + contents +
                                "</ListBucketResult>");
  };
  const std::string entry = "<Contents><Key>p/a</Key><Size>1</Size></Contents>";
  EXPECT_EQ(outcome(wait(store(page("")).list("", "", 10))), "unavailable");
  EXPECT_EQ(outcome(wait(store(page(entry)).list("", "", 10))), "unavailable");
  EXPECT_EQ(outcome(wait(store(page(entry)).list("", "b", 10))), "unavailable");
}

TEST_F(S3ObjectStoreTest, AListLooksOnPastNamesThatAreNotOurs) {
  using Names = std::vector<std::string>;
  const auto page = [](const std::string& truncated, const Names& names) {
    std::string body = "<ListBucketResult><IsTruncated>" + truncated + "</IsTruncated>";
    for (const auto& name : names)
      body += "<Contents><Key>p/" + name + "</Key><Size>1</Size></Contents>";
    return ScriptedReply{http_answer(200, body + "</ListBucketResult>")};
  };
  const auto listed =
      wait(store({page("true", {"A", "a"}), page("true", {"a b", "b"}), page("false", {"b c"})})
               .list("", "", 2));
  ASSERT_TRUE(listed) << to_string(listed.error());
  ASSERT_EQ(listed->objects.size(), 2u);
  EXPECT_EQ(listed->objects[1].key, "b");
  EXPECT_FALSE(listed->more) << "what follows is none of ours";
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_THAT(requests[1].line, HasSubstr("start-after=p%2Fa HTTP"));
  EXPECT_THAT(requests[2].line, HasSubstr("start-after=p%2Fb HTTP"));
}

}  // namespace
}  // namespace streamhouse::objectstore
