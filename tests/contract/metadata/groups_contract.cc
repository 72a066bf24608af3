// Goal: groups keep rule P18: a write needs the shard's owner and epoch and the next commit number,
// applies once, and no late copy of it ever changes anything (G2).
// Method: a shard led by one session after another; one operation after the other.
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

/// Creates the internal topic and makes `session` lead its partition: the coordinator.
ShardGuard coordinate(MetadataStoreContract& test, SessionId session,
                      const std::string& name = "__consumer_offsets") {
  NewTopic internal = new_topic(name);
  internal.kind = TopicKind::kInternal;
  const Topic topic = test.must(test.store().create_topic(internal));
  test.open(session, "coordinator-" + to_string(session));
  const Partition row = test.lead(session, key_of(topic));
  return {.shard = row.key, .owner = session, .epoch = row.epoch};
}

Group group_of(const std::string& id, std::int64_t commit_no) {
  return {.group_id = id,
          .commit_no = commit_no,
          .generation = 4,
          .protocol_type = "consumer",
          .state = "Stable",
          .members = base::Bytes(std::string("members\0of", 10))};
}

CommittedOffset offset_of(TopicPartition key, std::int64_t offset) {
  return {.key = key, .offset = Offset(offset), .leader_epoch = LeaderEpoch(2), .metadata = "note"};
}

TEST_P(MetadataStoreContract, ASavedGroupIsLoadedAsItWas) {
  const ShardGuard guard = coordinate(*this, kFirst);
  must(store().save_group(guard, group_of("readers", 1)));
  Group expected = group_of("readers", 1);
  expected.created_ms = expected.updated_ms = kStart;
  EXPECT_EQ(show(must(store().load_group("readers"))), show(LoadedGroup{.group = expected}));
  pass_time(5);
  Group empty = group_of("readers", 2);
  empty.state = "Empty";
  empty.members = {};
  must(store().save_group(guard, empty));
  empty.created_ms = kStart;
  empty.updated_ms = kStart + 5;
  EXPECT_EQ(show(must(store().load_group("readers")).group), show(empty));
  EXPECT_EQ(outcome(store().load_group("writers")), "group_not_found");
}

TEST_P(MetadataStoreContract, AGroupWriteNeedsTheNextCommitNumberAndItsRepeatIsFound) {
  const ShardGuard guard = coordinate(*this, kFirst);
  EXPECT_EQ(outcome(store().save_group(guard, group_of("readers", 1))), "ok");
  Group other = group_of("readers", 1);
  other.generation = 9;
  EXPECT_EQ(outcome(store().save_group(guard, other)), "ok") << "its own earlier success";
  EXPECT_EQ(must(store().load_group("readers")).group.generation, 4);
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 3, {})), "conflict");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 2, {})), "ok");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 1, {})), "conflict");
  EXPECT_EQ(outcome(store().delete_offsets(guard, "readers", 1, {})), "conflict");
  EXPECT_EQ(outcome(store().delete_group(guard, "readers", 2)), "conflict");
  EXPECT_EQ(must(store().load_group("readers")).group.commit_no, 2);
}

TEST_P(MetadataStoreContract, AGroupWriteNeedsTheShardsOwnerAndEpoch) {
  const ShardGuard guard = coordinate(*this, kFirst);
  must(store().save_group(guard, group_of("readers", 1)));
  ShardGuard other_owner = guard;
  other_owner.owner = kSecond;
  ShardGuard old_epoch = guard;
  old_epoch.epoch = LeaderEpoch(0);
  ShardGuard no_shard = guard;
  no_shard.shard.partition = model::PartitionIndex(1);
  for (const ShardGuard& bad : {other_owner, old_epoch, no_shard}) {
    EXPECT_EQ(outcome(store().save_group(bad, group_of("readers", 1))), "fenced");
    EXPECT_EQ(outcome(store().commit_offsets(bad, "readers", 2, {})), "fenced");
    EXPECT_EQ(outcome(store().delete_offsets(bad, "readers", 2, {})), "fenced");
    EXPECT_EQ(outcome(store().delete_group(bad, "readers", 2)), "fenced");
  }
  take_over(kFirst);
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 2, {})), "fenced");
  ShardGuard nobody = guard;
  nobody.owner = model::kNoSession;
  EXPECT_EQ(outcome(store().commit_offsets(nobody, "readers", 2, {})), "fenced");
  EXPECT_EQ(must(store().load_group("readers")).group.commit_no, 1);
}

