// Goal: what lies where is answered whole (rule P13), and what may be deleted is exactly what
// nothing names (rules P3, P16).
// Method: one operation after the other on an empty database, answers compared with the contract.
#include "segment/object_key.h"
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

TEST_P(MetadataStoreContract, APartitionIsLoadedWithItsSpansOfEverySessionsLog) {
  const Topic topic = create("orders", 2);
  const TopicPartition key = key_of(topic);
  open(kSecond, "other");
  open(kFirst);
  lead(kSecond, key);
  append(kSecond, 1, commit({span(key, 0, 5, 1), span(key_of(topic, 1), 0, 9)}));
  take_over(kSecond);
  lead(kFirst, key);
  pass_time(4);
  const segment::Span last = span(key, 5, 7, 3);
  append(kFirst, 1, commit({last}));
  append(kFirst, 2, release({entry(key, 9, 9)}));

  const auto loaded = must(store().load_partitions({key}));
  ASSERT_EQ(loaded.size(), 1u);
  EXPECT_EQ(loaded[0].row, partition(key));
  ASSERT_EQ(loaded[0].spans.size(), 2u);
  EXPECT_EQ(loaded[0].spans[0].session, kSecond);
  EXPECT_EQ(loaded[0].spans[0].offsets, (model::OffsetRange{Offset(0), Offset(5)}));
  const SpanLocation expected{.offsets = last.offsets,
                              .object_key = segment::object_key(kFirst, Seq(1)),
                              .position = 64,
                              .length = last.length,
                              .object_size = commit({last}).object_size,
                              .max_timestamp = last.max_timestamp,
                              .epoch = LeaderEpoch(3),
                              .session = kFirst,
                              .seq = Seq(1),
                              .created_ms = kStart + 4};
  EXPECT_EQ(show(loaded[0].spans[1]), show(expected));
}

TEST_P(MetadataStoreContract, SpansBelowTheLogStartAreNotLoaded) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  append(kFirst, 1, commit({span(key, 0, 5)}));
  append(kFirst, 2, commit({span(key, 5, 8)}));
  EXPECT_EQ(spans(key), "[0,5) [5,8)");
  const auto start_at = [&](std::int64_t offset) {
    must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(offset)));
  };
  start_at(4);
  EXPECT_EQ(spans(key), "[0,5) [5,8)") << "the first still reaches above";
  start_at(5);
  EXPECT_EQ(spans(key), "[5,8)");
  start_at(8);
  EXPECT_EQ(spans(key), "");
}

TEST_P(MetadataStoreContract, PartitionsAreLoadedByKeyEachOnceAndUnknownOnesLeftOut) {
  const Topic topic = create("orders", 3);
  open(kFirst);
  append(kFirst, 1, commit({span(key_of(topic, 0), 0, 1), span(key_of(topic, 2), 0, 2)}));
  const TopicPartition unknown{model::TopicNo(9), model::PartitionIndex(0)};
  const auto loaded = must(store().load_partitions(
      {key_of(topic, 2), unknown, key_of(topic, 0), key_of(topic, 2), key_of(topic, 1)}));
  ASSERT_EQ(loaded.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(loaded[static_cast<std::size_t>(i)].row.key, key_of(topic, i));
  EXPECT_EQ(loaded[0].spans.size(), 1u);
  EXPECT_EQ(loaded[1].spans.size(), 0u);
  EXPECT_EQ(loaded[2].spans.size(), 1u);
  EXPECT_TRUE(must(store().load_partitions({})).empty());
  EXPECT_TRUE(must(store().load_partitions({unknown})).empty());
}

TEST_P(MetadataStoreContract, SegmentsAreListedFromAnOffsetWithinTheLog) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, commit({span(key, seq * 5 - 5, seq * 5)}));
  const auto bases = [&](std::int64_t from, std::size_t limit) {
    std::vector<std::int64_t> list;
    for (const SpanLocation& at : must(store().list_segments(key, Offset(from), limit)))
      list.push_back(at.offsets.base.value());
    return list;
  };
  using List = std::vector<std::int64_t>;
  EXPECT_EQ(bases(0, 10), (List{0, 5, 10, 15}));
  EXPECT_EQ(bases(4, 10), (List{0, 5, 10, 15}));
  EXPECT_EQ(bases(5, 10), (List{5, 10, 15}));
  EXPECT_EQ(bases(5, 2), (List{5, 10}));
  EXPECT_EQ(bases(19, 10), (List{15}));
  EXPECT_EQ(bases(20, 10), (List{}));
  EXPECT_EQ(bases(-3, 1), (List{0}));
  EXPECT_EQ(bases(0, 0), (List{}));
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(12)));
  EXPECT_EQ(bases(0, 10), (List{10, 15}));
  const TopicPartition unknown{model::TopicNo(9), model::PartitionIndex(0)};
  EXPECT_EQ(outcome(store().list_segments(unknown, Offset(0), 1)), "partition_not_found");
}

