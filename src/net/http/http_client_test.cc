// Goal: an answer is given whole or not at all, and a failure says truly whether the server can
// have had the request; nothing a server does costs unbounded memory or time.
// Method: a scripted server on a real socket.
#include "net/http/http_client.h"

#include <gtest/gtest.h>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/task_group.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::net {
namespace {

using base::Bytes;
using base::Errc;
using base::Result;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;
using Then = ScriptedReply::Then;
using namespace std::chrono_literals;

class HttpClientTest : public testing::Test {
 protected:
  Result<ClientResponse> send(ClientRequest request) {
    return runtime::run_task(runtime_, client_.send(std::move(request)));
  }
  static std::string outcome(const Result<ClientResponse>& result) {
    return result ? std::to_string(result->status) : std::string(errc_name(result.error().code));
  }
  static std::vector<Bytes> pieces(std::initializer_list<std::string> texts) {
    std::vector<Bytes> bytes;
    for (const auto& text : texts) bytes.emplace_back(std::string(text));
    return bytes;
  }

  runtime::AsioRuntime runtime_;
  HttpClient client_{runtime_, {.transfers_max = 4, .connect_max = 2s, .stall_max = 1s}};
};

TEST_F(HttpClientTest, SendsWhatItIsToldAndReturnsTheAnswer) {
  ScriptedHttpServer server([](const ScriptedRequest&) {
    return ScriptedReply{http_answer(206, "content", "X-Thing:  some value \r\nETag: \"1\"\r\n")};
  });
  const auto answer = send({.method = "PUT",
                            .url = server.url() + "/a/../b%20c?x=1&y=",
                            .headers = {{"x-one", "1"}, {"x-empty", ""}},
                            .body = pieces({"one ", "", "two ", "three", ""})});
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->status, 206);
  EXPECT_EQ(base::to_string(answer->body), "content");
  EXPECT_EQ(answer->header("x-thing"), "some value");
  EXPECT_EQ(answer->header("etag"), "\"1\"");
  EXPECT_EQ(answer->header("none"), "");
  const ScriptedRequest request = server.requests().at(0);
  EXPECT_EQ(request.line, "PUT /a/../b%20c?x=1&y= HTTP/1.1") << "paths are not tidied up";
  EXPECT_EQ(request.body, "one two three");
  EXPECT_EQ(request.header("content-length"), "13");
  EXPECT_EQ(request.header("x-one"), "1");
  EXPECT_NE(request.headers.find("x-empty:"), std::string::npos);
  EXPECT_EQ(request.header("expect"), "");
  EXPECT_EQ(request.header("transfer-encoding"), "");
}

TEST_F(HttpClientTest, LargeBodiesGoBothWays) {
  ScriptedHttpServer server(
      [](const ScriptedRequest& request) { return ScriptedReply{http_answer(200, request.body)}; });
  std::vector<Bytes> body;
  std::string whole;
  for (int i = 0; i < 90; ++i) {
    std::string piece(100'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    whole += piece;
    body.emplace_back(std::move(piece));
  }
  const auto answer = send({.method = "POST",
                            .url = server.url(),
                            .body = std::move(body),
                            .response_bytes_max = whole.size()});
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(base::as_text(answer->body) == whole);
}

TEST_F(HttpClientTest, EveryMethodIsSentAsItIs) {
  ScriptedHttpServer server([](const ScriptedRequest& request) {
    const bool head = request.line.starts_with("HEAD");
    return ScriptedReply{head ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
                              : http_answer(204, "")};
  });
  for (const auto* const method : {"GET", "HEAD", "PUT", "POST", "DELETE"})
    EXPECT_TRUE(send({.method = method, .url = server.url() + "/x"})) << method;
  std::string lines;
  for (const auto& request : server.requests()) lines += request.line.substr(0, 4) + "|";
  EXPECT_EQ(lines, "GET |HEAD|PUT |POST|DELE|");
  EXPECT_EQ(server.connection_count(), 1) << "the connection is kept";
  EXPECT_EQ(send({.method = "HEAD", .url = server.url()})->header("content-length"), "1234");
}

TEST_F(HttpClientTest, RunsAsManyAtOnceAsItMay) {
  ScriptedHttpServer server([](const ScriptedRequest& request) {
    return ScriptedReply{.bytes = http_answer(200, request.line), .pause = 5ms};
  });
  int good = 0;
  runtime::run_task(
      runtime_,
      [](HttpClient& client, runtime::Runtime& runtime, std::string url,
         int& count) -> runtime::Task<void> {
        runtime::TaskGroup group(runtime);
        for (int i = 0; i < 40; ++i) {
          group.spawn([](HttpClient& one, std::string path, int& ok) -> runtime::Task<void> {
            const auto answer = co_await one.send({.url = path});
            ok += answer && answer->status == 200 ? 1 : 0;
          }(client, url + "/" + std::to_string(i), count));
        }
        co_await group.close();
      }(client_, runtime_, server.url(), good));
  EXPECT_EQ(good, 40);
  EXPECT_LE(server.connection_count(), 4);
}

TEST_F(HttpClientTest, WhoCannotBeReachedHasNotHadTheRequest) {
  std::string url;
  {
    const ScriptedHttpServer gone([](const ScriptedRequest&) { return ScriptedReply{}; });
    url = gone.url();
  }
  const auto refused = send({.method = "PUT", .url = url + "/x?secret=1", .body = pieces({"x"})});
  EXPECT_EQ(outcome(refused), "unavailable");
  EXPECT_NE(refused.error().text.find("PUT " + url + "/x:"), std::string::npos)
      << refused.error().text;
  EXPECT_EQ(refused.error().text.find("secret"), std::string::npos) << "queries are not shown";
  EXPECT_EQ(outcome(send({.url = "http://no-such-host.invalid/"})), "unavailable");
}

TEST_F(HttpClientTest, AConnectionLostAfterTheRequestLeavesItsOutcomeOpen) {
  for (const Then then : {Then::kClose, Then::kReset}) {
    ScriptedHttpServer server([then](const ScriptedRequest&) { return ScriptedReply{"", then}; });
    EXPECT_EQ(outcome(send({.method = "PUT", .url = server.url(), .body = pieces({"all"})})),
              "unknown_outcome");
    EXPECT_EQ(outcome(send({.method = "DELETE", .url = server.url()})), "unknown_outcome");
  }
}

TEST_F(HttpClientTest, AnAnswerThatBreaksOffIsNone) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ScriptedHttpServer server([&whole, size](const ScriptedRequest&) {
      return ScriptedReply{whole.substr(0, size), Then::kClose};
    });
    EXPECT_EQ(outcome(send({.url = server.url()})), "unknown_outcome") << size;
  }
}

