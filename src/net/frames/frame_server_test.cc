// Goal: requests of a connection are at work side by side and answered in order, and what one
// client does wrong costs another nothing.
// Method: real sockets on the loopback. The handler is a script in the request itself; the clients
// block on a thread of their own while the server runs on the test's.
#include "net/frames/frame_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/signal.h"
#include "runtime/thread_pool.h"
#include "tests/net/frame_client.h"

namespace streamhouse::net {
namespace {

using namespace std::string_literals;
using runtime::Task;
using Client = FrameClient;

/// What requests ask for:
///   echo:TEXT    TEXT                       turn:TEXT   passes its turn on first
///   wait:NAME    answered after set:NAME    set:NAME    lets it go on
///   hold:NAME    wait:, with its turn       size:N      N bytes
///   poll:NAME    wait:, or until the handler is told that it is ending
///   park:NAME    wait:, and lets go of the request first
///   silent       no reply                   close       the last reply
///   pieces:TEXT  TEXT, a chunk a byte       from        the client's port
class Scripted final : public FrameHandler {
 public:
  struct World {
    explicit World(runtime::Runtime& runtime) : changed(runtime) {}
    std::vector<std::string> begun;
    std::vector<std::string> set;
    runtime::Signal changed;
    std::atomic<std::size_t> begun_count = 0;
    std::size_t handlers = 0;
    std::size_t endings = 0;  ///< Handlers told that they are ending.
  };
  Scripted(World& world, HostPort client) : world_(world), client_(std::move(client)) {}

  Task<FrameReply> answer(Frame request, Turn turn) override {
    const std::string text = base::to_string(request.bytes);
    world_.begun.push_back(text.substr(0, 40));
    ++world_.begun_count;
    const std::string verb = text.substr(0, text.find(':'));
    const std::string rest = text.substr(std::min(text.size(), verb.size() + 1));
    if (verb == "silent") co_return FrameReply{};
    if (verb == "close") co_return reply("closing", FrameReply::Then::kClose);
    if (verb == "from") co_return reply(std::to_string(client_.port));
    if (verb == "pieces") co_return in_pieces(framed(rest));
    if (verb == "size") co_return reply(std::string(std::stoul(rest), 'x'));
    if (verb == "set") {
      world_.set.push_back(rest);
      world_.changed.notify_all();
    }
    const bool polls = verb == "poll";
    const bool parks = verb == "park";
    if (parks) request = {};
    if (verb == "turn" || verb == "wait" || polls || parks) turn.pass();
    const bool waits = verb == "wait" || verb == "hold" || polls || parks;
    while (waits && std::ranges::count(world_.set, rest) == 0 && !(polls && ending_))
      co_await world_.changed.wait();
    co_return reply(rest);
  }
  void ending() override {
    ending_ = true;
    ++world_.endings;
    world_.changed.notify_all();
  }

 private:
  static FrameReply reply(const std::string& text,
                          FrameReply::Then then = FrameReply::Then::kGoOn) {
    return {.chunks = {base::Bytes(framed(text))}, .then = then};
  }
  static FrameReply in_pieces(const std::string& frame) {
    FrameReply reply;
    for (const char byte : frame) reply.chunks.emplace_back(std::string(1, byte));
    return reply;
  }

  World& world_;
  const HostPort client_;
  bool ending_ = false;
};

class FrameServerTest : public testing::Test {
 protected:
  /// Runs `scenario` on a thread of its own.
  void serve(const FrameLimits& limits, std::function<void(std::uint16_t)> scenario) {
    FrameServer server(
        runtime_, limits, [this](HostPort client) { return handler(std::move(client)); }, &gauge_);
    const auto address = server.listen({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(address);
    const auto call = [scenario = std::move(scenario), port = address->port] {
      scenario(port);
      return true;
    };
    runtime::run_task(runtime_, clients_.run(call));
    runtime::run_task(runtime_, server.close(runtime_.now() + std::chrono::seconds(60)));
    EXPECT_EQ(server.connection_count(), 0u);
    EXPECT_EQ(gauge_.value(), 0);
    EXPECT_EQ(world_.endings, world_.handlers) << "each is told once";
  }
  std::unique_ptr<Scripted> handler(HostPort client) {
    ++world_.handlers;
    return std::make_unique<Scripted>(world_, std::move(client));
  }
  void wait_until_begun(std::size_t requests) {
    while (world_.begun_count < requests) ::usleep(1000);
  }

  runtime::AsioRuntime runtime_;
  runtime::ThreadPool clients_{runtime_, {.name = "clients"}};
  Scripted::World world_{runtime_};
  runtime::Gauge gauge_;
};

TEST_F(FrameServerTest, AnswersRequestsInManyPiecesAndManyInOnePiece) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    for (const char byte : framed("echo:a") + framed("echo:b"))
      client.send_raw(std::string(1, byte));
    EXPECT_EQ(client.receive(), "a");
    EXPECT_EQ(client.receive(), "b");
    std::string many;
    for (int i = 0; i < 5000; ++i) many += framed("echo:" + std::to_string(i));
    client.send_raw(many);
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(client.receive(), std::to_string(i));
  });
}

TEST_F(FrameServerTest, LargeRequestsAndRepliesArriveWhole) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    std::string text(9'000'000, 'a');
    for (std::size_t i = 0; i < text.size(); i += 997) text[i] = static_cast<char>('a' + i % 26);
    client.send("echo:" + text);
    EXPECT_TRUE(client.receive() == text);
    client.send("echo:" + text.substr(1, 1u << 20));
    EXPECT_TRUE(client.receive() == text.substr(1, 1u << 20));
  });
}