TEST_P(MetadataStoreContract, TheSegmentThatHoldsAnOffsetIsFound) {
  const TopicPartition key = key_of(create("orders"));
  open(kFirst);
  lead(kFirst, key);
  append(kFirst, 1, commit({span(key, 0, 5)}));
  append(kFirst, 2, commit({span(key, 5, 8)}));
  const auto base = [&](std::int64_t offset) {
    return must(store().find_segment(key, Offset(offset))).offsets.base;
  };
  EXPECT_EQ(base(0), Offset(0));
  EXPECT_EQ(base(4), Offset(0));
  EXPECT_EQ(base(5), Offset(5));
  EXPECT_EQ(base(7), Offset(5));
  EXPECT_EQ(outcome(store().find_segment(key, Offset(8))), "not_found");
  EXPECT_EQ(outcome(store().find_segment(key, Offset(-1))), "not_found");
  must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(6)));
  EXPECT_EQ(outcome(store().find_segment(key, Offset(2))), "not_found");
  EXPECT_EQ(base(5), Offset(5));
  const TopicPartition unknown{model::TopicNo(9), model::PartitionIndex(0)};
  EXPECT_EQ(outcome(store().find_segment(unknown, Offset(0))), "partition_not_found");
}

TEST_P(MetadataStoreContract, DeadObjectsAreListedOldestFirstAndForgottenWhenGone) {
  open(kSecond, "other");
  open(kFirst);
  for (const SessionId session : {kFirst, kSecond}) {
    for (int seq = 1; seq <= 3; ++seq) append(session, seq, any_commit());
    must(store().checkpoint(session, Seq(3), {}));
  }
  pass_time(10);
  must(store().trim(kSecond, Seq(1)));
  pass_time(10);
  must(store().trim(kFirst, Seq(2)));
  must(store().trim(kSecond, Seq(2)));
  const auto dead = [&](DatabaseMs before, std::size_t limit) {
    std::vector<std::string> keys;
    for (const ObjectRow& row : must(store().list_dead(kStart + before, limit)))
      keys.push_back(row.key);
    return keys;
  };
  using Keys = std::vector<std::string>;
  const std::string first1 = segment::object_key(kFirst, Seq(1));
  const std::string first2 = segment::object_key(kFirst, Seq(2));
  const std::string second1 = segment::object_key(kSecond, Seq(1));
  const std::string second2 = segment::object_key(kSecond, Seq(2));
  EXPECT_EQ(dead(10, 10), (Keys{}));
  EXPECT_EQ(dead(11, 10), (Keys{second1}));
  EXPECT_EQ(dead(21, 10), (Keys{second1, first1, first2, second2}));
  EXPECT_EQ(dead(21, 2), (Keys{second1, first1}));
  must(store().forget_objects({second1, first2, "never/seen"}));
  must(store().forget_objects({second1}));
  EXPECT_EQ(dead(21, 10), (Keys{first1, second2}));
  const auto page = must(store().list_objects(first1, 10));
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].key, second2);
  EXPECT_EQ(must(store().list_objects("", 1)).size(), 1u);
}

TEST_P(MetadataStoreContract, ObjectsAreCountedByLevelAndStateWithTheirBytes) {
  const std::uint64_t size = any_commit().object_size;
  const auto counts = [this] { return show(must(store().count_objects())); };
  const auto flushed = [size](ObjectState state, std::uint64_t count) {
    return ObjectCount{.level = 0, .state = state, .objects = count, .bytes = count * size};
  };
  using Counts = std::vector<ObjectCount>;
  EXPECT_EQ(counts(), "[]");
  open(kFirst);
  open(kSecond, "other");
  EXPECT_EQ(counts(), "[]") << "an open row has no object";
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, any_commit());
  append(kSecond, 1, any_commit());
  append(kSecond, 2, release({entry({model::TopicNo(70), model::PartitionIndex(0)}, 1, 1)}));
  EXPECT_EQ(counts(), show(Counts{flushed(ObjectState::kLive, 5)}));
  must(store().checkpoint(kFirst, Seq(3), {}));
  must(store().trim(kFirst, Seq(2)));
  must(store().trim(kFirst, Seq(3)));
  const std::string split =
      show(Counts{flushed(ObjectState::kLive, 2), flushed(ObjectState::kDead, 3)});
  EXPECT_EQ(counts(), split);
  must(store().append(kFirst, Seq(1), any_commit(7)));
  EXPECT_EQ(counts(), split) << "a late copy below trimmed_to is void";
  must(store().seal_session(kFirst));
  must(store().self_seal(kSecond, Seq(3)));
  EXPECT_EQ(counts(), split) << "a seal has no object";
  must(store().forget_objects({segment::object_key(kFirst, Seq(2)), "never/seen"}));
  EXPECT_EQ(counts(), show(Counts{flushed(ObjectState::kLive, 2), flushed(ObjectState::kDead, 2)}));
}

TEST_P(MetadataStoreContract, WhatKeepsASessionsObjectsAliveIsNamed) {
  open(kFirst);
  open(kSecond, "other");
  for (int seq = 1; seq <= 4; ++seq) append(kFirst, seq, any_commit());
  append(kFirst, 5, release({entry({model::TopicNo(70), model::PartitionIndex(0)}, 1, 1)}));
  append(kSecond, 1, any_commit());
  must(store().checkpoint(kFirst, Seq(5), {}));
  must(store().trim(kFirst, Seq(2)));
  NamedObjects named = must(store().named_objects(kFirst));
  EXPECT_FALSE(named.seal.has_value());
  EXPECT_EQ(named.commits, (std::vector<Seq>{Seq(3), Seq(4)}));
  EXPECT_TRUE(named.live.empty());
  EXPECT_EQ(named.dead, (std::vector<std::string>{segment::object_key(kFirst, Seq(1)),
                                                  segment::object_key(kFirst, Seq(2))}));
  must(store().seal_session(kFirst));
  EXPECT_EQ(must(store().named_objects(kFirst)).seal, Seq(6));
  EXPECT_EQ(outcome(store().named_objects(kThird)), "not_found");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
