// Goal: segments are listed and found by the names that operators use, and read to their end
// although their objects are replaced or deleted meanwhile, or with an error that says so.
// Method: a log written by hand over the in-memory stores, compacted and deleted between two reads.

#include "service/admin/segment_service.h"

#include <gmock/gmock.h>

#include "blockcache/checked_object_reader.h"
#include "tests/upkeep/upkeep_world.h"

namespace streamhouse::service {
namespace {

using model::Offset;
using model::PartitionIndex;
using model::Seq;
using testing::ElementsAre;

class SegmentServiceTest : public upkeep_testing::UpkeepWorld {
 protected:
  /// Partition 0 holds [0, 4) [4, 6) [6, 7), partition 1 holds [0, 1) [1, 2).
  void SetUp() override {
    UpkeepWorld::SetUp();
    lease_topic(2);
    commit(1, {{.partition = 0, .batches = 4}, {.partition = 1}});
    commit(2, {{.partition = 0, .base = 4, .batches = 2}, {.partition = 1, .base = 1}});
    commit(3, {{.partition = 0, .base = 6}});
    ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(2), {}));
  }
  StoredSegment find(const std::string& id) {
    const auto found = wait(service_.find(id));
    SH_CHECK(found.has_value(), "there is such a segment");
    return *found;
  }
  base::Result<SegmentPart> read(const StoredSegment& segment, std::int64_t from,
                                 std::size_t bytes_max = 1) {
    return wait(service_.read(segment, Offset(from), bytes_max));
  }
  /// Base offsets of the batches read.
  static std::vector<std::int64_t> bases(const base::Result<SegmentPart>& part) {
    std::vector<std::int64_t> all;
    if (!part) return {-1};
    for (const base::Bytes& run : part->batches) {
      model::BatchCursor cursor(run);
      for (auto batch = cursor.next(); batch && *batch; batch = cursor.next()) {
        all.push_back((*batch)->base_offset().value());
      }
    }
    return all;
  }
  std::vector<std::string> ids(const SegmentPage& page) {
    std::vector<std::string> all;
    for (const StoredSegment& segment : page.segments) all.push_back(segment_id(segment));
    return all;
  }
  /// Rows 1 and 2 become one object; theirs die and are removed.
  Compaction compact() {
    const Compaction outputs{.compactor = session_.id(),
                             .last_seq = 2,
                             .objects = {{{.partition = 0, .batches = 6}, {1, 0, 2}}}};
    put_compacted(outputs);
    SH_CHECK(replace(outputs).has_value(), "replaced");
    for (const int seq : {1, 2}) SH_CHECK(wait(stored_.remove(object(seq))).has_value(), "removed");
    return outputs;
  }

  blockcache::CheckedObjectReader blocks_{stored_, 0};
  cluster::TopicCatalog topics_{agent_, metadata_, group_};
  SegmentService service_{{metadata_, blocks_, topics_}};
};

TEST_F(SegmentServiceTest, ListsByPartitionAndOffsetPageByPage) {
  const auto first = wait(service_.list("orders", std::nullopt, {}, 2));
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_THAT(ids(*first), ElementsAre("orders-0-0", "orders-0-4"));
  ASSERT_TRUE(first->next);
  const auto second = wait(service_.list("orders", std::nullopt, *first->next, 10));
  ASSERT_TRUE(second);
  EXPECT_THAT(ids(*second), ElementsAre("orders-0-6", "orders-1-0", "orders-1-1"));
  EXPECT_FALSE(second->next);
  const auto one = wait(service_.list("orders", PartitionIndex(1), {}, 10));
  ASSERT_TRUE(one);
  EXPECT_THAT(ids(*one), ElementsAre("orders-1-0", "orders-1-1"));
}

TEST_F(SegmentServiceTest, NamesWhatIsNotThere) {
  EXPECT_EQ(outcome(wait(service_.list("nowhere", std::nullopt, {}, 1))), "topic_not_found");
  EXPECT_EQ(outcome(wait(service_.list("orders", PartitionIndex(2), {}, 1))),
            "partition_not_found");
  EXPECT_EQ(outcome(wait(service_.find("nowhere-0-0"))), "topic_not_found");
  EXPECT_EQ(outcome(wait(service_.find("orders-2-0"))), "partition_not_found");
  EXPECT_EQ(outcome(wait(service_.find("orders-0-7"))), "not_found") << "the end of the log";
  EXPECT_EQ(outcome(wait(service_.find("orders-0-1"))), "not_found") << "none begins there";
  for (const char* id : {"", "orders", "orders-0", "orders-0-x", "orders--0", "orders-0--1"}) {
    EXPECT_EQ(outcome(wait(service_.find(id))), "invalid") << id;
  }
}

