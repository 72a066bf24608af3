// Goal: sessions, heartbeats and leases keep rules P7, P8 and P11: an id opens once, a heartbeat
// belongs to the agent's newest live session, a lease goes to a live session and raises the epoch.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

NewSession new_session(SessionId id, const std::string& agent, std::int64_t timeout = kTimeout) {
  return {.id = id,
          .agent = {.agent_id = agent,
                    .address = agent + ":1",
                    .zone = "a",
                    .group = "default",
                    .metadata = {{"version", "1"}}},
          .timeout_ms = timeout};
}

TEST_P(MetadataStoreContract, AnOpenedSessionIsLiveWithAnEmptyLogAndAHeartbeatRow) {
  EXPECT_EQ(must(store().open_session(new_session(kFirst, "agent"))), kStart + kTimeout);
  const Session expected{.id = kFirst, .agent_id = "agent", .opened_ms = kStart};
  EXPECT_EQ(session_row(kFirst), expected);
  EXPECT_EQ(rows(kFirst), "");
  append(kFirst, 1, any_commit());
  const Agent agent = must(store().get_agent("agent"));
  EXPECT_EQ(agent.info, new_session(kFirst, "agent").agent);
  EXPECT_EQ(agent.session, kFirst);
  EXPECT_EQ(agent.started_ms, kStart);
  EXPECT_EQ(agent.last_heartbeat_ms, kStart);
  EXPECT_EQ(agent.expires_ms, kStart + kTimeout);
  EXPECT_EQ(outcome(store().get_agent("other")), "not_found");
}

TEST_P(MetadataStoreContract, ASessionIdIsNeverOpenedTwice) {
  must(store().open_session(new_session(kFirst, "agent")));
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst, "agent"))), "exists");
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst, "other"))), "exists");
  take_over(kFirst);
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst, "agent"))), "exists");
  EXPECT_EQ(session_row(kFirst).state, SessionState::kRecovered);
  EXPECT_EQ(outcome(store().get_agent("other")), "not_found");
}

TEST_P(MetadataStoreContract, MalformedSessionsAreRefused) {
  EXPECT_EQ(outcome(store().open_session(new_session(SessionId(0), "agent"))), "invalid");
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst, ""))), "invalid");
  EXPECT_EQ(outcome(store().open_session(new_session(kFirst, "agent", 0))), "invalid");
  EXPECT_TRUE(must(store().list_sessions(SessionId(0), 9)).empty());
  EXPECT_TRUE(must(store().list_agents(Liveness::kAll)).empty());
}

TEST_P(MetadataStoreContract, ARestartedAgentTakesTheHeartbeatRowOver) {
  must(store().open_session(new_session(kFirst, "agent")));
  pass_time(10);
  NewSession again = new_session(kSecond, "agent", 50);
  again.agent.address = "elsewhere:2";
  must(store().open_session(again));
  const Agent agent = must(store().get_agent("agent"));
  EXPECT_EQ(agent.session, kSecond);
  EXPECT_EQ(agent.info.address, "elsewhere:2");
  EXPECT_EQ(agent.started_ms, kStart + 10);
  EXPECT_EQ(agent.expires_ms, kStart + 60);
  EXPECT_EQ(outcome(store().heartbeat(kFirst, kTimeout, ListOwned::kNo)), "fenced");
  EXPECT_EQ(session_row(kFirst).state, SessionState::kLive);
}

TEST_P(MetadataStoreContract, AReopeningProcessYieldsToALiveSessionThatIsNotItsOwn) {
  must(store().open_session(new_session(kFirst, "agent")));
  NewSession again = new_session(kSecond, "agent");
  again.own_sessions = std::vector<SessionId>{};
  EXPECT_EQ(outcome(store().open_session(again)), "conflict");
  EXPECT_NE(refusal(store().open_session(again)).find("agent:1"), std::string::npos);
  EXPECT_EQ(outcome(store().get_session(kSecond)), "not_found");
  again.own_sessions = std::vector<SessionId>{kThird, kFirst};
  EXPECT_EQ(outcome(store().open_session(again)), "ok");
}

TEST_P(MetadataStoreContract, AReopeningProcessIgnoresFencedSessionsAndOtherAgents) {
  must(store().open_session(new_session(kFirst, "agent")));
  must(store().open_session(new_session(kThird, "other")));
  must(store().seal_session(kFirst));
  NewSession again = new_session(kSecond, "agent");
  again.own_sessions = std::vector<SessionId>{};
  EXPECT_EQ(outcome(store().open_session(again)), "ok");
}