TEST_F(FrameServerTest, AReplyOfManyChunksIsOneFrame) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    std::string text(3000, 'a');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 26);
    client.send("pieces:" + text);
    client.send("echo:next");
    EXPECT_EQ(client.receive(), text);
    EXPECT_EQ(client.receive(), "next");
  });
}

TEST_F(FrameServerTest, AnEmptyRequestIsARequest) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    client.send("");
    client.send("echo:a");
    EXPECT_EQ(client.receive(), "");
    EXPECT_EQ(client.receive(), "a");
  });
  EXPECT_EQ(world_.begun, (std::vector{""s, "echo:a"s}));
}

TEST_F(FrameServerTest, AHandlerKnowsItsClientAndTheGaugeHowManyThereAre) {
  serve({}, [this](std::uint16_t port) {
    const Client one(port);
    const Client other(port);
    one.send("from");
    other.send("from");
    EXPECT_EQ(one.receive(), std::to_string(one.port()));
    EXPECT_EQ(other.receive(), std::to_string(other.port()));
    EXPECT_EQ(gauge_.value(), 2);
  });
}

TEST_F(FrameServerTest, ALaterRequestOvertakesButIsNotAnsweredFirst) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    client.send("wait:x");
    client.send("turn:second");
    client.send("set:x");  // begins although the first has no reply
    EXPECT_EQ(client.receive(), "x");
    EXPECT_EQ(client.receive(), "second");
    EXPECT_EQ(client.receive(), "x");
  });
}

TEST_F(FrameServerTest, ARequestThatKeepsItsTurnIsAlone) {
  serve({}, [this](std::uint16_t port) {
    const Client client(port);
    const Client other(port);
    client.send("hold:x");
    client.send("echo:second");
    wait_until_begun(1);
    other.send("echo:other");
    EXPECT_EQ(other.receive(), "other");
    other.send("set:x");
    EXPECT_EQ(other.receive(), "x");
    EXPECT_EQ(client.receive(), "x");
    EXPECT_EQ(client.receive(), "second");
  });
  EXPECT_EQ(world_.begun, (std::vector{"hold:x"s, "echo:other"s, "set:x"s, "echo:second"s}));
}

TEST_F(FrameServerTest, ARequestMayHaveNoReplyOrBeTheLast) {
  serve({}, [](std::uint16_t port) {
    const Client client(port);
    client.send("silent");
    client.send("echo:a");
    client.send("close");
    client.send("echo:b");
    EXPECT_EQ(client.receive(), "a");
    EXPECT_EQ(client.receive(), "closing");
    EXPECT_EQ(client.receive(), "closed");
  });
}

TEST_F(FrameServerTest, WhatCameBeforeABadLengthOrTheEndIsAnswered) {
  serve({.frame_bytes_max = 1000}, [](std::uint16_t port) {
    for (const std::string& bad :
         {"\xff\xff\xff\xff"s, "\0\0\x03\xe9"s, "GET / HTTP/1.1\r\n\r\n"s}) {
      const Client client(port);
      client.send_raw(framed("turn:a") + framed("echo:b") + bad);
      EXPECT_EQ(client.receive(), "a");
      EXPECT_EQ(client.receive(), "b");
      EXPECT_EQ(client.receive(), "closed");
    }
    const Client client(port);
    client.send_raw(framed("echo:" + std::string(995, 'x')) + framed("echo:b").substr(0, 5));
    client.end();
    EXPECT_EQ(client.receive(), std::string(995, 'x'));
    EXPECT_EQ(client.receive(), "closed");
  });
}

TEST_F(FrameServerTest, WhatWaitsForOthersEndsWhenItsClientSendsNoMore) {
  serve({}, [this](std::uint16_t port) {
    const Client other(port);
    other.send("poll:other");
    const Client client(port);
    client.send("poll:x");
    client.send("poll:y");
    wait_until_begun(3);
    client.end();
    EXPECT_EQ(client.receive(), "x");
    EXPECT_EQ(client.receive(), "y");
    EXPECT_EQ(client.receive(), "closed");
    other.send("set:other");
    EXPECT_EQ(other.receive(), "other");
  });
}

