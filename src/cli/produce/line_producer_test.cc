// Goal: lines of files and pipes become the records that the options ask for, and a line that
// cannot be sent stops the work after those before it. Method: real files, a named pipe and a gRPC
// agent in this process.
#include "cli/produce/line_producer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/fake/fake_agent.h"

namespace streamhouse::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class LineProducerTest : public testing::Test {
 protected:
  LineProducerTest() {
    std::filesystem::create_directories(folder_);
    command_.topic = "t";
    command_.input = folder_ / "input";
  }
  ~LineProducerTest() override { std::filesystem::remove_all(folder_); }

  base::Result<ProduceSummary> produce(const std::string& text) {
    std::ofstream(command_.input, std::ios::binary) << text;
    return produce_lines(command_, client_);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("line_producer_test_" + std::to_string(::getpid()));
  FakeCluster cluster_;
  FakeAgent agent_{cluster_};
  Client client_{agent_.address(), std::chrono::seconds(5)};
  Produce command_;
};

TEST_F(LineProducerTest, AppendsARecordForEachLine) {
  EXPECT_EQ(produce("a\n\nc\nlast").value().record_count, 4);
  EXPECT_THAT(cluster_.values(0), ElementsAre("a", "", "c", "last"));
}

TEST_F(LineProducerTest, AppendsNothingForAnEmptyFile) {
  EXPECT_EQ(produce("").value().record_count, 0);
  EXPECT_THAT(cluster_.values(0), SizeIs(0));
}

TEST_F(LineProducerTest, GivesEachRecordItsKeyHeadersAndTimestamp) {
  command_.key_separator = "::";
  command_.headers = {{"h", "1"}, {"h", "2"}};
  command_.timestamp_ms = 17;
  ASSERT_TRUE(produce("k::v::w\n::v\n"));
  const auto& first = cluster_.logs[0].at(0);
  EXPECT_EQ(first.key(), "k");
  EXPECT_EQ(first.value(), "v::w");
  EXPECT_EQ(first.headers(1).value(), "2");
  EXPECT_EQ(first.timestamp_ms(), 17);
  EXPECT_TRUE(cluster_.logs[0].at(1).has_key());
  EXPECT_EQ(cluster_.logs[0].at(1).key(), "");
}

TEST_F(LineProducerTest, ARecordWithoutAKeyHasNone) {
  ASSERT_TRUE(produce("v\n"));
  EXPECT_FALSE(cluster_.logs[0].at(0).has_key());
}

TEST_F(LineProducerTest, StopsAtALineWithoutTheSeparatorAfterThoseBefore) {
  command_.key_separator = ":";
  const auto stopped = produce("a:1\nb:2\nnone\nd:4\n");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, base::Errc::kInvalid);
  EXPECT_THAT(stopped.error().text, HasSubstr("line 3 of " + command_.input));
  EXPECT_THAT(stopped.error().text, HasSubstr("2 records before it are appended"));
  EXPECT_THAT(cluster_.values(0), ElementsAre("1", "2"));
}

TEST_F(LineProducerTest, KeepsAKeyInOnePartitionAndOrder) {
  cluster_.partition_count = 8;
  command_.key_separator = ":";
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += "key" + std::to_string(i % 40) + ":" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(produce(text).value().record_count, 5000);
  std::map<std::string, std::pair<int, int>> last;  // partition and number, by key
  for (const auto& [partition, log] : cluster_.logs) {
    for (const auto& record : log) {
      auto& [where, number] = last.try_emplace(record.key(), partition, -1).first->second;
      EXPECT_EQ(where, partition);
      EXPECT_LT(number, std::stoi(record.value()));
      number = std::stoi(record.value());
    }
  }
  EXPECT_EQ(last.size(), 40u);
}

TEST_F(LineProducerTest, SendsWhatAPipeHoldsWhenItFallsSilent) {
  ASSERT_EQ(::mkfifo(command_.input.c_str(), 0600), 0);
  std::thread writer([&] {
    const int pipe = ::open(command_.input.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(::write(pipe, "a\nhalf", 6), 6);
    for (int i = 0; i < 5000 && cluster_.values(0).empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_THAT(cluster_.values(0), ElementsAre("a"));  // while the pipe is still open
    EXPECT_EQ(::write(pipe, " line\n", 6), 6);
    ::close(pipe);
  });
  EXPECT_EQ(produce_lines(command_, client_).value().record_count, 2);
  writer.join();
  EXPECT_THAT(cluster_.values(0), ElementsAre("a", "half line"));
}

TEST_F(LineProducerTest, RefusesATopicThatIsNotThere) {
  agent_.on_get_topic = [](grpc::ServerContext& context, const v1::GetTopicRequest& request) {
    return status_of(context, {base::Errc::kTopicNotFound, "no topic " + request.name()},
                     grpc::StatusCode::NOT_FOUND);
  };
  EXPECT_EQ(produce("a\n").error().code, base::Errc::kTopicNotFound);
  EXPECT_THAT(cluster_.values(0), SizeIs(0));
}

TEST_F(LineProducerTest, SpreadsKeylessRunsOverThePartitions) {
  cluster_.partition_count = 3;
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(produce("v\n"));
  for (int partition = 0; partition < 3; ++partition) {
    EXPECT_GT(cluster_.values(partition).size(), 0u);
  }
}

}  // namespace
}  // namespace streamhouse::cli
