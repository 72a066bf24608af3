// Goal: the server answers what HTTP/1.1 clients send, and neither malformed, slow nor too many
// clients harm another one.
// Method: a real socket on the loopback; raw bytes in, raw bytes out; the clients block on threads
// of their own while the server runs on the test's.
#include "net/http_server.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/net/blocking_client.h"

namespace streamhouse::net {
namespace {

using namespace std::string_literals;

/// More than the kernel holds for a client that does not read: the client's buffer is bounded,
/// the server's grows to a few megabytes.
constexpr std::size_t kLargeBytes = 32'000'000;

using Client = BlockingClient;

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

class HttpServerTest : public testing::Test {
 protected:
  /// Runs `scenario` on a thread of its own against a server that answers every path with itself.
  void serve(HttpServer::Options options, std::function<void(std::uint16_t)> scenario) {
    HttpServer server(runtime_, options, [](const HttpRequest& request) -> HttpResponse {
      if (request.path == "/large") return {.body = std::string(kLargeBytes, 'x')};
      return {.body = "path=" + request.path + "."};
    });
    const auto address = server.listen({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(address);
    const auto call = [scenario = std::move(scenario), port = address->port] {
      scenario(port);
      return true;
    };
    runtime::run_task(runtime_, clients_.run(call));
    runtime::run_task(runtime_, server.close());
    EXPECT_EQ(server.connection_count(), 0u);
  }

 private:
  runtime::AsioRuntime runtime_;
  runtime::ThreadPool clients_{runtime_, {.name = "clients"}};
};

TEST_F(HttpServerTest, AnswersRequestsOneAfterTheOtherOnOneConnection) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    for (const char* path : {"/a", "/b?query=1", "/a/c"}) {
      client.send(get(path));
      const std::string answer = client.receive_to(".");
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
      EXPECT_NE(answer.find("Content-Type: text/plain; charset=utf-8\r\n"), std::string::npos);
      const std::string asked(path);
      EXPECT_TRUE(answer.ends_with("\r\n\r\npath=" + asked.substr(0, asked.find('?')) + "."));
    }
  });
}

TEST_F(HttpServerTest, AnswersPipelinedAndFragmentedRequests) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    const std::string two = get("/1") + get("/2");
    client.send(two.substr(0, 5));
    client.send(two.substr(5));
    std::string answers = client.receive_to("path=/2.");
    EXPECT_NE(answers.find("path=/1."), std::string::npos);
  });
}

TEST_F(HttpServerTest, HonoursCloseAndHttp10) {
  serve({}, [](std::uint16_t port) {
    const Client close(port);
    close.send("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(close.receive_to_close().ends_with("path=/x."));
    const Client old(port);
    old.send("GET /y HTTP/1.0\r\n\r\n");
    const std::string answer = old.receive_to_close();
    EXPECT_TRUE(answer.starts_with("HTTP/1.0 200")) << answer;
    EXPECT_TRUE(answer.ends_with("path=/y."));
  });
}

TEST_F(HttpServerTest, HeadGetsTheHeaderOnly) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string answer = client.receive_to_close();
    EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
  });
}

TEST_F(HttpServerTest, RefusesOtherMethodsAndKeepsTheConnection) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    client.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = client.receive_to("Method Not Allowed");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << answer;
    EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos) << answer;
    client.send(get("/still"));
    EXPECT_TRUE(client.receive_to(".").ends_with("path=/still."));
  });
}

TEST_F(HttpServerTest, MalformedBytesCloseTheirConnectionOnly) {
  serve({}, [](std::uint16_t port) {
    const Client good(port);
    good.send(get("/1"));
    good.receive_to(".");
    for (const std::string& bytes :
         {"nonsense\r\n\r\n"s, "GET / HTTP/9.9\r\n\r\n"s, "\x16\x03\x01\x02\x00\x01"s,
          "GET / HTTP/1.1\r\nBad Header\r\n\r\n"s, "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"s,
          "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"s, std::string(100, '\0')}) {
      const Client client(port);
      client.send(bytes);
      const std::string answer = client.receive_to_close();
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << bytes << " -> " << answer;
    }
    good.send(get("/2"));
    EXPECT_TRUE(good.receive_to(".").ends_with("path=/2."));
  });
}

