// Goal: the checks of the simulator's histories can fail: each names its invariant when it is fed a
// history that breaks it, and nothing else is reported of a sound one.
// Method: a small database and its objects are made by operations; then one thing is done that the
// real core or store would not do, and the checker looks. (The checks that tests/mutants shows able
// to fail are not all repeated here.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "base/endian.h"
#include "checker/group_writes.h"
#include "checker/heartbeat_record.h"
#include "checker/kafka_group.h"
#include "checker/produce_outcome.h"
#include "checker/truth.h"
#include "metadata/archive/archive_object.h"
#include "model/record_batch_builder.h"
#include "segment/object_key.h"
#include "segment/object_writer.h"

namespace streamhouse::sim {
namespace {

using metadata::MemoryTables;
using metadata::SessionRecord;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using model::SessionId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr SessionId kLeader{5};
constexpr SessionId kOther{6};
constexpr model::TopicPartition kLed{model::TopicNo(1), model::PartitionIndex(0)};
constexpr model::ProducerId kProducer{9};

base::Bytes batch_of(Offset base, const std::vector<RecordId>& records, std::int32_t sequence) {
  model::RecordBatchBuilder builder({.producer = kProducer,
                                     .producer_epoch = model::ProducerEpoch(0),
                                     .base_sequence = sequence});
  for (const RecordId record : records) {
    base::ByteVector value(sizeof(RecordId));
    base::store_little(value.data(), record);
    EXPECT_TRUE(builder.append({.value = base::BytesView(value)}));
  }
  base::ByteVector bytes = *std::move(builder).build(model::Codec::kNone);
  model::place_batch(bytes, base, LeaderEpoch(1));
  return base::Bytes(std::move(bytes));
}

/// Topic 1 with a partition that kLeader leads under epoch 1; kOther is open too.
class CheckerTest : public testing::Test {
 protected:
  CheckerTest()
      : database_([] { return 1; }, model::TopicId{{1}}),
        truth_([this](const std::string& key) { return stored(key); }, violations_) {
    EXPECT_TRUE(database_.create_topic({.name = "t", .id = {{2}}, .partition_count = 1}));
    for (const SessionId id : {kLeader, kOther}) {
      EXPECT_TRUE(database_.open_session(
          {.id = id, .agent = {.agent_id = to_string(id)}, .timeout_ms = 9}));
    }
    EXPECT_TRUE(database_.acquire_leases(kLeader, {{.key = kLed, .since_seq = Seq(1)}}));
    truth_.observe(database_.tables());
  }

  std::optional<base::Bytes> stored(const std::string& key) const {
    const auto found = objects_.find(key);
    return found == objects_.end() ? std::nullopt : std::optional(found->second);
  }

  /// Row `seq` of kLeader with one batch, whose object says that it is that of row `object_seq`.
  void commit(Seq seq, base::Bytes batch, Seq object_seq) {
    const segment::ObjectHeader header{.identity = {.session = kLeader, .seq = object_seq}};
    const auto built = segment::build_object(
        header, {{.partition = kLed, .epoch = LeaderEpoch(1), .batches = {std::move(batch)}}});
    base::ByteVector bytes;
    for (const base::Bytes& chunk : built.chunks) {
      bytes.insert(bytes.end(), chunk.view().begin(), chunk.view().end());
    }
    objects_[segment::object_key(kLeader, seq)] = base::Bytes(std::move(bytes));
    EXPECT_TRUE(database_.append(
        kLeader, seq,
        metadata::CommitEntry{
            .object_size = built.size, .object_crc = built.crc, .spans = built.span_table}));
    truth_.observe(database_.tables());
  }
  void commit(Seq seq, base::Bytes batch) { commit(seq, std::move(batch), seq); }

  /// What the database is made to say from now on.
  template <class Damage>
  void damage(Damage damage) {
    MemoryTables tables = database_.tables();
    damage(tables);
    database_.restore(std::move(tables));
    truth_.observe(database_.tables());
  }

  static std::string topic_key(std::int64_t version) {
    return segment::to_key(segment::CatalogueKey{.topic = {{2}}, .version = version});
  }