TEST_F(HttpClientTest, AServerThatHangsIsGivenUp) {
  ScriptedHttpServer server([](const ScriptedRequest&) { return ScriptedReply{"", Then::kHang}; });
  EXPECT_EQ(outcome(send({.method = "PUT", .url = server.url(), .time_max = 200ms})),
            "unknown_outcome");
  // stall_max is a second; without it the request's own half hour would count
  EXPECT_EQ(outcome(send({.method = "PUT", .url = server.url(), .time_max = 30min})),
            "unknown_outcome");
}

TEST_F(HttpClientTest, ASlowAnswerIsCutOffAtItsTime) {
  ScriptedHttpServer server([](const ScriptedRequest&) {
    return ScriptedReply{
        .bytes = http_answer(200, std::string(100'000, 'x')), .pause = 20ms, .piece_bytes = 100};
  });
  const auto slow = send({.url = server.url(), .response_bytes_max = 1u << 20, .time_max = 500ms});
  EXPECT_EQ(outcome(slow), "unknown_outcome");
}

TEST_F(HttpClientTest, AnAnswerLargerThanAgreedIsNotKept) {
  ScriptedHttpServer server([](const ScriptedRequest& request) {
    if (request.line.starts_with("GET /headers"))
      return ScriptedReply{http_answer(200, "", "X-Big: " + std::string(90'000, 'x') + "\r\n")};
    return ScriptedReply{http_answer(200, std::string(1001, 'x'))};
  });
  const auto large = send({.url = server.url() + "/body", .response_bytes_max = 1000});
  EXPECT_EQ(outcome(large), "unknown_outcome");
  EXPECT_NE(large.error().text.find("more than 1000 bytes"), std::string::npos);
  EXPECT_EQ(outcome(send({.url = server.url() + "/body", .response_bytes_max = 1001})), "200");
  EXPECT_EQ(outcome(send({.url = server.url() + "/headers"})), "unknown_outcome");
}

TEST_F(HttpClientTest, AConnectionThatDiedWhileItWasIdleIsReplaced) {
  ScriptedHttpServer server([](const ScriptedRequest& request) {
    const bool last = request.line.starts_with("GET /last");
    return ScriptedReply{http_answer(200, "x"), last ? Then::kClose : Then::kKeep};
  });
  EXPECT_EQ(outcome(send({.url = server.url() + "/last"})), "200");
  EXPECT_EQ(outcome(send({.method = "PUT", .url = server.url(), .body = pieces({"again"})})),
            "200");
  EXPECT_EQ(server.requests().back().body, "again");
}

TEST_F(HttpClientTest, FollowsNobodyElsewhere) {
  ScriptedHttpServer server([](const ScriptedRequest&) {
    return ScriptedReply{http_answer(301, "", "Location: http://127.0.0.1:1/\r\n")};
  });
  EXPECT_EQ(outcome(send({.url = server.url()})), "301");
}

TEST_F(HttpClientTest, RefusesWhatIsNoHttpUrl) {
  for (const auto* const url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://"})
    EXPECT_EQ(outcome(send({.url = url})), "invalid") << url;
}

TEST_F(HttpClientTest, EndsWhileRequestsAreUnderWay) {
  ScriptedHttpServer server([](const ScriptedRequest&) { return ScriptedReply{"", Then::kHang}; });
  bool resumed = false;
  {
    HttpClient client(runtime_, {});
    runtime_.spawn([](HttpClient& one, std::string url, bool& ended) -> runtime::Task<void> {
      const auto answer = co_await one.send({.url = url});
      ended = answer.has_value();
    }(client, server.url(), resumed));
    runtime::run_task(runtime_, runtime_.sleep(50ms));
  }
  EXPECT_FALSE(resumed);
}

}  // namespace
}  // namespace streamhouse::net