TEST_F(HttpServerTest, AHeaderBeyondTheLimitIsCutOff) {
  serve({.header_bytes_max = 1000}, [](std::uint16_t port) {
    const Client fits(port);
    fits.send("GET / HTTP/1.1\r\nA: " + std::string(900, 'x') + "\r\n\r\n");
    EXPECT_TRUE(fits.receive_to(".").starts_with("HTTP/1.1 200"));
    const Client exceeds(port);
    exceeds.send("GET / HTTP/1.1\r\nA: " + std::string(2000, 'x'));
    EXPECT_TRUE(exceeds.receive_to_close().starts_with("HTTP/1.1 431"));
  });
}

TEST_F(HttpServerTest, SlowClientsAreCutOffAndDelayNobody) {
  serve({.request_time_max = std::chrono::seconds(1)}, [](std::uint16_t port) {
    const Client silent(port);
    const Client slow(port);
    slow.send("GET / HT");
    const Client never_reads(port);
    never_reads.send(get("/large"));
    const Client quick(port);
    quick.send(get("/quick"));
    EXPECT_TRUE(quick.receive_to(".").ends_with("path=/quick."));
    EXPECT_EQ(silent.receive_to_close(), "");
    EXPECT_EQ(slow.receive_to_close(), "");
    ::sleep(2);
    EXPECT_LT(never_reads.receive_to_close().size(), kLargeBytes);
  });
}

TEST_F(HttpServerTest, ManyIdleConnectionsDoNotKeepOthersOut) {
  serve({.connections_max = 3}, [](std::uint16_t port) {
    std::vector<Client> idle;
    for (int number = 0; number < 20; ++number) idle.emplace_back(port);
    const Client one(port);
    one.send(get("/one"));
    EXPECT_TRUE(one.receive_to(".").ends_with("path=/one."));
    for (int number = 0; number < 3; ++number) {
      const Client other(port);
      other.send(get("/other"));
      EXPECT_TRUE(other.receive_to(".").ends_with("path=/other."));
      one.send(get("/again"));
      EXPECT_TRUE(one.receive_to(".").ends_with("path=/again.")) << "not the longest idle";
    }
    // The last two may still be among the three.
    for (std::size_t number = 0; number < 18; ++number)
      EXPECT_EQ(idle[number].receive_to_close(), "");
  });
}

TEST_F(HttpServerTest, ClosingTheServerClosesItsConnections) {
  runtime::AsioRuntime runtime;
  HttpServer server(runtime, {}, [](const HttpRequest&) { return HttpResponse{}; });
  const auto address = server.listen({.host = "localhost", .port = 0});
  ASSERT_TRUE(address);
  const Client client(address->port);
  const auto body = [&]() -> runtime::Task<void> {
    while (server.connection_count() == 0) co_await runtime.yield();
    co_await server.close();
  };
  run_task(runtime, body());
  EXPECT_EQ(client.receive_to_close(), "");
  EXPECT_FALSE(Client(address->port).connected());
}

TEST_F(HttpServerTest, TheRuntimesEndDestroysOpenConnections) {
  std::unique_ptr<HttpServer> server;
  auto runtime = std::make_unique<runtime::AsioRuntime>();
  server = std::make_unique<HttpServer>(*runtime, HttpServer::Options{},
                                        [](const HttpRequest&) { return HttpResponse{}; });
  const auto address = server->listen({.host = "127.0.0.1", .port = 0});
  const Client client(address->port);
  const auto body = [&]() -> runtime::Task<void> {
    while (server->connection_count() == 0) co_await runtime->yield();
  };
  run_task(*runtime, body());
  server.reset();
  runtime.reset();
  EXPECT_EQ(client.receive_to_close(), "");
}

TEST_F(HttpServerTest, APortThatIsTakenIsNamed) {
  runtime::AsioRuntime runtime;
  HttpServer first(runtime, {}, [](const HttpRequest&) { return HttpResponse{}; });
  HttpServer second(runtime, {}, [](const HttpRequest&) { return HttpResponse{}; });
  const auto taken = first.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(taken);
  const auto refused = second.listen(*taken);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find(to_string(*taken)), std::string::npos);
  run_task(runtime, first.close());
  run_task(runtime, second.close());
}

}  // namespace
}  // namespace streamhouse::net
