// Goal: take-over keeps rules P4 to P6: what is due is found, one seal ends a log, the recoverer
// reads exactly the rows it needs, final states are written once under their guard.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

std::vector<SessionId> ids(const std::vector<Session>& sessions) {
  std::vector<SessionId> list;
  for (const Session& session : sessions) list.push_back(session.id);
  return list;
}

std::vector<Seq> seqs(const RecoveryView& view) {
  std::vector<Seq> list;
  for (const LogRow& row : view.rows) list.push_back(row.seq);
  return list;
}

TEST_P(MetadataStoreContract, ASessionIsDueOnceItsHeartbeatRowExpiredWentOrNamesAnother) {
  open(kFirst, "alive");
  open(kSecond, "gone");
  open(kThird, "restarted");
  const auto due = [&] { return ids(must(store().list_due_sessions({}))); };
  EXPECT_TRUE(due().empty());
  open(SessionId(4), "restarted");
  EXPECT_EQ(due(), std::vector<SessionId>{kThird});
  must(store().deregister_agent("gone", kSecond));
  EXPECT_EQ(due(), (std::vector<SessionId>{kThird, kSecond}));
  must(store().seal_session(kThird));
  EXPECT_EQ(due(), (std::vector<SessionId>{kThird, kSecond})) << "fencing is due too";
  take_over(kThird);
  EXPECT_EQ(due(), std::vector<SessionId>{kSecond});
  pass_time(kTimeout - 1);
  EXPECT_EQ(due(), std::vector<SessionId>{kSecond});
  must(store().heartbeat(SessionId(4), kTimeout, ListOwned::kNo));
  pass_time(1);
  EXPECT_EQ(due(), (std::vector<SessionId>{kFirst, kSecond})) << "expired from expires_ms on";
}

TEST_P(MetadataStoreContract, AStartingAgentFindsAllItsUnrecoveredSessionsAlsoAliveOnes) {
  for (const SessionId session : {kFirst, kSecond, kThird}) open(session, "agent");
  open(SessionId(4), "other");
  must(store().seal_session(kSecond));
  take_over(kThird);
  EXPECT_EQ(ids(must(store().list_due_sessions("agent"))),
            (std::vector<SessionId>{kFirst, kSecond}));
  EXPECT_TRUE(must(store().list_due_sessions("nobody")).empty());
}

TEST_P(MetadataStoreContract, TheSealFollowsTheNewestRowAndIsFoundAgain) {
  open(kFirst);
  append(kFirst, 1, any_commit());
  open(kSecond, "empty");
  pass_time(3);
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(2));
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(2));
  EXPECT_EQ(must(store().seal_session(kSecond)), Seq(1));
  EXPECT_EQ(session_row(kFirst).state, SessionState::kFencing);
  const auto log = must(store().tail(kFirst, Seq(1), 5));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].kind, RowKind::kSeal);
  EXPECT_EQ(log[0].created_ms, kStart + 3);
  take_over(kFirst);
  EXPECT_EQ(must(store().seal_session(kFirst)), Seq(2));
  EXPECT_EQ(session_row(kFirst).state, SessionState::kRecovered);
  EXPECT_EQ(outcome(store().seal_session(kThird)), "not_found");
}

TEST_P(MetadataStoreContract, ASealedSessionIsFencedEverywhere) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  append(kFirst, 1, any_commit());
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(2), any_commit())), "fenced");
  EXPECT_EQ(outcome(store().heartbeat(kFirst, kTimeout, ListOwned::kNo)), "fenced");
  EXPECT_EQ(outcome(store().checkpoint(kFirst, Seq(1), {})), "fenced");
  EXPECT_EQ(outcome(store().trim(kFirst, Seq(1))), "fenced");
  EXPECT_EQ(outcome(store().acquire_leases(
                kFirst, {{.key = key, .expected_epoch = LeaderEpoch(0), .since_seq = Seq(2)}})),
            "fenced");
}

TEST_P(MetadataStoreContract, RecoveryIsLoadedOnlyOfASealedSession) {
  open(kFirst);
  EXPECT_EQ(outcome(store().load_recovery(kFirst)), "invalid");
  EXPECT_EQ(outcome(store().load_recovery(kSecond)), "not_found");
  must(store().seal_session(kFirst));
  const RecoveryView view = must(store().load_recovery(kFirst));
  EXPECT_EQ(view.session, session_row(kFirst));
  EXPECT_EQ(view.seal, Seq(1));
  EXPECT_FALSE(view.checkpoint.has_value());
  EXPECT_TRUE(view.owned.empty());
  EXPECT_TRUE(view.rows.empty());
}

