// Goal: compaction's one transaction keeps rule P15: outputs in, a covered prefix out, nothing
// lost, a repeat finds itself; segments are forgotten only below the log start.
// Method: a log of four commits over two partitions; one replacement after the other on it.
#include "segment/object_key.h"
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

class Compaction {
 public:
  explicit Compaction(const Topic& topic) : zero(key_of(topic, 0)), one(key_of(topic, 1)) {}

  /// Row `seq` of the log: [5 seq - 5, 5 seq) of both partitions.
  CommitEntry row(std::int64_t seq) const {
    return commit({span(zero, 5 * seq - 5, 5 * seq), span(one, 5 * seq - 5, 5 * seq)});
  }

  /// Rows 1 to `upto` of kFirst's log as one segment of each partition, by `compactor`.
  Replacement of_rows(std::int64_t upto, SessionId compactor = kSecond) const {
    Replacement replacement{.compactor = compactor, .log = kFirst, .upto_seq = Seq(upto)};
    for (std::int64_t seq = 1; seq <= upto; ++seq) replacement.inputs.emplace_back(seq);
    for (const TopicPartition& key : {zero, one}) {
      const std::string object = object_key(key);
      replacement.objects.push_back({.key = object, .level = 1, .size = 4'000});
      replacement.segments.push_back({.key = key,
                                      .location = {.offsets = {Offset(0), Offset(5 * upto)},
                                                   .object_key = object,
                                                   .position = 64,
                                                   .length = 3'000,
                                                   .object_size = 4'000,
                                                   .max_timestamp = 77},
                                      .record_count = 5 * upto});
    }
    return replacement;
  }
  static std::string object_key(TopicPartition key) {
    return segment::to_key(segment::SegmentKey{
        .topic = topic_id(1), .partition = key.partition, .compactor = kSecond, .number = 1});
  }

  TopicPartition zero;
  TopicPartition one;
};

/// kFirst leads both partitions of `orders` and has committed rows 1 to 4, checkpointed up to row
/// 3; kSecond is live and compacts.
Compaction prepare(MetadataStoreContract& test) {
  const Compaction compaction(test.create("orders", 2));
  test.open(kFirst);
  test.open(kSecond, "compactor");
  test.lead(kFirst, compaction.zero);
  test.lead(kFirst, compaction.one);
  for (int seq = 1; seq <= 4; ++seq) test.append(kFirst, seq, compaction.row(seq));
  test.must(test.store().checkpoint(kFirst, Seq(3), {}));
  return compaction;
}

/// Nothing of the log or the objects has changed since prepare().
void expect_untouched(MetadataStoreContract& test, const Compaction& compaction) {
  EXPECT_EQ(test.rows(kFirst), "C1 C2 C3 C4");
  EXPECT_EQ(test.spans(compaction.zero), "[0,5) [5,10) [10,15) [15,20)");
  EXPECT_TRUE(test.must(test.store().list_objects("", 10)).empty());
}

TEST_P(MetadataStoreContract, AReplacementPutsSegmentsInThePlaceOfAPrefix) {
  const Compaction compaction = prepare(*this);
  pass_time(6);
  must(store().replace_objects(compaction.of_rows(3)));
  EXPECT_EQ(rows(kFirst), "C4");
  EXPECT_EQ(session_row(kFirst).trimmed_to, Seq(3));
  EXPECT_EQ(spans(compaction.zero), "[0,15) [15,20)");
  EXPECT_EQ(spans(compaction.one), "[0,15) [15,20)");
  const auto loaded = must(store().load_partitions({compaction.zero}));
  const SpanLocation expected{.offsets = {Offset(0), Offset(15)},
                              .object_key = Compaction::object_key(compaction.zero),
                              .position = 64,
                              .length = 3'000,
                              .object_size = 4'000,
                              .max_timestamp = 77,
                              .created_ms = kStart + 6};
  ASSERT_EQ(loaded.size(), 1u);
  EXPECT_EQ(show(loaded[0].spans[0]), show(expected));
  EXPECT_EQ(show(must(store().find_segment(compaction.zero, Offset(14)))), show(expected));
  EXPECT_EQ(must(store().list_segments(compaction.zero, Offset(15), 9)).size(), 1u);
}

TEST_P(MetadataStoreContract, AReplacementsInputsAreDeadAndItsOutputsAreTheCompactors) {
  const Compaction compaction = prepare(*this);
  pass_time(6);
  must(store().replace_objects(compaction.of_rows(3)));
  const NamedObjects named = must(store().named_objects(kSecond));
  EXPECT_EQ(named.live, (std::vector<std::string>{Compaction::object_key(compaction.zero),
                                                  Compaction::object_key(compaction.one)}));
  EXPECT_TRUE(named.dead.empty());
  EXPECT_EQ(must(store().named_objects(kFirst)).dead.size(), 3u);
  const auto dead = must(store().list_dead(kStart + 7, 10));
  ASSERT_EQ(dead.size(), 3u);
  const ObjectRow input{.key = segment::object_key(kFirst, Seq(1)),
                        .level = 0,
                        .size = compaction.row(1).object_size,
                        .state = ObjectState::kDead,
                        .dead_ms = kStart + 6};
  EXPECT_EQ(show(dead[0]), show(input));
  const auto objects = must(store().list_objects("", 10));
  ASSERT_EQ(objects.size(), 5u);
  const ObjectRow output{.key = Compaction::object_key(compaction.zero), .level = 1, .size = 4'000};
  EXPECT_EQ(show(objects[3]), show(output));
}

TEST_P(MetadataStoreContract, ARepeatedReplacementFindsItsOutputs) {
  const Compaction compaction = prepare(*this);
  must(store().replace_objects(compaction.of_rows(2)));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "ok");
  must(store().seal_session(kSecond));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "ok");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "ok");
  EXPECT_EQ(spans(compaction.zero), "[0,10) [10,15) [15,20)");
  EXPECT_EQ(must(store().list_objects("", 10)).size(), 4u);
}