TEST_P(MetadataStoreContract, AHeartbeatMovesTheExpiryByTheDatabasesClock) {
  open(kFirst);
  pass_time(10);
  const HeartbeatReply reply = must(store().heartbeat(kFirst, 300, ListOwned::kNo));
  EXPECT_EQ(reply.now_ms, kStart + 10);
  EXPECT_EQ(reply.expires_ms, kStart + 310);
  EXPECT_TRUE(reply.owned.empty());
  EXPECT_EQ(must(store().get_agent("agent")).expires_ms, kStart + 310);
  EXPECT_EQ(must(store().get_agent("agent")).last_heartbeat_ms, kStart + 10);
  EXPECT_EQ(must(store().get_agent("agent")).started_ms, kStart);
  pass_time(-100);
  EXPECT_EQ(must(store().heartbeat(kFirst, 300, ListOwned::kNo)).expires_ms, kStart + 210);
  pass_time(10'000);
  EXPECT_EQ(outcome(store().heartbeat(kFirst, 300, ListOwned::kNo)), "ok") << "late, not fenced";
}

TEST_P(MetadataStoreContract, AHeartbeatListsWhatTheSessionOwnsByKey) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  open(kSecond, "other");
  const Partition last = lead(kFirst, key_of(topic, 2));
  const Partition first = lead(kFirst, key_of(topic, 0));
  lead(kSecond, key_of(topic, 1));
  const auto reply = must(store().heartbeat(kFirst, kTimeout, ListOwned::kYes));
  EXPECT_EQ(reply.owned, (std::vector<Partition>{first, last}));
}

TEST_P(MetadataStoreContract, AHeartbeatIsFencedUnlessTheAgentsRowNamesTheLiveSession) {
  EXPECT_EQ(outcome(store().heartbeat(kFirst, kTimeout, ListOwned::kNo)), "fenced");
  open(kFirst);
  EXPECT_EQ(outcome(store().heartbeat(kFirst, 0, ListOwned::kNo)), "invalid");
  must(store().deregister_agent("agent", kFirst));
  EXPECT_EQ(outcome(store().heartbeat(kFirst, kTimeout, ListOwned::kNo)), "fenced");
  open(kSecond);
  must(store().self_seal(kSecond, Seq(1)));
  EXPECT_EQ(outcome(store().heartbeat(kSecond, kTimeout, ListOwned::kNo)), "fenced");
}

TEST_P(MetadataStoreContract, DeregisteringRemovesOnlyTheRowThatNamesTheSession) {
  open(kFirst);
  open(kSecond);
  const std::int64_t change = newest_change();
  EXPECT_EQ(outcome(store().deregister_agent("agent", kFirst)), "ok");
  EXPECT_EQ(must(store().get_agent("agent")).session, kSecond);
  EXPECT_EQ(newest_change(), change);
  EXPECT_EQ(outcome(store().deregister_agent("agent", kSecond)), "ok");
  EXPECT_EQ(outcome(store().get_agent("agent")), "not_found");
  EXPECT_EQ(outcome(store().deregister_agent("agent", kSecond)), "ok");
  EXPECT_EQ(outcome(store().deregister_agent("nobody", kSecond)), "ok");
}

TEST_P(MetadataStoreContract, AgentsAreListedByIdAndOnlyAliveOnesWhereAsked) {
  must(store().open_session(new_session(kFirst, "b", 100)));
  must(store().open_session(new_session(kSecond, "a", 200)));
  const auto names = [&](Liveness liveness) {
    std::string list;
    for (const Agent& agent : must(store().list_agents(liveness))) list += agent.info.agent_id;
    return list;
  };
  EXPECT_EQ(names(Liveness::kAlive), "ab");
  pass_time(99);
  EXPECT_EQ(names(Liveness::kAlive), "ab");
  pass_time(1);
  EXPECT_EQ(names(Liveness::kAlive), "a");
  EXPECT_EQ(names(Liveness::kAll), "ab");
}

TEST_P(MetadataStoreContract, AnAcquiredLeaseHasTheNextEpochAndItsRepeatIsFound) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  pass_time(5);
  const AcquireRequest request{.key = key, .expected_epoch = LeaderEpoch(0), .since_seq = Seq(3)};
  const auto answers = must(store().acquire_leases(kFirst, {request}));
  ASSERT_EQ(answers.size(), 1u);
  const Partition expected{.key = key,
                           .epoch = LeaderEpoch(1),
                           .owner = kFirst,
                           .since_seq = Seq(3),
                           .created_ms = kStart,
                           .updated_ms = kStart + 5,
                           .acquired_ms = kStart + 5};
  EXPECT_EQ(show(answers[0]), show(expected));
  EXPECT_EQ(partition(key), expected);
  const std::int64_t change = newest_change();
  pass_time(5);
  AcquireRequest repeat = request;
  repeat.since_seq = Seq(8);
  EXPECT_EQ(show(must(store().acquire_leases(kFirst, {request, repeat}))),
            show(std::vector<Partition>{expected, expected}));
  EXPECT_EQ(newest_change(), change);
}