TEST_P(MetadataStoreContract, WithoutACheckpointRecoveryReadsFromTheEarliestSinceSeq) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  append(kFirst, 1, any_commit());
  append(kFirst, 2, any_commit());
  lead(kFirst, key_of(topic, 0), Seq(3));
  append(kFirst, 3, commit({span(key_of(topic, 0), 0, 5)}));
  append(kFirst, 4, release({entry({model::TopicNo(70), model::PartitionIndex(0)}, 1, 1)}));
  lead(kFirst, key_of(topic, 1), Seq(5));
  append(kFirst, 5, any_commit());
  must(store().seal_session(kFirst));
  const RecoveryView view = must(store().load_recovery(kFirst));
  EXPECT_EQ(view.seal, Seq(6));
  EXPECT_EQ(view.owned, must(store().list_partitions(topic.no)));
  EXPECT_EQ(seqs(view), (std::vector<Seq>{Seq(3), Seq(4), Seq(5)}));
  EXPECT_EQ(view.rows[0].kind, RowKind::kCommit);
  EXPECT_EQ(view.rows[0].payload, commit({span(key_of(topic, 0), 0, 5)}).spans);
  EXPECT_EQ(view.rows[1].kind, RowKind::kRelease);
}

TEST_P(MetadataStoreContract, AfterACheckpointRecoveryReadsOnlyWhatItDoesNotCover) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  for (int i = 0; i < 2; ++i) lead(kFirst, key_of(topic, i));
  for (int seq = 1; seq <= 6; ++seq) append(kFirst, seq, any_commit());
  const segment::CheckpointTable table{entry(key_of(topic, 0), 1, 5),
                                       entry(key_of(topic, 1), 1, 5)};
  must(store().checkpoint(kFirst, Seq(2), table));
  must(store().checkpoint(kFirst, Seq(4), table));
  must(store().seal_session(kFirst));
  const RecoveryView view = must(store().load_recovery(kFirst));
  ASSERT_TRUE(view.checkpoint.has_value());
  EXPECT_EQ(view.checkpoint->upto_seq, Seq(4));
  EXPECT_EQ(view.checkpoint->partitions, table);
  EXPECT_EQ(seqs(view), (std::vector<Seq>{Seq(5), Seq(6)}));
}

TEST_P(MetadataStoreContract, ACheckpointEntryOfAnotherEpochCoversNothing) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  for (int i = 0; i < 2; ++i) lead(kFirst, key_of(topic, i), Seq(1));
  for (int seq = 1; seq <= 3; ++seq) append(kFirst, seq, any_commit());
  append(kFirst, 4, release({entry(key_of(topic, 0), 1, 0)}));
  lead(kFirst, key_of(topic, 0), Seq(5));
  append(kFirst, 5, any_commit());
  append(kFirst, 6, any_commit());
  must(store().checkpoint(kFirst, Seq(6),
                          {entry(key_of(topic, 0), 1, 0), entry(key_of(topic, 1), 1, 0)}));
  append(kFirst, 7, any_commit());
  must(store().seal_session(kFirst));
  const RecoveryView view = must(store().load_recovery(kFirst));
  EXPECT_EQ(seqs(view), (std::vector<Seq>{Seq(5), Seq(6), Seq(7)}))
      << "partition 0 is led under epoch 3 since row 5";
}

TEST_P(MetadataStoreContract, ACheckpointOlderThanTheLeaseLeavesTheSinceSeqInForce) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  for (int seq = 1; seq <= 2; ++seq) append(kFirst, seq, any_commit());
  lead(kFirst, key, Seq(5));
  must(store().checkpoint(kFirst, Seq(2), {entry(key, 1, 0)}));
  for (int seq = 3; seq <= 6; ++seq) append(kFirst, seq, any_commit());
  must(store().seal_session(kFirst));
  EXPECT_EQ(seqs(must(store().load_recovery(kFirst))), (std::vector<Seq>{Seq(5), Seq(6)}));
}