TEST_P(MetadataStoreContract, AMalformedReplacementIsRefused) {
  const Compaction compaction = prepare(*this);
  Replacement none = compaction.of_rows(2);
  none.inputs.clear();
  EXPECT_EQ(outcome(store().replace_objects(none)), "invalid");
  none = compaction.of_rows(2);
  none.objects.clear();
  EXPECT_EQ(outcome(store().replace_objects(none)), "invalid");
  none = compaction.of_rows(2);
  none.segments.clear();
  EXPECT_EQ(outcome(store().replace_objects(none)), "invalid");
  Replacement astray = compaction.of_rows(2);
  astray.segments[0].location.object_key = "seg/elsewhere";
  EXPECT_EQ(outcome(store().replace_objects(astray)), "invalid");
  expect_untouched(*this, compaction);
}

TEST_P(MetadataStoreContract, OnlyALiveCompactorReplacesAndNeverInALogThatIsTakenOver) {
  const Compaction compaction = prepare(*this);
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2, kThird))), "fenced");
  must(store().seal_session(kSecond));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "fenced");
  expect_untouched(*this, compaction);
  open(kThird, "third");
  must(store().seal_session(kFirst));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2, kThird))), "fenced");
  take_over(kFirst);
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(4, kThird))), "ok");
  EXPECT_EQ(rows(kFirst), "S5");
}

TEST_P(MetadataStoreContract, AReplacementTakesOnlyACoveredPrefixBelowTheNewestRow) {
  const Compaction compaction = prepare(*this);
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(4))), "conflict") << "not covered";
  must(store().checkpoint(kFirst, Seq(4), {}));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(4))), "conflict") << "the newest";
  Replacement beyond = compaction.of_rows(3);
  beyond.upto_seq = Seq(9);
  EXPECT_EQ(outcome(store().replace_objects(beyond)), "conflict");
  Replacement unknown = compaction.of_rows(3);
  unknown.log = kThird;
  EXPECT_EQ(outcome(store().replace_objects(unknown)), "conflict");
  expect_untouched(*this, compaction);
  must(store().seal_session(kFirst));
  take_over(kFirst);
  Replacement with_seal = compaction.of_rows(4);
  with_seal.upto_seq = Seq(5);
  EXPECT_EQ(outcome(store().replace_objects(with_seal)), "conflict");
  EXPECT_EQ(rows(kFirst), "C1 C2 C3 C4 S5");
}

