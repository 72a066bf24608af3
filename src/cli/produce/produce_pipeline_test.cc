// Goal: over real streams too, every acknowledged record is appended once and in order, whatever
// agents do; what may have been appended is reported as such and not sent again.
// Method: gRPC agents in this process that lead, refuse, break or hang on cue; the shared log is
// the truth.
#include "cli/produce/produce_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "cli/fake/fake_agent.h"

namespace streamhouse::cli {
namespace {

using base::Errc;
using base::Error;
using testing::HasSubstr;

Batch batch(std::int32_t partition, int value) {
  Batch made;
  made.request.set_topic("t");
  made.request.set_partition(partition);
  made.request.add_records()->set_value(std::to_string(value));
  made.bytes = 100;
  made.first_line = value;
  return made;
}

class ProducePipelineTest : public testing::Test {
 protected:
  base::Status produce(ProducePipeline& pipeline, int count, int partitions = 1) {
    for (int i = 0; i < count; ++i) SH_TRY_OK(pipeline.submit(batch(i % partitions, i)));
    return pipeline.drain();
  }
  void expect_in_order(int partition, int count, int step = 1) {
    const auto values = cluster_.values(partition);
    ASSERT_EQ(std::ssize(values), count);
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(values[static_cast<std::size_t>(i)], std::to_string(partition + i * step));
    }
  }

  FakeCluster cluster_;
  FakeAgent agent_{cluster_};
  FakeAgent other_{cluster_};
  Client client_{agent_.address(), std::chrono::seconds(5)};
};

TEST_F(ProducePipelineTest, AppendsEverythingInOrder) {
  ProducePipeline pipeline(client_, "t");
  ASSERT_TRUE(produce(pipeline, 1000));
  pipeline.close();
  expect_in_order(0, 1000);
  EXPECT_EQ(pipeline.summary().partitions.at(0).first_offset, 0);
  EXPECT_EQ(pipeline.summary().partitions.at(0).last_offset, 999);
}

TEST_F(ProducePipelineTest, KeepsSeveralBatchesOnTheirWay) {
  std::promise<void> taken;
  agent_.on_batch = [&, all_taken = taken.get_future().share()](
                        const v1::ProduceBatchRequest&) -> std::optional<Error> {
    all_taken.wait_for(std::chrono::seconds(5));
    return std::nullopt;
  };
  ProducePipeline pipeline(client_, "t");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pipeline.submit(batch(0, i)));
  EXPECT_EQ(pipeline.summary().record_count, 0);
  taken.set_value();
  ASSERT_TRUE(pipeline.drain());
  expect_in_order(0, 10);
}

TEST_F(ProducePipelineTest, FollowsTheLeaders) {
  cluster_.leaders = {{0, agent_.address()}, {1, other_.address()}, {2, other_.address()}};
  ProducePipeline pipeline(client_, "t");
  ASSERT_TRUE(produce(pipeline, 300, 3));
  for (int partition = 0; partition < 3; ++partition) expect_in_order(partition, 100, 3);
}

TEST_F(ProducePipelineTest, FollowsALeaderThatMovesMeanwhile) {
  std::atomic<int> appended = 0;
  const auto move = [&](const v1::ProduceBatchRequest&) {
    if (++appended % 50 == 0) {
      const std::lock_guard lock(cluster_.mutex);
      auto& leader = cluster_.leaders[0];
      leader = leader == other_.address() ? agent_.address() : other_.address();
    }
    return FakeAgent::Stream::kGoesOn;
  };
  agent_.on_append = move;
  other_.on_append = move;
  cluster_.leaders[0] = agent_.address();
  ProducePipeline pipeline(client_, "t");
  ASSERT_TRUE(produce(pipeline, 500));
  expect_in_order(0, 500);
}

TEST_F(ProducePipelineTest, WaitsForALeaderToAppear) {
  std::atomic<int> asked = 0;
  agent_.on_batch = [&](const v1::ProduceBatchRequest&) -> std::optional<Error> {
    if (++asked > 5) return std::nullopt;
    return Error{Errc::kNotLeader, "nobody leads it"};
  };
  ProducePipeline pipeline(client_, "t");
  ASSERT_TRUE(produce(pipeline, 20));
  expect_in_order(0, 20);
}

TEST_F(ProducePipelineTest, AsksAgainWhenTheLeaderNamedHasGone) {
  other_.stop();
  cluster_.stopping = false;
  std::atomic<int> asked = 0;
  agent_.on_batch = [&](const v1::ProduceBatchRequest&) -> std::optional<Error> {
    if (++asked > 1) return std::nullopt;
    return Error{Errc::kNotLeader, "led elsewhere", other_.address()};
  };
  ProducePipeline pipeline(client_, "t");
  ASSERT_TRUE(produce(pipeline, 5));
  expect_in_order(0, 5);
}

TEST_F(ProducePipelineTest, ReportsARefusalAndWhatWasAppended) {
  agent_.on_batch = [](const v1::ProduceBatchRequest& request) -> std::optional<Error> {
    if (request.records(0).value() != "7") return std::nullopt;
    return Error{Errc::kTooLarge, "too much"};
  };
  ProducePipeline pipeline(client_, "t");
  const auto refused = produce(pipeline, 100);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kTooLarge);
  EXPECT_THAT(refused.error().text, HasSubstr("t/0, from line 7 on: too much"));
  EXPECT_EQ(client_.last_failure_answered(), Answered::kYes);
  EXPECT_EQ(std::ssize(cluster_.values(0)), pipeline.summary().record_count);
}

TEST_F(ProducePipelineTest, ReportsABrokenStreamAsUnknownAndSendsNothingAgain) {
  agent_.on_append = [](const v1::ProduceBatchRequest& request) {
    return request.records(0).value() == "50" ? FakeAgent::Stream::kBreaks
                                              : FakeAgent::Stream::kGoesOn;
  };
  ProducePipeline pipeline(client_, "t");
  const auto broken = produce(pipeline, 100);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::kUnknownOutcome);
  EXPECT_THAT(broken.error().text, HasSubstr("may or may not be"));
  EXPECT_EQ(client_.last_failure_answered(), Answered::kNo);
  EXPECT_EQ(pipeline.summary().record_count, 50);
  expect_in_order(0, 51);  // the 51st was appended and not acknowledged: once
}

TEST_F(ProducePipelineTest, ReportsASilentAgentAsUnknownWithinItsTimeout) {
  agent_.on_append = [](const v1::ProduceBatchRequest&) { return FakeAgent::Stream::kHangs; };
  Client client(agent_.address(), std::chrono::milliseconds(300));
  ProducePipeline pipeline(client, "t");
  const auto begun = std::chrono::steady_clock::now();
  const auto silent = produce(pipeline, 3);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, Errc::kUnknownOutcome);
  EXPECT_THAT(silent.error().text, HasSubstr("no answer from"));
}

TEST_F(ProducePipelineTest, ReportsAnAgentThatIsNotThere) {
  agent_.stop();
  ProducePipeline pipeline(client_, "t");
  const auto unreachable = produce(pipeline, 3);
  EXPECT_EQ(unreachable.error().code, Errc::kUnavailable);
  EXPECT_THAT(unreachable.error().text, HasSubstr("cannot reach"));
  EXPECT_EQ(client_.last_failure_answered(), Answered::kNo);
}

}  // namespace
}  // namespace streamhouse::cli