TEST_F(SegmentServiceTest, ReadsWholeBatchesFromTheOneThatHoldsTheOffset) {
  const StoredSegment segment = find("orders-0-0");
  EXPECT_THAT(bases(read(segment, 0, 1 << 20)), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(bases(read(segment, 2, 1 << 20)), ElementsAre(2, 3));
}

TEST_F(SegmentServiceTest, FollowsASegmentWhoseObjectWasReplaced) {
  StoredSegment segment = find("orders-0-0");
  const Compaction outputs = compact();
  const auto part = read(segment, 2, 1 << 20);
  ASSERT_TRUE(part) << to_string(part.error());
  EXPECT_EQ(bases(part).front(), 2);
  EXPECT_EQ(part->location.object_key, compacted(outputs, 0));
  segment.location = part->location;
  EXPECT_EQ(bases(read(segment, 3, 1 << 20)).front(), 3) << "with the new plan";
}

TEST_F(SegmentServiceTest, LooksUpAnOffsetThatItsPlanDoesNotHold) {
  const auto part = read(find("orders-0-0"), 4, 1 << 20);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->location.object_key, object(2));
  EXPECT_THAT(bases(part), ElementsAre(4, 5));
}

TEST_F(SegmentServiceTest, SaysThatTheRecordsWereDeletedMeanwhile) {
  const StoredSegment segment = find("orders-0-0");
  raise_log_start(0, 6);
  raise_log_start(1, 2);
  ASSERT_EQ(tables_.trim(session_.id(), Seq(2)), Seq(2));
  ASSERT_TRUE(wait(stored_.remove(object(1))));
  const auto part = read(segment, 2);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, base::Errc::kInvalidOffset);
  EXPECT_THAT(part.error().text, testing::HasSubstr("the log starts at 6"));
}

TEST_F(SegmentServiceTest, SaysThatTheTopicWasDeletedMeanwhile) {
  const StoredSegment segment = find("orders-0-0");
  take_over(session_.id(), {{0, 7}, {1, 2}});
  ASSERT_TRUE(tables_.delete_topic(tables_.get_topic("orders")->id));
  ASSERT_TRUE(tables_.purge_topic(model::TopicNo(1)));
  ASSERT_TRUE(wait(stored_.remove(object(1))));
  EXPECT_EQ(outcome(read(segment, 2)), "partition_not_found") << "the catalog knows it still";
  ASSERT_TRUE(wait(topics_.refresh()));
  EXPECT_EQ(outcome(read(segment, 2)), "topic_not_found");
}

TEST_F(SegmentServiceTest, AMissingObjectThatIsStillNamedIsDamageAndSaysWhich) {
  const StoredSegment segment = find("orders-0-0");
  ASSERT_TRUE(wait(stored_.remove(object(1))));
  const auto part = read(segment, 2);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, base::Errc::kCorrupt);
  EXPECT_THAT(part.error().text, testing::HasSubstr(object(1)));
}

TEST_F(SegmentServiceTest, ListsEveryObjectThatIsNamedByKeyAlsoDeadOnes) {
  const Compaction outputs = compact();
  const auto all = wait(service_.objects("", 10));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->objects.size(), 4u);
  EXPECT_FALSE(all->more);
  EXPECT_EQ(all->objects[0].key, object(1));
  EXPECT_EQ(all->objects[0].state, metadata::ObjectState::kDead);
  EXPECT_TRUE(all->objects[0].dead_ms);
  EXPECT_EQ(all->objects[2].key, object(3));
  EXPECT_EQ(all->objects[2].state, metadata::ObjectState::kLive);
  EXPECT_EQ(all->objects[3].key, compacted(outputs, 0));
  EXPECT_EQ(all->objects[3].level, 1);
  const auto rest = wait(service_.objects(object(2), 1));
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->objects.size(), 1u);
  EXPECT_EQ(rest->objects[0].key, object(3));
  EXPECT_TRUE(rest->more);
}

}  // namespace
}  // namespace streamhouse::service
