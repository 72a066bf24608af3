// Goal: the session log keeps rule P1, P9 and P10: rows follow each other without a gap, a repeat
// finds itself, nothing comes after the seal, a release frees what its guard allows.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

TEST_P(MetadataStoreContract, RowsAreAppendedInOrderAndShownAsTheyWere) {
  const TopicPartition key = key_of(create("orders"));
  open(kSecond);
  const CommitEntry first = commit({span(key, 0, 5)});
  append(kSecond, 1, first);
  pass_time(6);
  append(kSecond, 2, release({entry(key, 1, 5)}));
  const auto log = must(store().tail(kSecond, Seq(0), 10));
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].seq, Seq(1));
  EXPECT_EQ(log[0].kind, RowKind::kCommit);
  EXPECT_EQ(log[0].crc, first.object_crc);
  EXPECT_EQ(log[0].object_size, first.object_size);
  EXPECT_EQ(log[0].payload, first.spans);
  EXPECT_EQ(log[0].created_ms, kStart);
  EXPECT_EQ(log[1].kind, RowKind::kRelease);
  const auto released = segment::decode_checkpoint(log[1].payload);
  ASSERT_TRUE(released.has_value());
  EXPECT_EQ(*released, segment::CheckpointTable{entry(key, 1, 5)});
  EXPECT_EQ(log[1].created_ms, kStart + 6);
}

TEST_P(MetadataStoreContract, TheTailIsPagedAndLeavesTheOpenRowOut) {
  open(kFirst);
  EXPECT_EQ(rows(kFirst), "");
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, any_commit());
  EXPECT_EQ(rows(kFirst), "C1 C2 C3 C4");
  const auto page = must(store().tail(kFirst, Seq(1), 2));
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].seq, Seq(2));
  EXPECT_EQ(page[1].seq, Seq(3));
  EXPECT_TRUE(must(store().tail(kFirst, Seq(4), 2)).empty());
  EXPECT_TRUE(must(store().tail(kFirst, Seq(0), 0)).empty());
  must(store().seal_session(kFirst));
  EXPECT_EQ(rows(kFirst), "C1 C2 C3 C4 S5");
  EXPECT_EQ(outcome(store().tail(kSecond, Seq(0), 1)), "not_found");
}

TEST_P(MetadataStoreContract, ARepeatedAppendFindsItsRow) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  append(kFirst, 1, any_commit());
  append(kFirst, 2, release({entry(key, 1, 5)}));
  append(kFirst, 3, any_commit());
  EXPECT_EQ(must(store().append(kFirst, Seq(1), any_commit())), Appended::kBefore);
  EXPECT_EQ(must(store().append(kFirst, Seq(2), release({entry(key, 1, 5)}))), Appended::kBefore);
  EXPECT_EQ(must(store().append(kFirst, Seq(3), any_commit())), Appended::kBefore);
  must(store().seal_session(kFirst));
  EXPECT_EQ(must(store().append(kFirst, Seq(3), any_commit())), Appended::kBefore);
  EXPECT_EQ(rows(kFirst), "C1 R2 C3 S4");
}

TEST_P(MetadataStoreContract, AnAppendWithoutItsPredecessorSaysThatRowsAreLost) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  EXPECT_EQ(outcome(store().append(kFirst, Seq(3), any_commit())), "regressed");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(INT64_MAX), any_commit())), "regressed");
  EXPECT_EQ(outcome(store().append(kSecond, Seq(1), any_commit())), "regressed");
  EXPECT_EQ(rows(kFirst), "C1");
  EXPECT_EQ(outcome(store().get_session(kSecond)), "not_found");
}

TEST_P(MetadataStoreContract, OtherContentUnderATakenSeqIsRegressed) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  append(kFirst, 1, any_commit(1));
  append(kFirst, 2, release({entry(key, 1, 5)}));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), any_commit(2))), "regressed");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), release({entry(key, 1, 5)}))), "regressed");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), release({entry(key, 1, 6)}))), "regressed");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), any_commit())), "regressed");
  EXPECT_EQ(rows(kFirst), "C1 R2");
}

TEST_P(MetadataStoreContract, MalformedEntriesAreRefusedAndLeaveNothing) {
  const TopicPartition key = key_of(create("orders", 2));
  const TopicPartition later{key.topic, model::PartitionIndex(1)};
  open(kFirst);
  lead(kFirst, key);
  EXPECT_EQ(outcome(store().append(kFirst, Seq(0), any_commit())), "invalid");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(-1), any_commit())), "invalid");
  CommitEntry flipped = any_commit();
  base::ByteVector bytes = base::to_vector(flipped.spans);
  bytes[bytes.size() / 2] ^= 1;
  flipped.spans = base::Bytes(std::move(bytes));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), flipped)), "invalid");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), CommitEntry{})), "invalid");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), release({}))), "invalid");
  EXPECT_EQ(
      outcome(store().append(kFirst, Seq(1), release({entry(later, 1, 1), entry(key, 1, 1)}))),
      "invalid");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), release({entry(key, 1, 1), entry(key, 1, 1)}))),
            "invalid");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), release({entry(key, 1, -1)}))), "invalid");
  EXPECT_EQ(rows(kFirst), "");
  EXPECT_EQ(partition(key).owner, kFirst);
}

