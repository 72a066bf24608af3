// Goal: a server listens where it is told to, and where it cannot the address is named; how many
// connections a port has can be asked of the kernel.
// Method: real sockets on the loopback.
#include "net/listening.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "net/connection_count.h"
#include "tests/net/blocking_client.h"

namespace streamhouse::net {
namespace {

using boost::asio::ip::tcp;

class ListeningTest : public testing::Test {
 protected:
  /// The refusal's text; empty if there is none.
  std::string refusal(const HostPort& address) {
    tcp::acceptor acceptor(executor_);
    const auto bound = begin_listening(address, acceptor);
    if (bound) return "";
    EXPECT_EQ(bound.error().code, base::Errc::kUnavailable);
    return bound.error().text;
  }
  /// The kernel moves a connection from one list to another in its own time.
  static bool comes_to_have(std::uint16_t port, std::size_t connections) {
    for (int attempt = 0; attempt < 6'000; ++attempt) {
      if (connection_count(port) == connections) return true;
      ::usleep(10'000);
    }
    return false;
  }

  boost::asio::io_context executor_;
  tcp::acceptor acceptor_{executor_};
};

TEST_F(ListeningTest, PortZeroIsChosen) {
  const auto first = begin_listening({.host = "127.0.0.1", .port = 0}, acceptor_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->host, "127.0.0.1");
  EXPECT_NE(first->port, 0);
  tcp::acceptor other(executor_);
  const auto second = begin_listening({.host = "127.0.0.1", .port = 0}, other);
  ASSERT_TRUE(second);
  EXPECT_NE(first->port, second->port);
}

TEST_F(ListeningTest, AHostMayBeANameAndKeepsIt) {
  const auto bound = begin_listening({.host = "localhost", .port = 0}, acceptor_);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->host, "localhost");
}

TEST_F(ListeningTest, EveryAddressOfTheHostIsServedByZeros) {
  const auto bound = begin_listening({.host = "0.0.0.0", .port = 0}, acceptor_);
  ASSERT_TRUE(bound);
  EXPECT_TRUE(BlockingClient(bound->port).connected());
}

TEST_F(ListeningTest, APortThatIsTakenIsNamed) {
  const auto taken = begin_listening({.host = "127.0.0.1", .port = 0}, acceptor_);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(refusal(*taken).starts_with("cannot listen on " + to_string(*taken) + ": "))
      << refusal(*taken);
}

TEST_F(ListeningTest, AHostThatIsNotThereIsNamed) {
  EXPECT_TRUE(refusal({.host = "no-such-host.invalid", .port = 80})
                  .starts_with("cannot listen on no-such-host.invalid:80: "));
  EXPECT_TRUE(refusal({.host = "192.0.2.1", .port = 80}).starts_with("cannot listen on 192.0.2.1"))
      << "an address that is kept for documents is nobody's";
}

TEST_F(ListeningTest, APortCanBeTakenAgainAtOnceAfterItsServerEnded) {
  const auto bound = begin_listening({.host = "127.0.0.1", .port = 0}, acceptor_);
  ASSERT_TRUE(bound);
  {
    const BlockingClient client(bound->port);
    ASSERT_TRUE(client.connected());
    tcp::socket accepted = acceptor_.accept();
    acceptor_.close();
  }
  tcp::acceptor next(executor_);
  EXPECT_TRUE(begin_listening(*bound, next)) << "what waits in the kernel holds nothing up";
}

TEST_F(ListeningTest, TheKernelKnowsHowManyConnectionsAPortHas) {
  const auto bound = begin_listening({.host = "127.0.0.1", .port = 0}, acceptor_);
  ASSERT_TRUE(bound);
  EXPECT_EQ(connection_count(bound->port), 0u) << "a listener is no connection";
  std::vector<tcp::socket> accepted;
  {
    const BlockingClient one(bound->port);
    const BlockingClient other(bound->port);
    accepted.push_back(acceptor_.accept());
    accepted.push_back(acceptor_.accept());
    EXPECT_TRUE(comes_to_have(bound->port, 2));
  }
  accepted.clear();
  EXPECT_TRUE(comes_to_have(bound->port, 0));
}

}  // namespace
}  // namespace streamhouse::net