TEST_F(FrameServerTest, IdleAndSlowConnectionsAreClosed) {
  FrameLimits limits;
  limits.idle_max = limits.request_time_max = std::chrono::seconds(1);
  serve(limits, [](std::uint16_t port) {
    const Client silent(port);
    const Client slow(port);
    const Client waiting(port);
    slow.send_raw(framed("echo:a").substr(0, 6));
    waiting.send("wait:x");
    EXPECT_EQ(silent.receive(), "closed");
    EXPECT_EQ(slow.receive(), "closed");
    const Client other(port);
    other.send("set:x");
    EXPECT_EQ(waiting.receive(), "x") << "a request at work is not idle";
  });
}

TEST_F(FrameServerTest, AClientThatDoesNotReadIsReadNoMoreAndThenClosed) {
  FrameLimits limits;
  limits.write_stall_max = std::chrono::seconds(1);
  limits.reply_bytes_max = 1u << 20;
  serve(limits, [](std::uint16_t port) {
    const Client never_reads(port);
    for (int i = 0; i < 100; ++i) never_reads.send("size:1000000");
    const Client other(port);
    other.send("echo:a");
    EXPECT_EQ(other.receive(), "a");
    ::sleep(3);
    std::size_t replies = 0;
    while (never_reads.receive().size() == 1'000'000) ++replies;
    EXPECT_LT(replies, 50u);
  });
  EXPECT_LT(world_.begun_count, 60u);
}

