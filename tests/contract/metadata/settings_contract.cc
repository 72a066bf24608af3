// Goal: the change feed has no gaps, producer ids are never handed out twice, the small key-value
// compares and swaps.
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

base::Bytes bytes(const std::string& text) { return base::Bytes(std::string(text)); }

/// `topic:1 lease:1/0` and so on; fails on a gap in the versions.
std::string feed(MetadataStoreContract& test, std::int64_t after) {
  static constexpr const char* kNames[] = {"topic", "lease", "group", "agent"};
  std::string text;
  for (const Change& change : test.changes_after(after)) {
    EXPECT_EQ(change.version, ++after);
    text += text.empty() ? "" : " ";
    text += std::string(kNames[static_cast<int>(change.kind)]) + ":" + change.key;
  }
  return text;
}

TEST_P(MetadataStoreContract, EveryRareWriteIsInTheChangeFeedOnce) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  lead(kFirst, key_of(topic, 1));
  lead(kFirst, key_of(topic, 0));
  EXPECT_EQ(feed(*this, 0), "topic:1 agent:agent lease:1/1 lease:1/0");
  const std::int64_t seen = newest_change();
  must(store().update_topic_config("orders", {.config = {{"a", "b"}}}));
  must(store().create_partitions("orders", 4));
  append(kFirst, 1, release({entry(key_of(topic, 0), 1, 0)}));
  must(store().seal_session(kFirst));
  must(store().recover_partitions(kFirst, {entry(key_of(topic, 1), 1, 0)}));
  must(store().deregister_agent("agent", kFirst));
  delete_topic("orders");
  must(store().purge_topic(topic.no));
  EXPECT_EQ(feed(*this, seen), "topic:1 topic:1 lease:1/0 lease:1/1 agent:agent topic:1 topic:1");
}

TEST_P(MetadataStoreContract, TheChangeFeedNamesGroupsThatAppearOrGo) {
  const Topic shard = create("__consumer_offsets");
  open(kFirst);
  lead(kFirst, key_of(shard));
  const ShardGuard guard{.shard = key_of(shard), .owner = kFirst, .epoch = LeaderEpoch(1)};
  const std::int64_t seen = newest_change();
  must(store().save_group(guard, {.group_id = "saved", .commit_no = 1}));
  must(store().save_group(guard, {.group_id = "saved", .commit_no = 2}));
  must(store().commit_offsets(guard, "committed", 1, {}));
  must(store().commit_offsets(guard, "committed", 2, {}));
  must(store().delete_group(guard, "saved", 3));
  must(store().delete_group(guard, "saved", 3));
  EXPECT_EQ(feed(*this, seen), "group:saved group:committed group:saved");
}

TEST_P(MetadataStoreContract, FrequentOperationsStayOutOfTheChangeFeed) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  const std::int64_t seen = newest_change();
  for (int seq = 1; seq <= 3; ++seq) append(kFirst, seq, commit({span(key, seq - 1, seq)}));
  must(store().heartbeat(kFirst, kTimeout, ListOwned::kNo));
  must(store().checkpoint(kFirst, Seq(3), {entry(key, 1, 3)}));
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(2)));
  must(store().trim(kFirst, Seq(3)));
  must(store().allocate_producer_ids(5));
  must(store().put_setting("a", bytes("b"), 0));
  EXPECT_EQ(newest_change(), seen);
}

TEST_P(MetadataStoreContract, TheChangeFeedIsPaged) {
  const Changes empty = must(store().watch_changes(0, 10));
  EXPECT_EQ(empty.latest, 0);
  EXPECT_EQ(empty.oldest_kept, 1);
  EXPECT_TRUE(empty.changes.empty());
  for (const char* name : {"a", "b", "c"}) create(name);
  const Changes page = must(store().watch_changes(1, 1));
  EXPECT_EQ(page.latest, 3);
  EXPECT_EQ(page.oldest_kept, 1);
  ASSERT_EQ(page.changes.size(), 1u);
  EXPECT_EQ(page.changes[0].version, 2);
  EXPECT_EQ(page.changes[0].key, "2");
  EXPECT_TRUE(must(store().watch_changes(3, 10)).changes.empty());
  EXPECT_TRUE(must(store().watch_changes(99, 10)).changes.empty());
}

