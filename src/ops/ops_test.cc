// Goal: orchestrators and dashboards find what the outside contract promises on the HTTP address.
// Method: the routes behind a real HttpServer, asked through a real socket.
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "net/http_server.h"
#include "ops/ops_routes.h"
#include "ops/readiness.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/telemetry/metrics.h"
#include "runtime/thread_pool.h"

namespace streamhouse::ops {
namespace {

namespace asio = boost::asio;

std::string ask(std::uint16_t port, const std::string& path) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket, asio::buffer("GET " + path + " HTTP/1.0\r\n\r\n"));
  std::string answer;
  boost::system::error_code closed;
  asio::read(socket, asio::dynamic_buffer(answer), closed);
  return answer;
}

class OpsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto address = server_.listen({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(address);
    port_ = address->port;
  }
  void TearDown() override { run_task(runtime_, server_.close()); }

  std::string get(const std::string& path) {
    return run_task(runtime_, client_.run([port = port_, path] { return ask(port, path); }));
  }

  Readiness readiness_;
  runtime::Metrics metrics_;

 private:
  runtime::AsioRuntime runtime_;
  runtime::ThreadPool client_{runtime_, {.name = "client"}};
  net::HttpServer server_{runtime_,
                          {.connections = &metrics_.gauge("connections", {"http"})},
                          ops_routes(readiness_, metrics_)};
  std::uint16_t port_ = 0;
};

TEST_F(OpsTest, HealthIsAnsweredAlsoWhenNotReady) {
  readiness_.hold("startup", "recovering");
  const std::string answer = get("/healthz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nok")) << answer;
}

TEST_F(OpsTest, ReadinessNamesItsReasons) {
  std::string answer = get("/readyz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 200")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nready")) << answer;

  readiness_.hold("metadata", "first");
  readiness_.hold("metadata", "connection \"refused\"");
  readiness_.hold("draining", "SIGTERM");
  answer = get("/readyz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 503")) << answer;
  EXPECT_NE(answer.find("Content-Type: application/json\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(
      answer.ends_with("\r\n\r\n{\"ready\":false,\"reasons\":[\"draining: SIGTERM\","
                       "\"metadata: connection \\\"refused\\\"\"]}"))
      << answer;
  EXPECT_FALSE(readiness_.ready());

  readiness_.release("metadata");
  readiness_.release("draining");
  readiness_.release("never held");
  EXPECT_TRUE(readiness_.ready());
  EXPECT_TRUE(get("/readyz").ends_with("\r\n\r\nready"));
}

TEST_F(OpsTest, MetricsAreShownAsPrometheusText) {
  metrics_.counter("produce_records_total", {"grpc"}).add(7);
  const std::string answer = get("/metrics?format=any");
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 200")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(answer.find("\nstreamhouse_produce_records_total{protocol=\"grpc\"} 7\n"),
            std::string::npos)
      << answer;
  EXPECT_NE(answer.find("\nstreamhouse_connections{protocol=\"http\"} 1\n"), std::string::npos)
      << "this very connection: " << answer;
}

TEST_F(OpsTest, AnythingElseIsNotFound) {
  for (const char* path : {"/", "/healthz/", "/metrics/x", "/%2e%2e/etc/passwd"})
    EXPECT_TRUE(get(path).starts_with("HTTP/1.0 404")) << path;
}

}  // namespace
}  // namespace streamhouse::ops
