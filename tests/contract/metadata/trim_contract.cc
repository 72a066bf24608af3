// Goal: checkpoints and trim keep rule P3: only a covered prefix goes, only of what nobody needs,
// never the newest row or the seal; rows at or below trimmed_to are void for every reader.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "segment/object_key.h"
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

TEST_P(MetadataStoreContract, CheckpointsRiseAndARepeatOfTheNewestIsFound) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, any_commit());
  const segment::CheckpointTable table{entry(key, 1, 5)};
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(2), table)), "ok");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(2), table)), "ok");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(2), {entry(key, 1, 6)})), "conflict");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(1), table)), "conflict");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(4), table)), "ok");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(2), table)), "conflict");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(5), table)), "invalid");
  const auto newest = must(store().get_checkpoint(kFirst));
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->upto_seq, Seq(4));
  EXPECT_EQ(newest->partitions, table);
  must(store().seal_session(kFirst));
  EXPECT_EQ(show(must(store().get_checkpoint(kFirst))), show(newest));
  EXPECT_EQ(show(must(store().load_recovery(kFirst)).checkpoint), show(newest));
}

TEST_P(MetadataStoreContract, ASessionHasNoCheckpointBeforeItsFirstAndAfterItsRecovery) {
  open(kFirst);
  EXPECT_FALSE(must(store().get_checkpoint(kFirst)).has_value());
  EXPECT_EQ(outcome(store().get_checkpoint(kSecond)), "not_found");
  append(kFirst, 1, any_commit());
  must(store().checkpoint(kFirst, Seq(1), {}));
  must(store().seal_session(kFirst));
  EXPECT_TRUE(must(store().get_checkpoint(kFirst)).has_value());
  must(store().finish_recovery(kFirst));
  EXPECT_FALSE(must(store().get_checkpoint(kFirst)).has_value());
}

TEST_P(MetadataStoreContract, ACheckpointNeedsALiveSessionAndASortedTable) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  append(kFirst, 1, any_commit());
  EXPECT_EQ(outcome(store().checkpoint(
                kFirst, Seq(1), {entry(key_of(topic, 1), 1, 5), entry(key_of(topic, 0), 1, 5)})),
            "invalid");
  EXPECT_EQ(outcome(store().checkpoint(kSecond, Seq(1), {})), "fenced");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(1), {})), "fenced");
  EXPECT_FALSE(must(store().load_recovery(kFirst)).checkpoint.has_value());
}

TEST_P(MetadataStoreContract, ACheckpointRaisesTheVisibleHighWatermarkOfWhatItsSessionLeads) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  lead(kFirst, key_of(topic, 0));
  lead(kFirst, key_of(topic, 1));
  append(kFirst, 1, any_commit());
  append(kFirst, 2, any_commit());
  must(store().checkpoint(kFirst, Seq(1),
                          {entry(key_of(topic, 0), 1, 5), entry(key_of(topic, 1), 2, 5),
                           entry(key_of(topic, 2), 0, 5)}));
  EXPECT_EQ(partition(key_of(topic, 0)).visible_high_watermark, Offset(5));
  EXPECT_EQ(partition(key_of(topic, 0)).high_watermark, Offset(0));
  EXPECT_EQ(partition(key_of(topic, 1)).visible_high_watermark, Offset(0));
  EXPECT_EQ(partition(key_of(topic, 2)).visible_high_watermark, Offset(0));
  must(store().checkpoint(kFirst, Seq(2), {entry(key_of(topic, 0), 1, 3)}));
  EXPECT_EQ(partition(key_of(topic, 0)).visible_high_watermark, Offset(5));
}

TEST_P(MetadataStoreContract, TrimOfALiveLogStopsAtTheCheckpointTheLogStartAndTheNewestRow) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  for (int seq = 1; seq <= 5; ++seq) append(kFirst, seq, commit({span(key, 2 * seq - 2, 2 * seq)}));
  const auto start_at = [&](std::int64_t offset) {
    must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(offset)));
  };
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(0)) << "no checkpoint covers anything";
  must(store().checkpoint(kFirst, Seq(3), {entry(key, 1, 6)}));
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(0)) << "everything is above the log start";
  start_at(3);
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(1)) << "row 2 reaches above the log start";
  start_at(10);
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(2)) << "no further than asked";
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(2)) << "a repeat";
  EXPECT_EQ(must(store().trim(kFirst, Seq(1))), Seq(2)) << "an older call";
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(3)) << "row 4 is not covered";
  must(store().checkpoint(kFirst, Seq(5), {entry(key, 1, 10)}));
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(4)) << "row 5 is the newest";
  EXPECT_EQ(rows(kFirst), "C5");
  EXPECT_EQ(session_row(kFirst).trimmed_to, Seq(4));
  append(kFirst, 6, any_commit());
}