TEST_P(MetadataStoreContract, EveryInputIsThereAndNoOtherCommitIsLost) {
  const Compaction compaction = prepare(*this);
  Replacement skips = compaction.of_rows(3);
  skips.inputs = {Seq(1), Seq(3)};
  EXPECT_EQ(outcome(store().replace_objects(skips)), "conflict") << "row 2 would be lost";
  Replacement invents = compaction.of_rows(2);
  invents.inputs.push_back(Seq(7));
  EXPECT_EQ(outcome(store().replace_objects(invents)), "conflict");
  Replacement open_row = compaction.of_rows(2);
  open_row.inputs.insert(open_row.inputs.begin(), Seq(0));
  EXPECT_EQ(outcome(store().replace_objects(open_row)), "conflict");
  Replacement above = compaction.of_rows(2);
  above.inputs.push_back(Seq(3));
  EXPECT_EQ(outcome(store().replace_objects(above)), "conflict") << "above upto_seq";
  expect_untouched(*this, compaction);
}

TEST_P(MetadataStoreContract, VoidInputsAreRefused) {
  const Compaction compaction = prepare(*this);
  for (const TopicPartition key : {compaction.zero, compaction.one})
    must(store().advance_log_start(key, kFirst, LeaderEpoch(1), Offset(5)));
  ASSERT_EQ(must(store().trim(kFirst, Seq(3))), Seq(1));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "conflict");
  must(store().append(kFirst, Seq(1), compaction.row(1)));
  EXPECT_EQ(outcome(store().replace_objects(compaction.of_rows(2))), "conflict")
      << "a row that a late copy brought back is void";
  EXPECT_EQ(rows(kFirst), "C2 C3 C4");
}

TEST_P(MetadataStoreContract, CommitsThatNobodyNeedsAndReleasesAreNoInputsAndGoToo) {
  const Compaction compaction = prepare(*this);
  append(kFirst, 5, release({entry({model::TopicNo(70), model::PartitionIndex(0)}, 1, 1)}));
  append(kFirst, 6, any_commit());
  append(kFirst, 7, any_commit());
  must(store().checkpoint(kFirst, Seq(6), {}));
  Replacement replacement = compaction.of_rows(4);
  replacement.upto_seq = Seq(6);
  EXPECT_EQ(outcome(store().replace_objects(replacement)), "ok");
  EXPECT_EQ(rows(kFirst), "C7");
  EXPECT_EQ(must(store().named_objects(kFirst)).dead.size(), 5u);
}

TEST_P(MetadataStoreContract, TakenKeysAndEndsAreRefused) {
  const Compaction compaction = prepare(*this);
  must(store().replace_objects(compaction.of_rows(1)));
  Replacement next = compaction.of_rows(3);
  next.inputs = {Seq(2), Seq(3)};
  next.objects[1].key += "1";
  next.segments[1].location.object_key += "1";
  EXPECT_EQ(outcome(store().replace_objects(next)), "conflict") << "one key is taken";
  next.objects[0].key += "1";
  next.segments[0].location.object_key += "1";
  next.segments[0].location.offsets = {Offset(0), Offset(5)};
  EXPECT_EQ(outcome(store().replace_objects(next)), "conflict") << "that end is taken";
  EXPECT_EQ(rows(kFirst), "C2 C3 C4");
  next.segments[0].location.offsets = {Offset(5), Offset(15)};
  next.segments[1].location.offsets = {Offset(5), Offset(15)};
  EXPECT_EQ(outcome(store().replace_objects(next)), "ok");
  EXPECT_EQ(spans(compaction.zero), "[0,5) [5,15) [15,20)");
}

TEST_P(MetadataStoreContract, SegmentsOfAPurgedTopicAreLeftOutOfAReplacement) {
  const Compaction compaction = prepare(*this);
  take_over(kFirst);
  delete_topic("orders");
  const Topic other = create("other");
  must(store().purge_topic(compaction.zero.topic));
  Replacement replacement = compaction.of_rows(3);
  replacement.segments[1].key = key_of(other);
  pass_time(2);
  must(store().replace_objects(replacement));
  const NamedObjects named = must(store().named_objects(kSecond));
  EXPECT_EQ(named.dead, std::vector<std::string>{Compaction::object_key(compaction.zero)});
  EXPECT_EQ(named.live, std::vector<std::string>{Compaction::object_key(compaction.one)});
  EXPECT_EQ(must(store().list_dead(kStart + 3, 10)).size(), 4u);
  EXPECT_EQ(spans(key_of(other)), "[0,15)");
}