TEST_P(MetadataStoreContract, ProducerIdsAreNeverHandedOutTwice) {
  EXPECT_EQ(must(store().allocate_producer_ids(1)), model::ProducerId(0));
  EXPECT_EQ(must(store().allocate_producer_ids(1'000'000)), model::ProducerId(1));
  EXPECT_EQ(must(store().allocate_producer_ids(7)), model::ProducerId(1'000'001));
  EXPECT_EQ(outcome(store().allocate_producer_ids(0)), "invalid");
  EXPECT_EQ(outcome(store().allocate_producer_ids(-1)), "invalid");
  EXPECT_EQ(outcome(store().allocate_producer_ids(1'000'001)), "invalid");
  EXPECT_EQ(must(store().allocate_producer_ids(1)), model::ProducerId(1'000'008));
}

TEST_P(MetadataStoreContract, ASettingIsWrittenOnlyOverTheVersionRead) {
  EXPECT_EQ(outcome(store().get_setting("a")), "not_found");
  EXPECT_EQ(outcome(store().put_setting("a", bytes("1"), 1)), "conflict");
  EXPECT_EQ(must(store().put_setting("a", bytes("1"), 0)).version, 1);
  EXPECT_EQ(outcome(store().put_setting("a", bytes("2"), 0)), "conflict");
  const Setting second = must(store().put_setting("a", bytes("2"), 1));
  EXPECT_EQ(second.version, 2);
  EXPECT_EQ(show(must(store().get_setting("a"))), show(second));
  EXPECT_EQ(second.value, bytes("2"));
  EXPECT_EQ(show(must(store().put_setting("a", bytes("2"), 1))), show(second)) << "a repeat";
  EXPECT_EQ(outcome(store().put_setting("a", bytes("3"), 1)), "conflict");
  EXPECT_EQ(outcome(store().put_setting("a", bytes("2"), 3)), "conflict");
  EXPECT_EQ(outcome(store().put_setting("a", bytes("2"), INT64_MAX)), "conflict");
  EXPECT_EQ(outcome(store().put_setting("", bytes("1"), 0)), "invalid");
  EXPECT_EQ(must(store().put_setting("empty", {}, 0)).value, base::Bytes());
  EXPECT_EQ(must(store().get_setting("empty")).value, base::Bytes());
}

TEST_P(MetadataStoreContract, ASettingIsDeletedOnlyAtTheVersionRead) {
  must(store().put_setting("a", bytes("1"), 0));
  must(store().put_setting("a", bytes("2"), 1));
  EXPECT_EQ(outcome(store().delete_setting("a", 1)), "conflict");
  EXPECT_EQ(outcome(store().delete_setting("a", 0)), "conflict");
  EXPECT_EQ(outcome(store().delete_setting("a", 2)), "ok");
  EXPECT_EQ(outcome(store().delete_setting("a", 2)), "ok");
  EXPECT_EQ(outcome(store().get_setting("a")), "not_found");
  EXPECT_EQ(must(store().put_setting("a", bytes("3"), 0)).version, 1);
}

TEST_P(MetadataStoreContract, SettingsAreListedByPrefixInTheOrderOfTheirBytes) {
  const std::string high = "acl/\xc3\xbf";
  for (const std::string& key : {std::string("acl/b"), std::string("acl/a%_"), std::string("aclX"),
                                 std::string("b"), high, std::string("Acl/a"), std::string("acl/")})
    must(store().put_setting(key, bytes(key), 0));
  const auto keys = [&](const std::string& prefix) {
    std::vector<std::string> list;
    for (const Setting& setting : must(store().list_settings(prefix))) list.push_back(setting.key);
    return list;
  };
  EXPECT_EQ(keys("acl/"), (std::vector<std::string>{"acl/", "acl/a%_", "acl/b", high}));
  EXPECT_EQ(keys("").size(), 7u);
  EXPECT_EQ(keys("acl/%"), (std::vector<std::string>{}));
  EXPECT_EQ(keys(high), (std::vector<std::string>{high}));
}

TEST_P(MetadataStoreContract, TheClusterHasAnIdAndTheDatabaseAClock) {
  const ClusterInfo cluster = must(store().cluster_info());
  EXPECT_NE(cluster.cluster_id, model::TopicId{});
  EXPECT_EQ(show(must(store().cluster_info())), show(cluster));
  EXPECT_EQ(must(store().database_now()), kStart);
  pass_time(5);
  EXPECT_EQ(must(store().database_now()), kStart + 5);
  EXPECT_EQ(cluster.created_ms, kStart);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
