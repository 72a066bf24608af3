// Goal: an agent whose object store stalls for a minute under full load stays under its cap of
// memory, gRPC's own buffers included, refuses what it cannot hold by name, and afterwards nothing
// that it acknowledged is missing (Z1, W2). Method: the real agent over a store that can be held;
// producers of every kind at full speed, and readers that do not read; buffered bytes as the agent
// tells them, resident memory as the kernel does.
// E2E_STALL_SECONDS shortens the stall.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/environment.h"
#include "tests/e2e/client/http_get.h"
#include "tests/e2e/client/load.h"

namespace streamhouse::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr std::size_t kMebibyte = 1u << 20;
constexpr std::size_t kBufferLimit = 16 * kMebibyte;
/// What else may be held, by its bounds: requests before they are accepted 32, gRPC's buffers 64,
/// replies 128, newest batches for readers 64; and the program.
constexpr std::size_t kBesidesMax = (32 + 64 + 128 + 64 + 32) * kMebibyte;

/// A consumer that takes one message and then no more.
class IdleReader {
 public:
  IdleReader(const std::string& address, const std::string& topic, int partition)
      : client_(address) {
    v1::ConsumeRequest request = consume_request(topic);
    request.set_partition(partition);
    request.set_follow(true);
    reader_ = client_.records().Consume(&context_, request);
    v1::ConsumeResponse message;
    EXPECT_TRUE(reader_->Read(&message));
  }
  ~IdleReader() {
    context_.TryCancel();
    reader_->Finish();
  }
  IdleReader(const IdleReader&) = delete;
  IdleReader& operator=(const IdleReader&) = delete;

 private:
  Client client_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::ConsumeResponse>> reader_;
};

class MemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    Client client(agent_.address());
    for (const TestTopic& topic : ledger_.topics()) {
      std::map<std::string, std::string> config;
      if (topic.buffered) config["streamhouse.ack"] = "buffered";
      ASSERT_EQ(verdict(client.create_topic(topic.name, topic.partitions, config)), "OK");
    }
  }

  void hold_store_for(seconds time) {
    const auto file = agent_.folder() / "hold";
    std::ofstream(file) << "held\n";
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(100));
      const double buffered = metric(agent_.http(), "streamhouse_buffered_bytes");
      EXPECT_LE(buffered, kBufferLimit);
      buffered_bytes_max_ = std::max(buffered_bytes_max_, buffered);
    }
    std::filesystem::remove(file);
  }

  AgentProcess agent_{{.flags = {"--buffer-limit=16MiB"}, .program = SH_HELD_AGENT}};
  Ledger ledger_{{{"orders", 8}, {"noise", 4, true}}};
  double buffered_bytes_max_ = 0;
};

std::map<Fate, std::size_t> count(const std::vector<Attempt>& attempts) {
  std::map<Fate, std::size_t> counts;
  for (const Attempt& attempt : attempts) ++counts[attempt.fate];
  return counts;
}

TEST_F(MemoryTest, StaysUnderItsCapWhileTheStoreStallsAndNothingIsLost) {
  Load load(ledger_.topics(),
            {.unary = 4, .batches = 8, .streams = 12, .value_bytes_max = 100'000, .window = 64},
            chosen_seed());
  load.begin(agent_.address());
  std::this_thread::sleep_for(seconds(1));
  std::vector<std::unique_ptr<IdleReader>> readers;
  for (int partition = 0; partition < 8; ++partition)
    readers.push_back(std::make_unique<IdleReader>(agent_.address(), "orders", partition));
  hold_store_for(seconds(number_from_environment("E2E_STALL_SECONDS", 60)));
  EXPECT_TRUE(load.goes_on());
  const std::vector<Attempt> attempts = load.end();
  const std::size_t resident = agent_.resident_bytes_max();
  std::cout << "resident at most " << resident / kMebibyte << " MiB, buffered at most "
            << static_cast<std::size_t>(buffered_bytes_max_) / kMebibyte << " MiB" << std::endl;
  auto counts = count(attempts);
  std::cout << counts[Fate::kAcknowledged] << " acknowledged, " << counts[Fate::kBuffered]
            << " buffered, " << counts[Fate::kRefused] << " refused, " << counts[Fate::kUnknown]
            << " unknown" << std::endl;
  EXPECT_LE(resident, kBufferLimit + kBesidesMax);
  EXPECT_GT(buffered_bytes_max_, 0.9 * kBufferLimit) << "it was full";
  EXPECT_GT(counts[Fate::kRefused], 0u);
  readers.clear();
  ledger_.enter(attempts);
  Client client(agent_.address());
  ledger_.read_on(client);
  ledger_.expect_all_read(Ledger::Buffered::kMustBeThere);
  EXPECT_THAT(ledger_.violations(), IsEmpty());
  EXPECT_EQ(agent_.stop(), 0) << agent_.log();
}

}  // namespace
}  // namespace streamhouse::e2e