TEST_P(MetadataStoreContract, PurgingATopicForgetsItsSegmentsAndTheirObjectsDie) {
  const Compaction compaction = prepare(*this);
  must(store().replace_objects(compaction.of_rows(3)));
  take_over(kFirst);
  delete_topic("orders");
  EXPECT_EQ(must(store().named_objects(kSecond)).live.size(), 2u);
  pass_time(5);
  must(store().purge_topic(compaction.zero.topic));
  EXPECT_TRUE(must(store().named_objects(kSecond)).live.empty());
  EXPECT_EQ(must(store().named_objects(kSecond)).dead.size(), 2u);
  EXPECT_EQ(must(store().list_dead(kStart + 5, 10)).size(), 3u) << "only the inputs died before";
}

TEST_P(MetadataStoreContract, AReplacementMovesTheCountsToTheNextLevelAndDeletionToTheDead) {
  const Compaction compaction = prepare(*this);
  const auto counts = [this] { return show(must(store().count_objects())); };
  using Counts = std::vector<ObjectCount>;
  const std::uint64_t size = compaction.row(1).object_size;
  EXPECT_EQ(counts(), show(Counts{{.objects = 4, .bytes = 4 * size}}));
  must(store().replace_objects(compaction.of_rows(3)));
  const ObjectCount flushed{.objects = 1, .bytes = size};
  const ObjectCount replaced{.state = ObjectState::kDead, .objects = 3, .bytes = 3 * size};
  EXPECT_EQ(counts(), show(Counts{flushed, replaced, {.level = 1, .objects = 2, .bytes = 8'000}}));
  must(store().advance_log_start(compaction.zero, kFirst, LeaderEpoch(1), Offset(15)));
  must(store().delete_segments_before(compaction.zero, Offset(15), 10));
  const ObjectCount left{.level = 1, .objects = 1, .bytes = 4'000};
  const ObjectCount deleted{.level = 1, .state = ObjectState::kDead, .objects = 1, .bytes = 4'000};
  EXPECT_EQ(counts(), show(Counts{flushed, replaced, left, deleted}));
  must(store().forget_objects({Compaction::object_key(compaction.zero)}));
  EXPECT_EQ(counts(), show(Counts{flushed, replaced, left}));
}

TEST_P(MetadataStoreContract, SegmentsAreForgottenOnlyBelowTheLogStart) {
  const Compaction compaction = prepare(*this);
  Replacement replacement = compaction.of_rows(3);
  replacement.segments[0].location.offsets = {Offset(0), Offset(5)};
  for (const std::int64_t base : {5, 10}) {
    Segment more = replacement.segments[0];
    more.location.offsets = {Offset(base), Offset(base + 5)};
    replacement.segments.push_back(more);
  }
  must(store().replace_objects(replacement));
  const auto forget = [&](std::int64_t before, std::size_t limit) {
    return must(store().delete_segments_before(compaction.zero, Offset(before), limit));
  };
  EXPECT_EQ(forget(100, 10), 0u);
  must(store().advance_log_start(compaction.zero, kFirst, LeaderEpoch(1), Offset(15)));
  EXPECT_EQ(forget(4, 10), 0u);
  EXPECT_EQ(forget(100, 0), 0u);
  EXPECT_EQ(forget(100, 1), 1u);
  EXPECT_EQ(forget(10, 10), 1u);
  EXPECT_EQ(must(store().named_objects(kSecond)).live.size(), 2u);
  pass_time(5);
  EXPECT_EQ(forget(100, 10), 1u);
  EXPECT_EQ(must(store().named_objects(kSecond)).dead,
            std::vector<std::string>{Compaction::object_key(compaction.zero)});
  EXPECT_EQ(must(store().list_dead(kStart + 6, 10)).back().dead_ms, kStart + 5);
  EXPECT_EQ(forget(100, 10), 0u);
  EXPECT_EQ(spans(compaction.one), "[0,15) [15,20)");
  const TopicPartition unknown{model::TopicNo(9), model::PartitionIndex(0)};
  EXPECT_EQ(outcome(store().delete_segments_before(unknown, Offset(1), 1)), "partition_not_found");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