TEST_P(MetadataStoreContract, MalformedGroupWritesAreRefused) {
  const ShardGuard guard = coordinate(*this, kFirst);
  EXPECT_EQ(outcome(store().save_group(guard, group_of("", 1))), "invalid");
  EXPECT_EQ(outcome(store().save_group(guard, group_of("readers", 0))), "invalid");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "", 1, {})), "invalid");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", -1, {})), "invalid");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 1,
                                           {offset_of(guard.shard, 1), offset_of(guard.shard, 2)})),
            "invalid");
  EXPECT_EQ(outcome(store().delete_offsets(guard, "", 1, {})), "invalid");
  EXPECT_EQ(outcome(store().delete_group(guard, "readers", 0)), "invalid");
  EXPECT_TRUE(must(store().list_groups("", 10)).empty());
}

TEST_P(MetadataStoreContract, CommittedOffsetsAreReplacedOnePerPartition) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders", 3);
  CommittedOffset expiring = offset_of(key_of(topic, 2), 7);
  expiring.expires_ms = kStart + 100;
  must(store().commit_offsets(guard, "readers", 1, {expiring, offset_of(key_of(topic, 0), 5)}));
  pass_time(4);
  must(store().commit_offsets(guard, "readers", 2, {offset_of(key_of(topic, 0), 3)}));
  CommittedOffset first = offset_of(key_of(topic, 0), 3);
  first.committed_ms = kStart + 4;
  expiring.committed_ms = kStart;
  const LoadedGroup loaded = must(store().load_group("readers"));
  EXPECT_EQ(loaded.offsets, (std::vector<CommittedOffset>{first, expiring}));
  EXPECT_EQ(loaded.group.state, "Empty");
  EXPECT_EQ(loaded.group.generation, 0);
  EXPECT_EQ(loaded.group.commit_no, 2);
  EXPECT_EQ(loaded.group.created_ms, kStart);
  EXPECT_EQ(loaded.group.updated_ms, kStart + 4);
  must(store().save_group(guard, group_of("readers", 3)));
  EXPECT_EQ(must(store().load_group("readers")).offsets, loaded.offsets);
}

TEST_P(MetadataStoreContract, MetadataOfAnOffsetIsAnyText) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders", 4);
  const std::vector<std::string> texts = {std::string("a\0b\0", 4), std::string(1, '\0'),
                                          "\xef\xb7\x90\x30", "'\"\\{,} \xc3\xa9\x01"};
  std::vector<CommittedOffset> offsets;
  for (int i = 0; i < 4; ++i) {
    offsets.push_back(offset_of(key_of(topic, i), i));
    offsets.back().metadata = texts[static_cast<std::size_t>(i)];
    offsets.back().committed_ms = kStart;
  }
  must(store().commit_offsets(guard, "readers", 1, offsets));
  EXPECT_EQ(must(store().load_group("readers")).offsets, offsets);
  EXPECT_EQ(must(store().fetch_offsets("readers", {offsets[0].key})).at(0), offsets[0]);
}