TEST_P(MetadataStoreContract, ALeaseIsRefusedToAllButALiveSessionWithTheEpochRead) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  open(kSecond, "other");
  const auto acquire = [&](SessionId session, std::int32_t epoch) {
    const AcquireRequest request{
        .key = key, .expected_epoch = LeaderEpoch(epoch), .since_seq = Seq(1)};
    return show(must(store().acquire_leases(session, {request})));
  };
  EXPECT_EQ(acquire(kFirst, 1), "[conflict]");
  EXPECT_EQ(acquire(kFirst, -1), "[conflict]");
  lead(kFirst, key);
  EXPECT_EQ(acquire(kSecond, 0), "[conflict]");
  EXPECT_EQ(acquire(kSecond, 1), "[conflict]") << "not free";
  EXPECT_EQ(acquire(kFirst, 1), "[conflict]");
  append(kFirst, 1, release({entry(key, 1, 0)}));
  EXPECT_EQ(acquire(kFirst, 0), "[conflict]") << "a late copy";
  lead(kFirst, key);
  EXPECT_EQ(acquire(kFirst, 0), "[conflict]") << "an earlier lease of its own";
  EXPECT_EQ(partition(key).epoch, LeaderEpoch(3));
  EXPECT_EQ(outcome(store().acquire_leases(kThird, {})), "fenced");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().acquire_leases(kFirst, {})), "fenced");
}

TEST_P(MetadataStoreContract, EachRequestOfABatchHasItsOwnAnswer) {
  const Topic orders = create("orders", 2);
  const Topic deleted = create("deleted", 2);
  open(kFirst);
  const Partition kept = lead(kFirst, key_of(deleted, 1));
  delete_topic("deleted");
  const auto request = [](TopicPartition key) {
    return AcquireRequest{.key = key, .expected_epoch = LeaderEpoch(0), .since_seq = Seq(1)};
  };
  const auto answers = must(store().acquire_leases(
      kFirst, {request(key_of(orders, 1)), request(key_of(deleted, 0)), request(key_of(orders, 9)),
               request({model::TopicNo(40), model::PartitionIndex(0)}), request(key_of(deleted, 1)),
               request(key_of(orders, 0))}));
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_EQ(show(answers[0]), show(partition(key_of(orders, 1))));
  EXPECT_EQ(show(answers[1]), "topic_not_found");
  EXPECT_EQ(show(answers[2]), "partition_not_found");
  EXPECT_EQ(show(answers[3]), "topic_not_found");
  EXPECT_EQ(show(answers[4]), show(kept)) << "its own earlier success";
  EXPECT_EQ(show(answers[5]), show(partition(key_of(orders, 0))));
  EXPECT_EQ(partition(key_of(deleted, 0)).owner, model::kNoSession);
}

TEST_P(MetadataStoreContract, ALeaseNamesItsAgentAndExpiryWhileTheHeartbeatRowNamesTheSession) {
  const Topic topic = create("orders", 2);
  open(kFirst);
  pass_time(3);
  lead(kFirst, key_of(topic, 1));
  const Lease expected{.key = key_of(topic, 1),
                       .session = kFirst,
                       .agent_id = "agent",
                       .address = "agent:9090",
                       .epoch = LeaderEpoch(1),
                       .expires_ms = kStart + kTimeout,
                       .acquired_ms = kStart + 3};
  EXPECT_EQ(show(must(store().get_lease(key_of(topic, 1)))), show(expected));
  EXPECT_EQ(outcome(store().get_lease(key_of(topic, 0))), "not_found");
  EXPECT_EQ(outcome(store().get_lease(key_of(topic, 2))), "partition_not_found");
  open(kSecond);
  Lease orphaned = expected;
  orphaned.address.clear();
  orphaned.expires_ms = 0;
  EXPECT_EQ(show(must(store().get_lease(key_of(topic, 1)))), show(orphaned));
}

TEST_P(MetadataStoreContract, LeasesAreListedByKeyOfOneTopicOrAll) {
  const Topic orders = create("orders", 2);
  const Topic payments = create("payments", 2);
  open(kFirst);
  for (const TopicPartition key : {key_of(payments, 1), key_of(orders, 1), key_of(payments, 0)})
    lead(kFirst, key);
  const auto all = must(store().list_leases(std::nullopt));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].key, key_of(orders, 1));
  EXPECT_EQ(all[1].key, key_of(payments, 0));
  EXPECT_EQ(all[2].key, key_of(payments, 1));
  EXPECT_EQ(show(must(store().list_leases(payments.no))), show(std::vector<Lease>{all[1], all[2]}));
  EXPECT_TRUE(must(store().list_leases(model::TopicNo(44))).empty());
}

}  // namespace
}  // namespace streamhouse::metadata::contract