TEST_F(FrameServerTest, RequestsOnTheirWayInHaveHalfOfTheMemory) {
  const FrameLimits limits{.frame_bytes_max = 8u << 20, .request_bytes_max = 8u << 20};
  serve(limits, [](std::uint16_t port) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 6; ++i) {
      clients.push_back(std::make_unique<Client>(port));
      clients.back()->send_raw(framed("echo:" + std::string(1'000'000, 'x')).substr(0, 500'000));
      const Client quick(port);
      quick.send("echo:quick");  // answered after that was read
      EXPECT_EQ(quick.receive(), "quick");
    }
    std::size_t answered = 0;
    for (const auto& client : clients) {
      client->send_raw(framed("echo:" + std::string(1'000'000, 'x')).substr(500'000));
      if (client->receive().size() == 1'000'000) ++answered;
    }
    EXPECT_EQ(answered, 4u);
  });
}

TEST_F(FrameServerTest, NothingIsReadWhileRequestsAtWorkHaveTheMemory) {
  const FrameLimits limits{.frame_bytes_max = 1u << 20, .request_bytes_max = 2u << 20};
  const std::string large(900'000, 'y');
  std::size_t begun_before_release = 0;
  const auto release = [&] {
    begun_before_release = world_.begun_count;
    world_.set.push_back(large);
    world_.changed.notify_all();
  };
  runtime_.schedule(runtime_.now() + std::chrono::seconds(1), release);
  serve(limits, [&large](std::uint16_t port) {
    const Client client(port);
    for (int i = 0; i < 10; ++i) client.send("wait:" + large);  // blocks until the release
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.receive().size(), large.size());
  });
  EXPECT_LE(begun_before_release, 3u);
  EXPECT_EQ(world_.begun_count, 10u);
}

TEST_F(FrameServerTest, RequestsThatWaitWithoutTheirBytesHoldUpNobody) {
  const FrameLimits limits{.frame_bytes_max = 1u << 20, .request_bytes_max = 2u << 20};
  const std::string large(900'000, 'z');
  bool held_up = false;
  const auto give_up = [&] {
    held_up = true;
    world_.set.push_back(large);
    world_.changed.notify_all();
  };
  const auto timer = runtime_.schedule(runtime_.now() + std::chrono::seconds(60), give_up);
  serve(limits, [this, &large](std::uint16_t port) {
    const Client waiting(port);
    for (int i = 0; i < 5; ++i) waiting.send("park:" + large);
    wait_until_begun(5);
    const Client other(port);
    other.send("set:" + large);
    EXPECT_EQ(other.receive().size(), large.size());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(waiting.receive().size(), large.size());
  });
  runtime_.cancel(timer);
  EXPECT_FALSE(held_up);
}

TEST_F(FrameServerTest, RepliesThatNobodyTakesAreDroppedWithTheirConnection) {
  serve({.replies_bytes_max = 1u << 20}, [this](std::uint16_t port) {
    const Client first(port);
    first.send("poll:x");
    first.send("size:700000");  // cannot be sent before the other
    wait_until_begun(2);
    const Client second(port);
    second.send("poll:y");
    second.send("size:700000");
    EXPECT_EQ(first.receive(), "closed") << "it held the memory for longest";
    const Client third(port);
    third.send("set:y");
    EXPECT_EQ(third.receive(), "y");
    EXPECT_EQ(second.receive(), "y");
    EXPECT_EQ(second.receive().size(), 700'000u);
    for (int i = 0; i < 3; ++i) {
      third.send("size:700000");
      EXPECT_EQ(third.receive().size(), 700'000u) << "what was sent or dropped counts no more";
    }
  });
}

TEST_F(FrameServerTest, TheLongestIdleConnectionMakesRoom) {
  serve({.connections_max = 3}, [this](std::uint16_t port) {
    const Client busy(port);
    busy.send("wait:x");
    wait_until_begun(1);
    const Client first(port);
    first.send("echo:a");
    EXPECT_EQ(first.receive(), "a");
    const Client second(port);
    second.send("echo:b");
    EXPECT_EQ(second.receive(), "b");
    const Client third(port);
    third.send("set:x");
    EXPECT_EQ(third.receive(), "x");
    EXPECT_EQ(first.receive(), "closed");
    EXPECT_EQ(busy.receive(), "x");
    second.send("echo:b");
    EXPECT_EQ(second.receive(), "b");
  });
}

TEST_F(FrameServerTest, WhereAllHaveWorkToDoANewConnectionIsTurnedAway) {
  serve({.connections_max = 2}, [this](std::uint16_t port) {
    const Client one(port);
    const Client other(port);
    one.send("wait:x");
    other.send("turn:y");
    other.send("wait:x");
    EXPECT_EQ(other.receive(), "y");
    wait_until_begun(3);
    const Client more(port);
    EXPECT_EQ(more.receive(), "closed");
    other.send("set:x");
    EXPECT_EQ(one.receive(), "x");
    EXPECT_EQ(other.receive(), "x");
    EXPECT_EQ(other.receive(), "x") << "the answer of set:";
  });
}

TEST_F(FrameServerTest, ClosingAnswersWhatIsAtWork) {
  FrameServer server(runtime_, {}, [this](HostPort client) { return handler(std::move(client)); });
  const auto address = server.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(address);
  const Client client(address->port);
  const Client idle(address->port);
  client.send("wait:x");
  const auto body = [&]() -> Task<void> {
    while (world_.begun_count == 0 || server.connection_count() < 2) co_await runtime_.yield();
    const auto release = [this] {
      world_.set.emplace_back("x");
      world_.changed.notify_all();
    };
    runtime_.schedule(runtime_.now() + std::chrono::milliseconds(200), release);
    co_await server.close(runtime_.now() + std::chrono::seconds(60));
  };
  runtime::run_task(runtime_, body());
  EXPECT_EQ(client.receive(), "x");
  EXPECT_EQ(client.receive(), "closed");
  EXPECT_EQ(idle.receive(), "closed");
}

TEST_F(FrameServerTest, ClosingEndsWhatWaitsForOthers) {
  FrameServer server(runtime_, {}, [this](HostPort client) { return handler(std::move(client)); });
  const auto address = server.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(address);
  const Client client(address->port);
  client.send("poll:x");
  const auto body = [&]() -> Task<bool> {
    while (world_.begun_count == 0) co_await runtime_.yield();
    const runtime::MonoTime deadline = runtime_.now() + std::chrono::seconds(600);
    co_await server.close(deadline);
    co_return runtime_.now() < deadline;
  };
  EXPECT_TRUE(runtime::run_task(runtime_, body()));
  EXPECT_EQ(client.receive(), "x");
  EXPECT_EQ(client.receive(), "closed");
  EXPECT_EQ(world_.endings, 1u);
}

TEST_F(FrameServerTest, ClosingEndsAtItsDeadline) {
  FrameServer server(runtime_, {}, [this](HostPort client) { return handler(std::move(client)); });
  const auto address = server.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(address);
  const Client client(address->port);
  client.send("wait:x");
  const auto body = [&]() -> Task<void> {
    while (world_.begun_count == 0) co_await runtime_.yield();
    const auto release = [this] {
      world_.set.emplace_back("x");
      world_.changed.notify_all();
    };
    // The handler ends after the deadline: close() waits for it, its client does not.
    runtime_.schedule(runtime_.now() + std::chrono::milliseconds(400), release);
    co_await server.close(runtime_.now() + std::chrono::milliseconds(50));
    EXPECT_EQ(world_.set.size(), 1u);
  };
  runtime::run_task(runtime_, body());
  EXPECT_EQ(client.receive(), "closed");
}

}  // namespace
}  // namespace streamhouse::net