TEST_P(MetadataStoreContract, TrimLeavesADeadRowForEachCommitItRemoves) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  const CommitEntry row = commit({span(key, 0, 2)});
  append(kFirst, 1, row);
  append(kFirst, 2, release({entry(key, 1, 2, 2)}));
  append(kFirst, 3, any_commit());
  must(store().checkpoint(kFirst, Seq(3), {}));
  pass_time(7);
  EXPECT_EQ(must(store().trim(kFirst, Seq(3))), Seq(2));
  const auto objects = must(store().list_objects("", 10));
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].key, segment::object_key(kFirst, Seq(1)));
  EXPECT_EQ(objects[0].level, 0);
  EXPECT_EQ(objects[0].size, row.object_size);
  EXPECT_EQ(objects[0].state, ObjectState::kDead);
  EXPECT_EQ(objects[0].dead_ms, kStart + 7);
}

TEST_P(MetadataStoreContract, TrimOfARecoveredLogStopsBelowTheSealAndNeedsNoCheckpoint) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  for (int seq = 1; seq <= 3; ++seq) append(kFirst, seq, commit({span(key, seq - 1, seq)}));
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(3)));
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().trim(kFirst, Seq(9))), "fenced");
  take_over(kFirst);
  EXPECT_EQ(must(store().trim(kFirst, Seq(9))), Seq(3));
  EXPECT_EQ(rows(kFirst), "S4");
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(4));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(4), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().trim(kSecond, Seq(9))), "not_found");
}

TEST_P(MetadataStoreContract, SpansOfAPurgedTopicHoldNothingBack) {
  const Topic topic = create("orders");
  open(kFirst);
  append(kFirst, 1, commit({span(key_of(topic), 0, 5)}));
  append(kFirst, 2, any_commit());
  must(store().checkpoint(kFirst, Seq(2), {}));
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(0));
  delete_topic("orders");
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(0)) << "deleting is not gone";
  must(store().purge_topic(topic.no));
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(1));
}

TEST_P(MetadataStoreContract, ALateCopyBelowTheTrimIsVoidForEveryReader) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, commit({span(key, seq - 1, seq)}));
  must(store().checkpoint(kFirst, Seq(4), {entry(key, 1, 4)}));
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(3)));
  ASSERT_EQ(must(store().trim(kFirst, Seq(4))), Seq(3));
  must(store().forget_objects({segment::object_key(kFirst, Seq(1))}));

  EXPECT_EQ(must(store().append(kFirst, Seq(3), commit({span(key, 2, 3)}))), Appended::kBefore);
  EXPECT_EQ(must(store().append(kFirst, Seq(1), commit({span(key, 0, 1)}))), Appended::kNow)
      << "row 0 is there";
  EXPECT_EQ(must(store().append(kFirst, Seq(1), commit({span(key, 0, 1)}, 9))), Appended::kBefore)
      << "at or below trimmed_to";
  EXPECT_EQ(rows(kFirst), "C4");
  EXPECT_EQ(spans(key), "[3,4)");
  EXPECT_EQ(must(store().named_objects(kFirst)).commits, std::vector<Seq>{Seq(4)});
  EXPECT_EQ(outcome(store().find_segment(key, Offset(0))), "not_found");
  append(kFirst, 5, commit({span(key, 4, 5)}));
  must(store().checkpoint(kFirst, Seq(5), {entry(key, 1, 5)}));
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(4)));
  EXPECT_EQ(must(store().trim(kFirst, Seq(5))), Seq(4));
  EXPECT_EQ(must(store().named_objects(kFirst)).dead.size(), 3u) << "row 1 died once";
  must(store().seal_session(kFirst));
  EXPECT_EQ(must(store().load_recovery(kFirst)).rows.size(), 0u);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