TEST_P(MetadataStoreContract, ACommitOfOffsetsAppliesWholeOrNotAtAll) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders");
  EXPECT_EQ(
      outcome(store().commit_offsets(
          guard, "readers", 1, {offset_of(key_of(topic, 0), 5), offset_of(key_of(topic, 1), 5)})),
      "partition_not_found");
  EXPECT_EQ(outcome(store().load_group("readers")), "group_not_found");
  delete_topic("orders");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 1, {offset_of(key_of(topic), 5)})),
            "ok")
      << "deleting is not gone";
  must(store().purge_topic(topic.no));
  EXPECT_TRUE(must(store().load_group("readers")).offsets.empty());
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 1, {offset_of(key_of(topic), 5)})),
            "ok")
      << "its own earlier success";
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 2, {offset_of(key_of(topic), 5)})),
            "partition_not_found");
}

TEST_P(MetadataStoreContract, OffsetsAreFetchedByKeyWithoutThoseThatAreNotThere) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders", 3);
  must(store().commit_offsets(guard, "readers", 1,
                              {offset_of(key_of(topic, 2), 7), offset_of(key_of(topic, 0), 5)}));
  const auto fetched = must(store().fetch_offsets(
      "readers", {key_of(topic, 2), key_of(topic, 1), key_of(topic, 0), key_of(topic, 2)}));
  ASSERT_EQ(fetched.size(), 2u);
  EXPECT_EQ(fetched[0].key, key_of(topic, 0));
  EXPECT_EQ(fetched[1].offset, Offset(7));
  EXPECT_TRUE(must(store().fetch_offsets("readers", {})).empty());
  EXPECT_TRUE(must(store().fetch_offsets("writers", {key_of(topic, 0)})).empty());
}

TEST_P(MetadataStoreContract, OffsetsAreDeletedOneByOne) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders", 2);
  EXPECT_EQ(outcome(store().delete_offsets(guard, "readers", 1, {})), "group_not_found");
  must(store().commit_offsets(guard, "readers", 1,
                              {offset_of(key_of(topic, 0), 5), offset_of(key_of(topic, 1), 5)}));
  must(store().delete_offsets(guard, "readers", 2, {key_of(topic, 1), key_of(topic, 9)}));
  EXPECT_EQ(outcome(store().delete_offsets(guard, "readers", 2, {key_of(topic, 0)})), "ok");
  const auto offsets = must(store().load_group("readers")).offsets;
  ASSERT_EQ(offsets.size(), 1u);
  EXPECT_EQ(offsets[0].key, key_of(topic, 0));
}

TEST_P(MetadataStoreContract, ADeletedGroupTakesItsOffsetsAlongAndStaysDeleted) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders");
  must(store().commit_offsets(guard, "readers", 1, {offset_of(key_of(topic), 5)}));
  must(store().delete_group(guard, "readers", 2));
  EXPECT_EQ(outcome(store().delete_group(guard, "readers", 2)), "ok");
  EXPECT_EQ(outcome(store().delete_group(guard, "readers", 9)), "ok");
  EXPECT_EQ(outcome(store().delete_group(guard, "never seen", 1)), "ok");
  EXPECT_EQ(outcome(store().load_group("readers")), "group_not_found");
  EXPECT_TRUE(must(store().list_groups("", 10)).empty());
  EXPECT_TRUE(must(store().fetch_offsets("readers", {key_of(topic)})).empty());
  EXPECT_EQ(outcome(store().delete_offsets(guard, "readers", 3, {})), "group_not_found");
}

TEST_P(MetadataStoreContract, NoLateCopyBringsADeletedGroupBackOrDeletesItsSuccessor) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders");
  must(store().commit_offsets(guard, "readers", 1, {offset_of(key_of(topic), 5)}));
  must(store().delete_group(guard, "readers", 2));
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 1, {offset_of(key_of(topic), 5)})),
            "conflict");
  EXPECT_EQ(outcome(store().save_group(guard, group_of("readers", 1))), "conflict");
  EXPECT_EQ(outcome(store().load_group("readers")), "group_not_found");
  must(store().commit_offsets(guard, "readers", 3, {offset_of(key_of(topic), 8)}));
  EXPECT_EQ(outcome(store().delete_group(guard, "readers", 2)), "conflict");
  EXPECT_EQ(must(store().load_group("readers")).offsets.size(), 1u);
}

