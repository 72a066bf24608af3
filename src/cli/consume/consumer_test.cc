// Goal: every record is printed once and in order from the right start; a group never commits what
// has not been printed; following ends well.
// Method: gRPC agents in this process over one log, output to a real pipe that a thread reads.
#include "cli/consume/consumer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "cli/fake/fake_agent.h"

namespace streamhouse::cli {
namespace {

using base::Errc;
using testing::HasSubstr;

class ConsumerTest : public testing::Test {
 protected:
  ConsumerTest() {
    install_signal_handlers();
    EXPECT_EQ(::pipe(ends_.data()), 0);
    reader_ = std::thread([this] { read_output(); });
    command_.topic = "t";
  }
  ~ConsumerTest() override {
    finish_output();
    ::close(ends_[0]);
  }

  base::Status consume(std::vector<std::int32_t> partitions,
                       std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    Client client(agent_.address(), timeout);
    Output output(OutputFormat::kTable, ends_[1]);
    Context context{client, output};
    return Consumer(command_, context).run(partitions);
  }
  std::string finish_output() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
    if (reader_.joinable()) reader_.join();
    return text();
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  void wait_for(const std::string& wanted) {
    for (int i = 0; i < 5000 && text().find(wanted) == std::string::npos; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_THAT(text(), HasSubstr(wanted));
  }
  void interrupt() { ::kill(::getpid(), SIGINT); }
  void append_all(int partition, std::initializer_list<const char*> values) {
    for (const auto* value : values) cluster_.append(partition, value);
  }

  FakeCluster cluster_;
  FakeAgent agent_{cluster_};
  Consume command_;
  std::array<int, 2> ends_{-1, -1};

 private:
  void read_output() {
    std::array<char, 4096> block;
    for (ssize_t count = 0; (count = ::read(ends_[0], block.data(), block.size())) > 0;) {
      const std::lock_guard lock(mutex_);
      text_.append(block.data(), static_cast<std::size_t>(count));
    }
  }
  std::mutex mutex_;
  std::string text_;
  std::thread reader_;
};

TEST_F(ConsumerTest, PrintsEachPartitionToItsEnd) {
  append_all(0, {"a", "b"});
  append_all(1, {"c"});
  append_all(2, {});
  EXPECT_TRUE(consume({0, 1, 2}));
  EXPECT_EQ(finish_output(), "a\nb\nc\n");
}

TEST_F(ConsumerTest, BeginsAtTheOffsetAskedFor) {
  append_all(0, {"a", "b", "c"});
  command_.start = StartOffset{StartOffset::Kind::kOffset, 2};
  EXPECT_TRUE(consume({0}));
  command_.start = StartOffset{StartOffset::Kind::kOffset, 3};
  EXPECT_TRUE(consume({0}));  // the high watermark: nothing, and no error
  command_.start = StartOffset{StartOffset::Kind::kOffset, 4};
  EXPECT_EQ(consume({0}).error().code, Errc::kInvalidOffset);
  EXPECT_EQ(finish_output(), "c\n");
}

TEST_F(ConsumerTest, StopsAfterSoManyRecordsOfAllPartitions) {
  append_all(0, {"a", "b"});
  append_all(1, {"c", "d"});
  command_.max_records = 3;
  EXPECT_TRUE(consume({0, 1}));
  EXPECT_EQ(finish_output(), "a\nb\nc\n");
}

TEST_F(ConsumerTest, AGroupGoesOnWhereItWas) {
  append_all(0, {"a", "b"});
  command_.group = "g";
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(cluster_.committed[0], 2);
  append_all(0, {"c"});
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(cluster_.committed[0], 3);
  EXPECT_EQ(finish_output(), "a\nb\nc\n");
}

TEST_F(ConsumerTest, AGroupCommitsOnlyWhatItPrinted) {
  append_all(0, {"a", "b", "c"});
  command_.group = "g";
  command_.max_records = 2;
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(cluster_.committed[0], 2);
}

TEST_F(ConsumerTest, AGroupThatReadNothingCommitsNothing) {
  append_all(0, {});
  command_.group = "g";
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(cluster_.commits, 0);
}

TEST_F(ConsumerTest, AGroupDoesNotCommitWhatNobodyTook) {
  append_all(0, {"a"});
  command_.group = "g";
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const int pipe = std::exchange(ends_[1], full);
  EXPECT_EQ(consume({0}).error().code, Errc::kUnavailable);
  EXPECT_EQ(cluster_.commits, 0);
  ::close(std::exchange(ends_[1], pipe));
}

TEST_F(ConsumerTest, StopsWhenItsReaderHasGone) {
  append_all(0, {"a"});
  std::array<int, 2> other{};
  ASSERT_EQ(::pipe(other.data()), 0);
  ::close(other[0]);
  command_.group = "g";
  command_.follow = Follow::kYes;
  Client client(agent_.address(), std::chrono::seconds(5));
  Output output(OutputFormat::kTable, other[1]);
  Context context{client, output};
  EXPECT_EQ(Consumer(command_, context).run({0}).error().code, Errc::kStopped);
  EXPECT_TRUE(output.closed());
  EXPECT_EQ(cluster_.commits, 0);
  ::close(other[1]);
}

TEST_F(ConsumerTest, NoticesWithoutNewRecordsThatItsReaderHasGone) {
  append_all(0, {});
  std::array<int, 2> other{};
  ASSERT_EQ(::pipe(other.data()), 0);
  command_.follow = Follow::kYes;
  Client client(agent_.address(), std::chrono::seconds(5));
  Output output(OutputFormat::kTable, other[1]);
  Context context{client, output};
  std::thread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::close(other[0]);
  });
  EXPECT_TRUE(Consumer(command_, context).run({0}));
  EXPECT_TRUE(output.closed());
  closer.join();
  ::close(other[1]);
}

TEST_F(ConsumerTest, FollowsOnePartitionUntilInterrupted) {
  append_all(0, {"a"});
  command_.follow = Follow::kYes;
  command_.group = "g";
  std::thread user([&] {
    wait_for("a\n");
    cluster_.append(0, "b");
    wait_for("b\n");
    interrupt();
  });
  EXPECT_TRUE(consume({0}));
  user.join();
  EXPECT_EQ(finish_output(), "a\nb\n");
  EXPECT_EQ(cluster_.committed[0], 2);
}

TEST_F(ConsumerTest, FollowsAllPartitionsAtOnceAfterReadingEach) {
  append_all(0, {"a"});
  append_all(1, {"b"});
  command_.follow = Follow::kYes;
  std::thread user([&] {
    wait_for("a\nb\n");
    cluster_.append(1, "c");
    wait_for("c\n");
    cluster_.append(0, "d");
    wait_for("d\n");
    interrupt();
  });
  EXPECT_TRUE(consume({0, 1}));
  user.join();
  EXPECT_EQ(finish_output(), "a\nb\nc\nd\n");
}

TEST_F(ConsumerTest, FollowingFromTheEndMissesNothingBetween) {
  append_all(0, {"old"});
  append_all(1, {"old"});
  command_.follow = Follow::kYes;
  command_.start = StartOffset{StartOffset::Kind::kLatest, 0};
  command_.max_records = 2;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cluster_.append(0, "new");
    cluster_.append(1, "new");
  });
  EXPECT_TRUE(consume({0, 1}));
  user.join();
  EXPECT_EQ(finish_output(), "new\nnew\n");
}