TEST_P(MetadataStoreContract, FinalStatesAreWrittenOnceUnderTheirGuard) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  open(kSecond, "other");
  for (int i = 0; i < 2; ++i) lead(kFirst, key_of(topic, i));
  lead(kSecond, key_of(topic, 2));
  must(store().advance_log_start(key_of(topic, 1), kFirst, LeaderEpoch(1), Offset(3)));
  const segment::CheckpointTable final_states{entry(key_of(topic, 0), 1, 9),
                                              entry(key_of(topic, 1), 1, 9, 1),
                                              entry(key_of(topic, 2), 1, 9)};
  EXPECT_EQ(outcome(store().recover_partitions(kFirst, final_states)), "invalid") << "not sealed";
  must(store().seal_session(kFirst));
  pass_time(2);
  EXPECT_EQ(must(store().recover_partitions(kFirst, final_states)), 2u);
  const Partition row = partition(key_of(topic, 1));
  EXPECT_EQ(row.owner, model::kNoSession);
  EXPECT_EQ(row.epoch, LeaderEpoch(2));
  EXPECT_EQ(row.high_watermark, Offset(9));
  EXPECT_EQ(row.visible_high_watermark, Offset(9));
  EXPECT_EQ(row.log_start, Offset(3));
  EXPECT_EQ(row.producers, entry(key_of(topic, 1), 1, 9).producers);
  EXPECT_EQ(row.updated_ms, kStart + 2);
  EXPECT_EQ(partition(key_of(topic, 2)).owner, kSecond);
  EXPECT_EQ(must(store().recover_partitions(kFirst, final_states)), 0u) << "a repeat";
  lead(kSecond, key_of(topic, 0));
  EXPECT_EQ(must(store().recover_partitions(kFirst, final_states)), 0u) << "a late copy";
  EXPECT_EQ(partition(key_of(topic, 0)).owner, kSecond);
}

TEST_P(MetadataStoreContract, RecoverPartitionsRefusesUnsortedTablesAndUnknownSessions) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().recover_partitions(
                kFirst, {entry(key_of(topic, 1), 1, 9), entry(key_of(topic, 0), 1, 9)})),
            "invalid");
  EXPECT_EQ(outcome(store().recover_partitions(kSecond, {})), "not_found");
  EXPECT_EQ(must(store().recover_partitions(kFirst, {})), 0u);
}

TEST_P(MetadataStoreContract, ARecoveryEndsOnceTheSessionOwnsNothingAndDropsItsCheckpoint) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  append(kFirst, 1, any_commit());
  must(store().checkpoint(kFirst, Seq(1), {entry(key, 1, 0)}));
  EXPECT_EQ(outcome(store().finish_recovery(kFirst)), "invalid");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().finish_recovery(kFirst)), "conflict");
  EXPECT_EQ(session_row(kFirst).state, SessionState::kFencing);
  must(store().recover_partitions(kFirst, {entry(key, 1, 4)}));
  EXPECT_EQ(outcome(store().finish_recovery(kFirst)), "ok");
  EXPECT_EQ(outcome(store().finish_recovery(kFirst)), "ok");
  EXPECT_EQ(session_row(kFirst).state, SessionState::kRecovered);
  EXPECT_FALSE(must(store().load_recovery(kFirst)).checkpoint.has_value());
  EXPECT_EQ(outcome(store().finish_recovery(kSecond)), "not_found");
}

TEST_P(MetadataStoreContract, SessionsStayForEverAndArePagedById) {
  open(kFirst, "agent");
  pass_time(1);
  open(kSecond, "agent");
  open(kThird, "agent");
  take_over(kFirst);
  const auto page = must(store().list_sessions(SessionId(0), 2));
  EXPECT_EQ(ids(page), (std::vector<SessionId>{kThird, kFirst}));
  EXPECT_EQ(page[1], session_row(kFirst));
  EXPECT_EQ(page[1].agent_id, "agent");
  EXPECT_EQ(page[1].opened_ms, kStart);
  EXPECT_EQ(ids(must(store().list_sessions(kFirst, 2))), std::vector<SessionId>{kSecond});
  EXPECT_TRUE(must(store().list_sessions(kSecond, 2)).empty());
  EXPECT_EQ(outcome(store().get_session(SessionId(9))), "not_found");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