TEST_P(MetadataStoreContract, AGroupBeginsAboveEveryDeletionInItsShardAndNoOther) {
  const ShardGuard guard = coordinate(*this, kFirst);
  must(store().save_group(guard, group_of("readers", 4)));
  must(store().save_group(guard, group_of("short", 1)));
  must(store().delete_group(guard, "readers", 5));
  must(store().delete_group(guard, "short", 2));
  EXPECT_EQ(outcome(store().save_group(guard, group_of("other", 5))), "conflict");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "other", 1, {})), "conflict");
  EXPECT_EQ(outcome(store().load_group("other")), "group_not_found");
  must(store().commit_offsets(guard, "other", 6, {}));
  must(store().save_group(guard, group_of("another", 9)));
  EXPECT_EQ(outcome(store().commit_offsets(guard, "other", 8, {})), "conflict") << "it is there";
  const ShardGuard elsewhere = coordinate(*this, kSecond, "__other_offsets");
  must(store().save_group(elsewhere, group_of("far", 1)));
}

TEST_P(MetadataStoreContract, TheNextCoordinatorCountsADeletedGroupFromOneAgain) {
  const ShardGuard guard = coordinate(*this, kFirst);
  must(store().save_group(guard, group_of("readers", 1)));
  must(store().delete_group(guard, "readers", 2));
  take_over(kFirst);
  open(kSecond, "next");
  const Partition row = lead(kSecond, guard.shard);
  const ShardGuard next{.shard = row.key, .owner = kSecond, .epoch = row.epoch};
  EXPECT_EQ(outcome(store().save_group(guard, group_of("readers", 3))), "fenced");
  EXPECT_EQ(outcome(store().save_group(next, group_of("readers", 1))), "ok");
  must(store().save_group(next, group_of("other", 1)));
  must(store().delete_group(next, "other", 2));
  EXPECT_EQ(outcome(store().save_group(next, group_of("other", 1))), "conflict");
}

TEST_P(MetadataStoreContract, GroupsArePagedById) {
  const ShardGuard guard = coordinate(*this, kFirst);
  for (const char* id : {"b", "a", "c", "B"}) must(store().save_group(guard, group_of(id, 1)));
  const auto ids = [&](const std::string& after, std::size_t limit) {
    std::string list;
    for (const Group& group : must(store().list_groups(after, limit))) list += group.group_id;
    return list;
  };
  EXPECT_EQ(ids("", 2), "Ba");
  EXPECT_EQ(ids("a", 2), "bc");
  EXPECT_EQ(ids("c", 2), "");
  EXPECT_EQ(ids("", 0), "");
}

TEST_P(MetadataStoreContract, ExpiredOffsetsAreRemovedOldestFirst) {
  const ShardGuard guard = coordinate(*this, kFirst);
  const Topic topic = create("orders", 4);
  std::vector<CommittedOffset> offsets;
  for (int i = 0; i < 4; ++i) {
    offsets.push_back(offset_of(key_of(topic, i), 5));
    if (i < 3) offsets.back().expires_ms = kStart + 30 - 10 * i;
  }
  must(store().commit_offsets(guard, "readers", 1, offsets));
  EXPECT_EQ(must(store().expire_offsets(kStart + 10, 9)), 0u);
  EXPECT_EQ(must(store().expire_offsets(kStart + 100, 0)), 0u);
  EXPECT_EQ(must(store().expire_offsets(kStart + 31, 2)), 2u);
  const auto left = must(store().load_group("readers"));
  ASSERT_EQ(left.offsets.size(), 2u);
  EXPECT_EQ(left.offsets[0].key, key_of(topic, 0));
  EXPECT_EQ(left.offsets[1].key, key_of(topic, 3));
  EXPECT_EQ(left.group.commit_no, 1);
  EXPECT_EQ(must(store().expire_offsets(kStart + 31, 2)), 1u);
  EXPECT_EQ(must(store().expire_offsets(INT64_MAX, 2)), 0u);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
