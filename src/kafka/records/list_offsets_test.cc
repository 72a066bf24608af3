// Goal: offsets are found by the ends of a log, by time and by the greatest time, and leader epochs
// are compared. Method: whole requests to a connection over the real services on the simulated
// runtime; records have times 10 ms apart.

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using core_testing::produced_batch;
using wire::ErrorCode;
using Request = wire::ListOffsetsRequest;

class ListOffsetsTest : public kafka_testing::KafkaWorld {
 protected:
  wire::ListOffsetsResponse::Partition list(std::int64_t timestamp, std::int32_t epoch = -1,
                                            std::int32_t index = 0, wire::Version version = 11) {
    const Request request{.replica_id = -1,
                          .topics = {{.name = "orders",
                                      .partitions = {{.partition_index = index,
                                                      .current_leader_epoch = epoch,
                                                      .timestamp = timestamp}}}}};
    return ask(version, request).topics.at(0).partitions.at(0);
  }
  /// Three records from `first_timestamp` on.
  void produce_at(std::int64_t first_timestamp) {
    auto batch = produced_batch({.count = 3, .first_timestamp = first_timestamp});
    ask(9, produce_request("orders", std::move(batch)));
  }
};

TEST_F(ListOffsetsTest, TheEndsOfTheLog) {
  create("orders");
  EXPECT_EQ(list(-1).offset, 0);
  EXPECT_EQ(list(-2).offset, 0);
  produce_at(1000);
  EXPECT_EQ(list(-1).offset, 3);
  EXPECT_EQ(list(-1).leader_epoch, 1);
  EXPECT_EQ(list(-1).timestamp, -1) << "it was not asked for";
  EXPECT_EQ(list(-2).offset, 0);
  EXPECT_EQ(list(-4).offset, 0) << "all of it is local";
}

TEST_F(ListOffsetsTest, APartitionThatIsAskedForTwiceIsRefused) {
  create("orders", 2);
  const Request request{.topics = {{.name = "orders",
                                    .partitions = {{.partition_index = 0, .timestamp = -1},
                                                   {.partition_index = 1, .timestamp = -1},
                                                   {.partition_index = 0, .timestamp = -2}}}}};
  const auto partitions = ask(11, request).topics.at(0).partitions;
  ASSERT_EQ(partitions.size(), 3u);
  EXPECT_EQ(partitions[0].error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(partitions[1].error_code, ErrorCode::kNone);
  EXPECT_EQ(partitions[2].error_code, ErrorCode::kInvalidRequest);
}

TEST_F(ListOffsetsTest, AQuestionThatItsVersionDoesNotKnowIsRefused) {
  create("orders");
  const std::pair<std::int64_t, wire::Version> known_since[] = {
      {-3, 7}, {-4, 8}, {-5, 9}, {-6, 11}};
  for (const auto& [timestamp, version] : known_since) {
    EXPECT_EQ(list(timestamp, -1, 0, version).error_code, ErrorCode::kNone) << timestamp;
    const auto before = static_cast<wire::Version>(version - 1);
    EXPECT_EQ(list(timestamp, -1, 0, before).error_code, ErrorCode::kUnsupportedVersion)
        << timestamp;
  }
}

TEST_F(ListOffsetsTest, NothingIsTiered) {
  create("orders");
  produce_at(1000);
  for (const std::int64_t end : {-5, -6}) {
    EXPECT_EQ(list(end).error_code, ErrorCode::kNone) << end;
    EXPECT_EQ(list(end).offset, -1) << end;
  }
}

TEST_F(ListOffsetsTest, TheFirstRecordOfATimeOrLater) {
  create("orders");
  produce_at(1000);
  produce_at(2000);
  EXPECT_EQ(list(0).offset, 0);
  EXPECT_EQ(list(1011).offset, 2);
  EXPECT_EQ(list(1011).timestamp, 1020);
  EXPECT_EQ(list(1021).offset, 3);
  EXPECT_EQ(list(2021).offset, -1) << "none is so new";
  EXPECT_EQ(list(2021).timestamp, -1);
}

TEST_F(ListOffsetsTest, TheRecordOfTheGreatestTime) {
  create("orders");
  EXPECT_EQ(list(-3).offset, -1) << "there is none";
  produce_at(5000);
  produce_at(1000);
  EXPECT_EQ(list(-3).offset, 2);
  EXPECT_EQ(list(-3).timestamp, 5020);
}

TEST_F(ListOffsetsTest, ComparesLeaderEpochsAndKnowsItsPartitions) {
  create("orders");
  EXPECT_EQ(list(-1, 1).error_code, ErrorCode::kNone);
  EXPECT_EQ(list(-1, 0).error_code, ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(list(-1, 2).error_code, ErrorCode::kUnknownLeaderEpoch);
  EXPECT_EQ(list(-1, -1, 9).error_code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(ListOffsetsTest, EveryEpochLastsUntilNow) {
  create("orders");
  produce_at(1000);
  const auto end = [this](std::int32_t epoch, std::int32_t current = -1) {
    const wire::OffsetForLeaderEpochRequest request{
        .topics = {{.topic = "orders",
                    .partitions = {{.current_leader_epoch = current, .leader_epoch = epoch}}}}};
    return ask(4, request).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(end(1).end_offset, 3);
  EXPECT_EQ(end(1).leader_epoch, 1);
  EXPECT_EQ(end(0).end_offset, 3) << "committed records are never taken back";
  EXPECT_EQ(end(2).end_offset, -1) << "not yet";
  EXPECT_EQ(end(2).leader_epoch, -1);
  EXPECT_EQ(end(1, 0).error_code, ErrorCode::kFencedLeaderEpoch);
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  EXPECT_EQ(end(1).error_code, ErrorCode::kNotLeaderOrFollower)
      << "another may have led since, without this agent's knowing";
}

}  // namespace
}  // namespace streamhouse::kafka
