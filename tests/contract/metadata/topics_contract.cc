// Goal: topics keep their contract (topics.h): creation and deletion are whole, names are reused
// safely, changes find their own earlier success.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

TEST_P(MetadataStoreContract, ACreatedTopicIsFoundByNameIdAndNumber) {
  NewTopic wanted = new_topic("orders", 3);
  wanted.retention_ms = 60'000;
  wanted.config = {{"cleanup.policy", "delete"}, {"quote'\"; --", "\xc3\xa9"}, {"empty", ""}};
  const Topic topic = must(store().create_topic(wanted));
  EXPECT_EQ(topic.no, model::TopicNo(1));
  EXPECT_EQ(topic.id, wanted.id);
  EXPECT_EQ(topic.name, "orders");
  EXPECT_EQ(topic.partition_count, 3);
  EXPECT_EQ(topic.retention_ms, 60'000);
  EXPECT_EQ(topic.config, wanted.config);
  EXPECT_EQ(topic.version, 1);
  EXPECT_EQ(topic.state, TopicState::kLive);
  EXPECT_EQ(topic.kind, TopicKind::kUser);
  EXPECT_EQ(topic.created_ms, kStart);
  EXPECT_EQ(topic.updated_ms, kStart);
  EXPECT_EQ(must(store().get_topic("orders")), topic);
  EXPECT_EQ(must(store().get_topic(wanted.id)), topic);
  EXPECT_EQ(must(store().get_topic(topic.no)), topic);
}

TEST_P(MetadataStoreContract, AnUnknownTopicIsNotFound) {
  create("orders");
  EXPECT_EQ(outcome(store().get_topic("Orders")), "topic_not_found");
  EXPECT_EQ(outcome(store().get_topic(topic_id(5))), "topic_not_found");
  EXPECT_EQ(outcome(store().get_topic(model::TopicNo(2))), "topic_not_found");
  EXPECT_EQ(outcome(store().list_partitions(model::TopicNo(2))), "topic_not_found");
  EXPECT_FALSE(must(store().delete_topic(topic_id(77))));
}

TEST_P(MetadataStoreContract, ATopicIsCreatedWithAllItsPartitions) {
  const Topic topic = create("orders", 3);
  const auto partitions = must(store().list_partitions(topic.no));
  ASSERT_EQ(partitions.size(), 3u);
  for (std::int32_t i = 0; i < 3; ++i) {
    const Partition expected{.key = key_of(topic, i), .created_ms = kStart, .updated_ms = kStart};
    EXPECT_EQ(show(partitions[static_cast<std::size_t>(i)]), show(expected));
    EXPECT_EQ(partition(key_of(topic, i)), expected);
  }
  EXPECT_EQ(outcome(store().get_partition(key_of(topic, 3))), "partition_not_found");
  EXPECT_EQ(outcome(store().get_partition(key_of(topic, -1))), "partition_not_found");
}

TEST_P(MetadataStoreContract, CreatingTheSameTopicAgainFindsIt) {
  const Topic topic = create("orders", 2);
  const std::int64_t change = newest_change();
  pass_time(5);
  EXPECT_EQ(must(store().create_topic(new_topic("orders", 2))), topic);
  EXPECT_EQ(newest_change(), change);
  delete_topic("orders");
  const Topic found = must(store().create_topic(new_topic("orders", 2)));
  EXPECT_EQ(found.no, topic.no);
  EXPECT_EQ(found.state, TopicState::kDeleting);
}

TEST_P(MetadataStoreContract, MalformedTopicsAreRefusedAndLeaveNothing) {
  EXPECT_EQ(outcome(store().create_topic(new_topic(""))), "invalid");
  EXPECT_EQ(outcome(store().create_topic(new_topic("orders", 0))), "invalid");
  EXPECT_EQ(outcome(store().create_topic(new_topic("orders", -1))), "invalid");
  EXPECT_EQ(outcome(store().create_topic(new_topic("orders", kPartitionsPerTopicMax + 1))),
            "invalid");
  NewTopic no_id = new_topic("orders");
  no_id.id = {};
  EXPECT_EQ(outcome(store().create_topic(no_id)), "invalid");
  EXPECT_TRUE(must(store().list_topics(model::TopicNo(0), 10)).empty());
  EXPECT_EQ(newest_change(), 0);
}

TEST_P(MetadataStoreContract, ANameOrIdInUseIsRefused) {
  create("orders");
  NewTopic same_name = new_topic("orders");
  same_name.id = topic_id(7);
  EXPECT_EQ(outcome(store().create_topic(same_name)), "topic_exists");
  NewTopic same_id = new_topic("orders");
  same_id.name = "payments";
  EXPECT_EQ(outcome(store().create_topic(same_id)), "exists");
  EXPECT_EQ(must(store().list_topics(model::TopicNo(0), 10)).size(), 1u);
}

TEST_P(MetadataStoreContract, ADeletedTopicIsFoundByIdAndNumberOnlyUntilItIsPurged) {
  const Topic topic = create("orders", 2);
  pass_time(9);
  const Topic deleted = delete_topic("orders");
  EXPECT_EQ(deleted.state, TopicState::kDeleting);
  EXPECT_EQ(deleted.version, 2);
  EXPECT_EQ(deleted.updated_ms, kStart + 9);
  EXPECT_EQ(outcome(store().get_topic("orders")), "topic_not_found");
  EXPECT_EQ(must(store().get_topic(topic.no)), deleted);
  EXPECT_EQ(must(store().get_topic(topic.id)), deleted);
  EXPECT_EQ(must(store().list_partitions(topic.no)).size(), 2u);
  must(store().purge_topic(topic.no));
  EXPECT_EQ(outcome(store().get_topic(topic.no)), "topic_not_found");
  EXPECT_EQ(outcome(store().get_topic(topic.id)), "topic_not_found");
  EXPECT_EQ(outcome(store().list_partitions(topic.no)), "topic_not_found");
  EXPECT_EQ(outcome(store().get_partition(key_of(topic))), "partition_not_found");
}

TEST_P(MetadataStoreContract, ARepeatedOrLateDeletionNeverReachesALaterTopicOfThatName) {
  const Topic old = create("orders");
  const Topic deleted = delete_topic("orders");
  const std::int64_t change = newest_change();
  pass_time(9);
  EXPECT_EQ(must(store().delete_topic(old.id)), deleted) << "its own success, untouched";
  EXPECT_EQ(newest_change(), change);
  NewTopic again = new_topic("orders");
  again.id = topic_id(8);
  const Topic later = must(store().create_topic(again));
  EXPECT_EQ(must(store().delete_topic(old.id)), deleted);
  must(store().purge_topic(old.no));
  EXPECT_FALSE(must(store().delete_topic(old.id)));
  EXPECT_EQ(must(store().get_topic("orders")), later);
}

TEST_P(MetadataStoreContract, PurgingIsRefusedForALiveOrLedTopicAndRepeatable) {
  const Topic topic = create("orders");
  EXPECT_EQ(outcome(store().purge_topic(topic.no)), "invalid");
  open(kFirst);
  lead(kFirst, key_of(topic));
  delete_topic("orders");
  EXPECT_EQ(outcome(store().purge_topic(topic.no)), "conflict");
  take_over(kFirst);
  must(store().purge_topic(topic.no));
  const std::int64_t change = newest_change();
  EXPECT_EQ(outcome(store().purge_topic(topic.no)), "ok");
  EXPECT_EQ(outcome(store().purge_topic(model::TopicNo(77))), "ok");
  EXPECT_EQ(newest_change(), change);
}

TEST_P(MetadataStoreContract, ANameIsFreeOnceNoOldPartitionHasAnUnrecoveredOwner) {
  const Topic old = create("orders", 2);
  open(kFirst);
  lead(kFirst, key_of(old, 1));
  delete_topic("orders");
  NewTopic again = new_topic("orders");
  again.id = topic_id(8);
  EXPECT_EQ(outcome(store().create_topic(again)), "conflict");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().create_topic(again)), "conflict");
  take_over(kFirst);
  const Topic topic = must(store().create_topic(again));
  EXPECT_NE(topic.no, old.no);
  EXPECT_EQ(must(store().get_topic("orders")), topic);
  EXPECT_EQ(must(store().get_topic(old.no)).state, TopicState::kDeleting);
}