  std::vector<std::string> found() const {
    std::vector<std::string> names;
    for (const Violation& violation : violations_.list()) names.push_back(violation.invariant);
    return names;
  }

  Violations violations_;
  metadata::MemoryMetadata database_;
  std::map<std::string, base::Bytes> objects_;
  Truth truth_;
};

TEST_F(CheckerTest, NothingIsReportedOfASoundHistory) {
  commit(Seq(1), batch_of(Offset(0), {11, 12}, 0));
  commit(Seq(2), batch_of(Offset(2), {13}, 2));
  EXPECT_TRUE(database_.seal_session(kOther));
  truth_.observe(database_.tables());
  truth_.acknowledged(kLed, Offset(0), {11, 12});
  truth_.read(kLed, Offset(1), {12, 13});
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(CheckerTest, ASequenceThatIsLeftOutBreaksTheProducersOrder) {
  commit(Seq(1), batch_of(Offset(0), {11, 12}, 0));
  commit(Seq(2), batch_of(Offset(2), {13}, 3));
  EXPECT_THAT(found(), ElementsAre("L6"));
}

TEST_F(CheckerTest, ASequenceBeforeTheOneItFollowsBreaksTheProducersOrder) {
  commit(Seq(1), batch_of(Offset(0), {13}, 2));
  commit(Seq(2), batch_of(Offset(1), {11, 12}, 0));
  EXPECT_THAT(found(), ElementsAre("L6", "L6"));
}

TEST_F(CheckerTest, ARepeatedBatchIsBothADuplicateAndOutOfOrder) {
  commit(Seq(1), batch_of(Offset(0), {11}, 0));
  commit(Seq(2), batch_of(Offset(1), {11}, 0));
  EXPECT_THAT(found(), ElementsAre("W5", "L6"));
}

TEST_F(CheckerTest, AnObjectUnderTheRowOfAnotherIsCommittedOnceTooOften) {
  commit(Seq(1), batch_of(Offset(0), {11}, 0), Seq(2));
  EXPECT_THAT(found(), ElementsAre("W4"));
}

TEST_F(CheckerTest, ATrimmedRowThatCountsAgainCommitsItsObjectTwice) {
  commit(Seq(1), batch_of(Offset(0), {11}, 0));
  commit(Seq(2), batch_of(Offset(1), {12}, 1));
  const auto row = database_.tables().sessions.at(kLeader).log.at(Seq(1));
  damage([](MemoryTables& tables) { tables.sessions.at(kLeader).log.erase(Seq(1)); });
  EXPECT_THAT(found(), IsEmpty());
  damage([&row](MemoryTables& tables) { tables.sessions.at(kLeader).log[Seq(1)] = row; });
  EXPECT_THAT(found(), ElementsAre("W4"));
}

TEST_F(CheckerTest, AVoidRowMayComeAgain) {
  commit(Seq(1), batch_of(Offset(0), {11}, 0));
  commit(Seq(2), batch_of(Offset(1), {12}, 1));
  const auto row = database_.tables().sessions.at(kLeader).log.at(Seq(1));
  damage([](MemoryTables& tables) {
    SessionRecord& record = tables.sessions.at(kLeader);
    record.log.erase(Seq(1));
    record.session.trimmed_to = Seq(1);
  });
  damage([&row](MemoryTables& tables) { tables.sessions.at(kLeader).log[Seq(1)] = row; });
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(CheckerTest, AnotherOwnerNeedsAHigherEpoch) {
  damage([](MemoryTables& tables) { tables.partitions.at(kLed).owner = kOther; });
  EXPECT_THAT(found(), ElementsAre("F4"));
}

TEST_F(CheckerTest, ASessionIdIsUsedOnce) {
  damage([](MemoryTables& tables) {
    auto& open = tables.sessions.at(kOther).log.at(Seq(0));
    open = std::make_shared<const metadata::CheckedRow>(*open);
  });
  EXPECT_THAT(found(), ElementsAre("F4"));
}

TEST_F(CheckerTest, ASessionStaysKnown) {
  damage([](MemoryTables& tables) { tables.sessions.erase(kOther); });
  EXPECT_THAT(found(), ElementsAre("F5"));
}

TEST_F(CheckerTest, ASealStays) {
  EXPECT_TRUE(database_.seal_session(kOther));
  truth_.observe(database_.tables());
  damage([](MemoryTables& tables) {
    SessionRecord& record = tables.sessions.at(kOther);
    record.log.erase(record.newest());
    record.session.state = metadata::SessionState::kLive;  // or F1 would see it as well
  });
  EXPECT_THAT(found(), ElementsAre("F5"));
}

TEST_F(CheckerTest, ATopicIsPurgedOnlyOnceItIsStoredAsDeleted) {
  const auto purge = [](MemoryTables& tables) {
    tables.topics.clear();
    tables.partitions.clear();
  };
  const MemoryTables before = database_.tables();
  damage(purge);
  EXPECT_THAT(found(), ElementsAre("S8"));
  database_.restore(MemoryTables(before));
  const metadata::Topic topic = *database_.get_topic(model::TopicNo(1));
  EXPECT_FALSE(truth_.is_stored(topic));
  truth_.observe(database_.tables());
  const std::vector<metadata::ArchiveRow> rows{metadata::ClusterRow(), topic};
  objects_[topic_key(topic.version)] = metadata::pack_rows(rows);
  EXPECT_TRUE(truth_.is_stored(topic));
  damage(purge);
  EXPECT_THAT(found(), ElementsAre("S8")) << "no other";
}

TEST_F(CheckerTest, OnlyAVersionOfATopicThatALaterOneReplacesGoes) {
  for (const std::int64_t version : {4, 9}) objects_[topic_key(version)] = {};
  truth_.removing(database_.tables(), topic_key(4), 0);
  EXPECT_THAT(found(), IsEmpty());
  truth_.removing(database_.tables(), topic_key(9), 0);
  EXPECT_THAT(found(), ElementsAre("S8"));
}

/// A group whose commit 1 put its position of kLed to 10.
class GroupWritesTest : public CheckerTest {
 protected:
  static constexpr metadata::ShardGuard kGuard{
      .shard = kLed, .owner = kLeader, .epoch = LeaderEpoch(1)};

  /// The store's own way to write.
  auto write(metadata::ShardGuard guard, std::int64_t commit_no, std::int64_t offset) {
    return [=](metadata::MemoryMetadata& tables) {
      return tables.commit_offsets(guard, "g", commit_no,
                                   {{.key = kLed, .offset = Offset(offset)}});
    };
  }
  /// The way of a store that looks at nothing.
  static auto force(std::int64_t offset) {
    return [offset](metadata::MemoryMetadata& database) {
      MemoryTables tables = database.tables();
      tables.groups.at("g").offsets.at(kLed).offset = Offset(offset);
      database.restore(std::move(tables));
      return base::Status{};
    };
  }
  template <class Write>
  base::Status apply(metadata::ShardGuard guard, std::int64_t commit_no, Write write) {
    return GroupWrites(violations_).apply(database_, guard, "g", commit_no, write);
  }

  GroupWritesTest() { EXPECT_TRUE(apply(kGuard, 1, write(kGuard, 1, 10))); }
};

TEST_F(GroupWritesTest, TheNextWriteOfTheCoordinatorMayChangeTheGroup) {
  EXPECT_TRUE(apply(kGuard, 2, write(kGuard, 2, 20)));
  EXPECT_EQ(database_.tables().groups.at("g").offsets.at(kLed).offset, Offset(20));
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(GroupWritesTest, ARepeatMayNotChangeTheGroup) {
  EXPECT_TRUE(apply(kGuard, 1, write(kGuard, 1, 10)));
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_TRUE(apply(kGuard, 1, force(5)));
  EXPECT_THAT(found(), ElementsAre("G2"));
}

TEST_F(GroupWritesTest, AFormerCoordinatorMayNotChangeTheGroup) {
  metadata::ShardGuard former = kGuard;
  former.epoch = LeaderEpoch(0);
  EXPECT_FALSE(apply(former, 2, write(former, 2, 20)));
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_TRUE(apply(former, 2, force(20)));
  EXPECT_THAT(found(), ElementsAre("G2"));
}

class KafkaGroupTest : public CheckerTest {
 protected:
  KafkaGroup group_{violations_};
};

TEST_F(KafkaGroupTest, APartitionHasOneOwnerInAGeneration) {
  group_.assigned(1, "a", 0);
  group_.assigned(1, "a", 0);
  group_.assigned(2, "b", 0);
  group_.assigned(2, "a", 1);
  EXPECT_THAT(found(), IsEmpty());
  group_.assigned(2, "a", 0);
  EXPECT_THAT(found(), ElementsAre("G1"));
}

TEST_F(KafkaGroupTest, WhatIsAcknowledgedIsToldUnlessALaterCommitMayHaveReplacedIt) {
  group_.told(0, group_.acknowledged(0), -1);
  group_.committed(0, group_.committing(1, 0, 10));
  const auto question = group_.acknowledged(0);
  const auto open = group_.committing(1, 0, 20);
  group_.told(0, question, 10);
  group_.told(0, question, 20);
  group_.committed(0, open);
  group_.told(0, question, 10);
  EXPECT_THAT(found(), IsEmpty());
  group_.told(0, group_.acknowledged(0), 10);
  group_.told(0, group_.acknowledged(0), -1);
  EXPECT_THAT(found(), ElementsAre("G3", "G3"));
}

TEST_F(KafkaGroupTest, WhatWasRefusedOrIsOfAnEarlierGenerationNeverShows) {
  group_.refused(0, group_.committing(2, 0, 30));
  group_.told(0, group_.acknowledged(0), 30);
  EXPECT_THAT(found(), ElementsAre("G3"));
  group_.committed(0, group_.committing(2, 0, 40));
  const auto late = group_.committing(1, 0, 50);
  group_.told(0, group_.acknowledged(0), 50);
  EXPECT_THAT(found(), ElementsAre("G3", "G3"));
  group_.committed(0, late);
  EXPECT_THAT(found(), ElementsAre("G3", "G3", "G2"));
}

base::Result<service::Produced> produced_at(std::int64_t offset) {
  return service::Produced{.base_offset = Offset(offset), .log_start = Offset(0)};
}

TEST(ProduceOutcomeTest, EveryDocumentedAnswerIsOneOfThree) {
  using base::Errc;
  const auto of = [](Errc code) {
    return produce_outcome(base::make_error(code, "x"), AckMode::kDurable);
  };
  EXPECT_EQ(produce_outcome(produced_at(0), AckMode::kDurable), ProduceOutcome::kCommitted);
  EXPECT_EQ(produce_outcome(produced_at(-1), AckMode::kBuffered), ProduceOutcome::kUnknown);
  EXPECT_EQ(of(Errc::kThrottled), ProduceOutcome::kDefinitelyNot);
  EXPECT_EQ(of(Errc::kNotLeader), ProduceOutcome::kDefinitelyNot);
  EXPECT_EQ(of(Errc::kUnknownOutcome), ProduceOutcome::kUnknown);
}

TEST(ProduceOutcomeTest, AnAnswerThatDoesNotSayWhichIsNone) {
  const auto none = std::optional<ProduceOutcome>();
  EXPECT_EQ(produce_outcome(produced_at(-1), AckMode::kDurable), none);
  EXPECT_EQ(produce_outcome(produced_at(0), AckMode::kBuffered), none);
  for (const base::Errc code : {base::Errc::kInternal, base::Errc::kFenced, base::Errc::kConflict,
                                base::Errc::kRegressed, base::Errc::kStopped}) {
    EXPECT_EQ(produce_outcome(base::make_error(code, "x"), AckMode::kDurable), none);
  }
}

TEST(HeartbeatRecordTest, IsSteadyOnlyAfterAFullTimeoutWithoutAGap) {
  using std::chrono::seconds;
  const runtime::MonoTime start{};
  HeartbeatRecord record(seconds(3));
  record.opened(start);
  record.succeeded(start + seconds(2));
  EXPECT_FALSE(record.was_steady());
  record.succeeded(start + seconds(6));  // a gap: counts from here
  record.succeeded(start + seconds(8));
  EXPECT_FALSE(record.was_steady());
  record.succeeded(start + seconds(9));
  EXPECT_TRUE(record.was_steady());
}

}  // namespace
}  // namespace streamhouse::sim