TEST_F(ConsumerTest, FollowsALeaderThatMovesInTheMiddle) {
  FakeAgent other(cluster_);
  append_all(0, {"a", "b", "c", "d"});
  cluster_.leaders[0] = agent_.address();
  agent_.on_record = [&](std::int64_t offset) {
    if (offset == 2) cluster_.leaders[0] = other.address();
    return FakeAgent::Stream::kGoesOn;
  };
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(finish_output(), "a\nb\nc\nd\n");
}

TEST_F(ConsumerTest, GivesUpWhenNobodyLeads) {
  cluster_.leaders[0] = "";
  append_all(0, {"a"});
  EXPECT_EQ(consume({0}, std::chrono::milliseconds(300)).error().code, Errc::kNotLeader);
}

TEST_F(ConsumerTest, ReportsABrokenStream) {
  append_all(0, {"a", "b"});
  agent_.on_record = [](std::int64_t offset) {
    return offset == 1 ? FakeAgent::Stream::kBreaks : FakeAgent::Stream::kGoesOn;
  };
  EXPECT_EQ(consume({0}).error().code, Errc::kUnknownOutcome);
  EXPECT_EQ(finish_output(), "a\n");
}

TEST_F(ConsumerTest, ReportsASilentAgentWithinItsTimeout) {
  append_all(0, {"a", "b"});
  agent_.on_record = [](std::int64_t offset) {
    return offset == 1 ? FakeAgent::Stream::kHangs : FakeAgent::Stream::kGoesOn;
  };
  EXPECT_THAT(consume({0}, std::chrono::milliseconds(300)).error().text, HasSubstr("no answer"));
  EXPECT_EQ(finish_output(), "a\n");
}

TEST_F(ConsumerTest, PrintsKeysBeforeTheirSeparator) {
  append_all(0, {"v"});
  cluster_.logs[0][0].set_key("k");
  command_.key_separator = ": ";
  EXPECT_TRUE(consume({0}));
  EXPECT_EQ(finish_output(), "k: v\n");
}

}  // namespace
}  // namespace streamhouse::cli