TEST_P(MetadataStoreContract, ANameIsFreeOnceTheLeaderHasReleasedTheOldPartitions) {
  const Topic old = create("orders");
  open(kFirst);
  lead(kFirst, key_of(old));
  delete_topic("orders");
  append(kFirst, 1, release({entry(key_of(old), 1, 0)}));
  NewTopic again = new_topic("orders");
  again.id = topic_id(8);
  EXPECT_EQ(outcome(store().create_topic(again)), "ok");
}

TEST_P(MetadataStoreContract, ATopicNumberIsNeverUsedTwice) {
  const Topic old = create("orders");
  delete_topic("orders");
  must(store().purge_topic(old.no));
  EXPECT_GT(create("orders").no, old.no);
}

TEST_P(MetadataStoreContract, ConfigAndRetentionChangeTogetherUnderANewVersion) {
  NewTopic wanted = new_topic("orders");
  wanted.config = {{"a", "1"}, {"b", "2"}};
  must(store().create_topic(wanted));
  pass_time(3);
  const TopicChange change{.config = {{"a", std::nullopt}, {"b", "3"}, {"c", "4"}},
                           .retention_ms = std::optional<std::int64_t>(500),
                           .expected_version = 1};
  const Topic topic = must(store().update_topic_config("orders", change));
  EXPECT_EQ(topic.config, (std::map<std::string, std::string>{{"b", "3"}, {"c", "4"}}));
  EXPECT_EQ(topic.retention_ms, 500);
  EXPECT_EQ(topic.version, 2);
  EXPECT_EQ(topic.updated_ms, kStart + 3);
  EXPECT_EQ(topic.created_ms, kStart);
  const TopicChange for_ever{.retention_ms = std::optional<std::int64_t>()};
  EXPECT_EQ(must(store().update_topic_config("orders", for_ever)).retention_ms, std::nullopt);
  EXPECT_EQ(must(store().get_topic("orders")).version, 3);
}