TEST_P(MetadataStoreContract, NothingIsAppendedAtOrAfterTheSeal) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(2));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(3), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(9), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(1), any_commit(7))), "regressed");
  take_over(kFirst);
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().append(kFirst, Seq(3), any_commit())), "fenced");
  EXPECT_EQ(rows(kFirst), "C1 S2");
}

TEST_P(MetadataStoreContract, AReleaseFreesItsPartitionsWithTheirFinalState) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  for (int i = 0; i < 3; ++i) lead(kFirst, key_of(topic, i), Seq(1));
  must(store().advance_log_start(key_of(topic, 1), kFirst, LeaderEpoch(1), Offset(4)));
  pass_time(8);
  append(kFirst, 1, release({entry(key_of(topic, 0), 1, 9, 2), entry(key_of(topic, 1), 1, 9, 2)}));
  const Partition freed = partition(key_of(topic, 0));
  EXPECT_EQ(freed.owner, model::kNoSession);
  EXPECT_EQ(freed.epoch, LeaderEpoch(2));
  EXPECT_EQ(freed.high_watermark, Offset(9));
  EXPECT_EQ(freed.visible_high_watermark, Offset(9));
  EXPECT_EQ(freed.log_start, Offset(2));
  EXPECT_EQ(freed.producers, entry(key_of(topic, 0), 1, 9).producers);
  EXPECT_EQ(freed.updated_ms, kStart + 8);
  EXPECT_EQ(freed.acquired_ms, kStart);
  EXPECT_EQ(partition(key_of(topic, 1)).log_start, Offset(4));
  EXPECT_EQ(partition(key_of(topic, 2)).owner, kFirst);
  EXPECT_EQ(must(store().list_leases(topic.no)).size(), 1u);
}

TEST_P(MetadataStoreContract, AReleaseTouchesOnlyWhatItsGuardAllows) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  open(kSecond, "other");
  lead(kFirst, key_of(topic, 0));
  lead(kSecond, key_of(topic, 1));
  const auto before = must(store().list_partitions(topic.no));
  const std::int64_t change = newest_change();
  const TopicPartition gone{model::TopicNo(50), model::PartitionIndex(0)};
  append(kFirst, 1,
         release({entry(key_of(topic, 0), 2, 9), entry(key_of(topic, 1), 1, 9),
                  entry(key_of(topic, 2), 0, 9), entry(gone, 1, 9)}));
  EXPECT_EQ(must(store().list_partitions(topic.no)), before);
  EXPECT_EQ(newest_change(), change);
}

TEST_P(MetadataStoreContract, ALateCopyOfAReleaseFreesNothingAgain) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  append(kFirst, 1, release({entry(key, 1, 5)}));
  const Partition again = lead(kFirst, key, Seq(2));
  EXPECT_EQ(again.epoch, LeaderEpoch(3));
  EXPECT_EQ(must(store().append(kFirst, Seq(1), release({entry(key, 1, 5)}))), Appended::kBefore);
  EXPECT_EQ(partition(key), again);
}

TEST_P(MetadataStoreContract, ASessionSealsItselfAtItsPendingSeq) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(2))), SelfSeal::kSealed);
  EXPECT_EQ(session_row(kFirst).state, SessionState::kFencing);
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), any_commit())), "fenced");
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(2))), SelfSeal::kSealed);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(7))), SelfSeal::kSealed);
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(2));
  EXPECT_EQ(rows(kFirst), "C1 S2");
}

TEST_P(MetadataStoreContract, ASelfSealThatFindsItsRowCommittedSealsNothing) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  append(kFirst, 1, any_commit());
  append(kFirst, 2, release({entry(key, 1, 5)}));
  append(kFirst, 3, any_commit());
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(1))), SelfSeal::kCommitted);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(2))), SelfSeal::kCommitted);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(3))), SelfSeal::kCommitted);
  EXPECT_EQ(session_row(kFirst).state, SessionState::kLive);
  must(store().checkpoint(kFirst, Seq(2), {}));
  EXPECT_EQ(must(store().trim(kFirst, Seq(2))), Seq(2));
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(1))), SelfSeal::kCommitted);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(2))), SelfSeal::kCommitted);
  EXPECT_EQ(rows(kFirst), "C3");
}

TEST_P(MetadataStoreContract, ASelfSealOfASessionThatAnotherSealedSaysWhatBecameOfTheSeq) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  must(store().seal_session(kFirst));
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(1))), SelfSeal::kCommitted);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(2))), SelfSeal::kSealed);
  EXPECT_EQ(must(store().self_seal(kFirst, Seq(3))), SelfSeal::kSealed);
  EXPECT_EQ(rows(kFirst), "C1 S2");
}

TEST_P(MetadataStoreContract, ASelfSealWithoutItsPredecessorSaysThatRowsAreLost) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  EXPECT_EQ(outcome(store().self_seal(kFirst, Seq(3))), "regressed");
  EXPECT_EQ(outcome(store().self_seal(kSecond, Seq(1))), "regressed");
  EXPECT_EQ(outcome(store().self_seal(kFirst, Seq(0))), "invalid");
  EXPECT_EQ(session_row(kFirst).state, SessionState::kLive);
  EXPECT_EQ(rows(kFirst), "C1");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