TEST_P(MetadataStoreContract, ARepeatedConfigChangeFindsItselfAndAnotherVersionConflicts) {
  create("orders");
  const TopicChange change{.config = {{"a", "1"}}, .expected_version = 1};
  const Topic topic = must(store().update_topic_config("orders", change));
  const std::int64_t newest = newest_change();
  EXPECT_EQ(must(store().update_topic_config("orders", change)), topic);
  EXPECT_EQ(newest_change(), newest);
  const TopicChange other{.config = {{"a", "2"}}, .expected_version = 1};
  EXPECT_EQ(outcome(store().update_topic_config("orders", other)), "conflict");
  const TopicChange removes{.config = {{"absent", std::nullopt}}};
  EXPECT_EQ(must(store().update_topic_config("orders", removes)), topic);
  EXPECT_EQ(must(store().update_topic_config("orders", {})), topic);
  EXPECT_EQ(outcome(store().update_topic_config("payments", change)), "topic_not_found");
  delete_topic("orders");
  EXPECT_EQ(outcome(store().update_topic_config("orders", change)), "topic_not_found");
}

TEST_P(MetadataStoreContract, PartitionsAreAddedAndNeverTakenAway) {
  const Topic topic = create("orders", 2);
  pass_time(4);
  const Topic wider = must(store().create_partitions("orders", 4));
  EXPECT_EQ(wider.partition_count, 4);
  EXPECT_EQ(wider.version, 2);
  const auto rows = must(store().list_partitions(topic.no));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[1].created_ms, kStart);
  EXPECT_EQ(rows[3].created_ms, kStart + 4);
  const std::int64_t newest = newest_change();
  EXPECT_EQ(must(store().create_partitions("orders", 4)), wider);
  EXPECT_EQ(newest_change(), newest);
  EXPECT_EQ(outcome(store().create_partitions("orders", 3)), "invalid");
  EXPECT_EQ(outcome(store().create_partitions("orders", 0)), "invalid");
  EXPECT_EQ(outcome(store().create_partitions("orders", kPartitionsPerTopicMax + 1)), "invalid");
  EXPECT_EQ(outcome(store().create_partitions("payments", 3)), "topic_not_found");
  EXPECT_EQ(must(store().list_partitions(topic.no)).size(), 4u);
}

TEST_P(MetadataStoreContract, TopicsArePagedByNumberWithEveryKindAndState) {
  for (const char* name : {"d", "c", "b"}) create(name);
  NewTopic internal = new_topic("__consumer_offsets");
  internal.kind = TopicKind::kInternal;
  must(store().create_topic(internal));
  delete_topic("c");
  const auto first = must(store().list_topics(model::TopicNo(0), 3));
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].name, "d");
  EXPECT_EQ(first[1].state, TopicState::kDeleting);
  const auto rest = must(store().list_topics(first[2].no, 3));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].kind, TopicKind::kInternal);
  EXPECT_TRUE(must(store().list_topics(rest[0].no, 3)).empty());
  EXPECT_TRUE(must(store().list_topics(model::TopicNo(0), 0)).empty());
}

}  // namespace
}  // namespace streamhouse::metadata::contract
