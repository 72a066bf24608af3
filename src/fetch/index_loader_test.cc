// Goal: a leader knows where all older records of its partitions lie before it serves them, and
// serves nothing of a partition whose spans do not tile (P13, L3, S5). Method: logs of earlier
// sessions in the in-memory database; partitions that a new session leads over them.

#include "fetch/index_loader.h"

#include <set>

#include "segment/object_key.h"
#include "tests/core/cluster_world.h"

namespace streamhouse::fetch {
namespace {

using base::Errc;
using core_testing::milliseconds;
using core_testing::seconds;
using metadata::Operation;
using model::Offset;
using model::Seq;

class IndexLoaderTest : public core_testing::ClusterWorld {
 protected:
  void SetUp() override {
    dead_ = join("dead").session.id();
    create_topic(kPartitions);
    lease(dead_, kPartitions);
  }
  /// The dead session is over, and another leads its partitions. Call once, after its commits.
  void take_over() {
    agent_ = &join("a", {.predecessors = cluster::Predecessors::kEveryone});
    lease_again();
    changed_ = std::make_unique<runtime::Signal>(agent_->runtime);
    make_loader(bytes_max_);
  }
  /// All partitions are led; their indexes were loaded, and evicted.
  void evict_all() {
    take_over();
    for (std::int32_t i = 0; i < kPartitions; ++i) lead(i);
    load();
    run(seconds(1));
    for (const auto& log : partitions_.list()) {
      ASSERT_TRUE(log->index_loaded());
      log->evict_index();
    }
  }
  /// Another one goes on, with another bound.
  void start_loader(std::size_t bytes_max) {
    ended_.push_back(std::move(loader_));
    make_loader(bytes_max);
    load();
  }
  std::uint64_t loads() {
    return agent_->metadata_faults.count(Operation::kLoadPartitions,
                                         metadata::MetadataFault::kNone);
  }
  runtime::MonoTime deadline() { return agent_->runtime.now() + seconds(5); }
  void load() { begin(*agent_, loader_->run()); }
  void lead(std::int32_t index) {
    auto log = partition::PartitionLog::open(agent_->runtime, row(index));
    ASSERT_TRUE(log);
    partitions_.add(*log);
    changed_->notify_all();
  }
  const partition::PartitionLog& log(std::int32_t index) { return *partitions_.find(key(index)); }

  static constexpr std::int32_t kPartitions = 40;
  std::size_t bytes_max_ = 1u << 20;
  std::vector<std::unique_ptr<IndexLoader>>
      ended_;  ///< Their coroutines are dropped with the process.
  model::SessionId dead_;
  Process* agent_ = nullptr;
  partition::PartitionTable partitions_{1u << 20};
  std::unique_ptr<runtime::Signal> changed_;
  std::unique_ptr<IndexLoader> loader_;

 private:
  void make_loader(std::size_t bytes_max) {
    const IndexLoader::Ports ports{agent_->runtime, agent_->metadata, partitions_, agent_->session,
                                   *changed_};
    loader_ = std::make_unique<IndexLoader>(ports, agent_->group, bytes_max);
  }
  void lease_again() {
    std::vector<metadata::AcquireRequest> requests;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      requests.push_back(
          {.key = key(i), .expected_epoch = row(i).epoch, .since_seq = model::Seq(1)});
    }
    ASSERT_TRUE(tables_.acquire_leases(agent_->session.id(), requests));
  }
};

TEST_F(IndexLoaderTest, FindsWhereOlderRecordsLie) {
  commit(dead_, 1, 0, 0);
  commit(dead_, 2, 0, 10);
  take_over();
  lead(0);
  lead(1);
  EXPECT_FALSE(log(0).index_loaded());
  load();
  run(milliseconds(10));
  ASSERT_TRUE(log(0).index_loaded());
  const auto entry = log(0).index().find(Offset(13));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->object->key, segment::object_key(dead_, Seq(2)));
  EXPECT_EQ(entry->object->size, 200u);
  EXPECT_EQ(entry->offsets, (model::OffsetRange{Offset(10), Offset(20)}));
  EXPECT_TRUE(log(1).index_loaded()) << "nothing was written to it, and that is known now";
  EXPECT_FALSE(loader_->damage());
}

TEST_F(IndexLoaderTest, LoadsWhatIsLedLaterAsSoonAsItIsTold) {
  commit(dead_, 1, 1, 0);
  take_over();
  load();
  run(seconds(5));
  lead(1);
  run(milliseconds(10));
  ASSERT_TRUE(log(1).index_loaded());
  EXPECT_TRUE(log(1).index().find(Offset(5)));
}

TEST_F(IndexLoaderTest, LoadsManyPartitionsWithTheRightObjects) {
  for (std::int32_t i = 0; i < kPartitions; ++i) commit(dead_, i + 1, i, 0);
  take_over();
  for (std::int32_t i = 0; i < kPartitions; ++i) lead(i);
  load();
  run(milliseconds(10));
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    ASSERT_TRUE(log(i).index_loaded()) << i;
    EXPECT_EQ(log(i).index().find(Offset(0))->object->key, segment::object_key(dead_, Seq(i + 1)));
  }
}

TEST_F(IndexLoaderTest, NamesAnObjectOnceForAllPartitionsInIt) {
  segment::SpanTable spans;
  for (std::int32_t i = 0; i < 2; ++i) {
    spans.push_back({.partition = key(i),
                     .epoch = model::LeaderEpoch(1),
                     .offsets = {Offset(0), Offset(10)},
                     .length = 100,
                     .batch_count = 1});
  }
  segment::place_spans(spans, 64);
  const metadata::CommitEntry entry{.object_size = 300,
                                    .spans = base::Bytes(segment::encode_span_table(spans))};
  ASSERT_TRUE(tables_.append(dead_, Seq(1), entry));
  take_over();
  lead(0);
  lead(1);
  load();
  run(milliseconds(10));
  const auto first = log(0).index().find(Offset(0));
  const auto second = log(1).index().find(Offset(0));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->object, second->object);
  EXPECT_EQ(partitions_.objects().size(), 1u);
}

/// A core that installs a million spans at a stretch would answer nobody meanwhile.
TEST_F(IndexLoaderTest, OtherWorkGoesOnWhileManySpansAreInstalled) {
  std::int64_t seq = 0;
  for (std::int64_t base = 0; base < 3'200; base += 10) {
    for (std::int32_t i = 0; i < kPartitions; ++i) commit(dead_, ++seq, i, base);
  }
  take_over();
  for (std::int32_t i = 0; i < kPartitions; ++i) lead(i);
  load();
  std::set<int> counts;  // of loaded partitions, as others see it
  scheduler_.run_until([&] {
    int loaded = 0;
    for (std::int32_t i = 0; i < kPartitions; ++i) loaded += log(i).index_loaded() ? 1 : 0;
    counts.insert(loaded);
    return loaded == kPartitions;
  });
  EXPECT_GT(counts.size(), 2u) << "it is seen half done";
}

TEST_F(IndexLoaderTest, PartitionWithAHoleIsDamagedAndNeverLoaded) {
  commit(dead_, 1, 0, 0);
  commit(dead_, 2, 1, 0);
  take_over();
  metadata::MemoryTables damaged = tables_.tables();
  damaged.partitions.at(key(0)).high_watermark = Offset(30);  // its last row was lost
  tables_.restore(std::move(damaged));
  lead(0);
  lead(1);
  load();
  run(seconds(5));
  EXPECT_FALSE(log(0).index_loaded());
  EXPECT_TRUE(log(1).index_loaded()) << "the others are served";
  ASSERT_TRUE(loader_->damage());
  EXPECT_EQ(loader_->damage()->code, Errc::kCorrupt);
  EXPECT_NE(loader_->damage()->text.find(to_string(key(0))), std::string::npos)
      << loader_->damage()->text;
  ASSERT_TRUE(log(0).index_damage()) << "its readers are told at once";
  EXPECT_EQ(log(0).index_damage()->text, loader_->damage()->text);
}

TEST_F(IndexLoaderTest, LooksAtADamagedPartitionLessAndLessOftenAndFindsItRepaired) {
  commit(dead_, 1, 0, 0);
  commit(dead_, 2, 0, 10);
  take_over();
  const metadata::MemoryTables whole = tables_.tables();
  metadata::MemoryTables damaged = whole;
  damaged.sessions.at(dead_).log.erase(Seq(1));
  tables_.restore(std::move(damaged));
  lead(0);
  load();
  run(std::chrono::minutes(10));
  EXPECT_GT(loads(), 10u);
  EXPECT_LT(loads(), 40u);
  ASSERT_TRUE(log(0).index_damage());
  tables_.restore(whole);
  run(std::chrono::minutes(2));
  EXPECT_TRUE(log(0).index_loaded());
  EXPECT_FALSE(log(0).index_damage());
  EXPECT_FALSE(loader_->damage());
}

TEST_F(IndexLoaderTest, TriesAgainWhileTheDatabaseCannotBeReached) {
  commit(dead_, 1, 0, 0);
  take_over();
  agent_->metadata_faults.set_rates({.refused = 1});
  lead(0);
  load();
  run(seconds(5));
  EXPECT_FALSE(log(0).index_loaded());
  agent_->metadata_faults.stop();
  run(seconds(2));
  EXPECT_TRUE(log(0).index_loaded());
  EXPECT_FALSE(loader_->damage());
}

TEST_F(IndexLoaderTest, LeavesAloneWhatWasLetGoWhileItWasLoaded) {
  commit(dead_, 1, 0, 0);
  take_over();
  lead(0);
  lead(1);
  agent_->metadata_faults.hold(Operation::kLoadPartitions);
  load();
  run(milliseconds(50));
  const auto gone = partitions_.find(key(0));
  partitions_.remove(key(0));
  agent_->metadata_faults.release();
  run(seconds(1));
  EXPECT_FALSE(gone->index_loaded());
  EXPECT_TRUE(log(1).index_loaded());
}

TEST_F(IndexLoaderTest, LeavesALaterLeaseOfThePartitionToTheNextLoad) {
  commit(dead_, 1, 0, 0);
  take_over();
  metadata::Partition earlier = row(0);
  earlier.epoch = model::LeaderEpoch(1);
  auto stale = partition::PartitionLog::open(agent_->runtime, earlier);
  ASSERT_TRUE(stale);
  partitions_.add(*stale);
  load();
  run(seconds(2));
  EXPECT_FALSE(log(0).index_loaded()) << "the row that was read is of another epoch";
}

// ---- within a bound of memory

TEST_F(IndexLoaderTest, ManyReadersOfAnIndexThatIsNotLoadedWaitForOneStatement) {
  constexpr int kReaders = 1'000;
  evict_all();
  const std::uint64_t before = loads();
  std::vector<core_testing::Pending<base::Status>> readers;
  agent_->metadata_faults.hold(Operation::kLoadPartitions);
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(begin(*agent_, loader_->loaded(partitions_.find(key(0)), deadline())));
  }
  run(milliseconds(100));
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(begin(*agent_, loader_->loaded(partitions_.find(key(0)), deadline())));
  }
  run(milliseconds(100));
  agent_->metadata_faults.release();
  run(seconds(1));
  for (const auto& reader : readers) ASSERT_EQ(outcome(reader), "ok");
  EXPECT_EQ(loads(), before + 1);
  EXPECT_EQ(loader_->use().misses, 1u);
  EXPECT_EQ(loader_->use().coalesced, 2u * kReaders - 1);
}

TEST_F(IndexLoaderTest, ReadersOfManyIndexesWaitForTwoStatementsAtMost) {
  evict_all();
  const std::uint64_t before = loads();
  std::vector<core_testing::Pending<base::Status>> readers;
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    readers.push_back(begin(*agent_, loader_->loaded(partitions_.find(key(i)), deadline())));
  }
  run(seconds(1));
  for (const auto& reader : readers) ASSERT_EQ(outcome(reader), "ok");
  EXPECT_LE(loads(), before + 2);
}

TEST_F(IndexLoaderTest, KeepsToItsBoundAndEvictsWhatWasNotReadForLongest) {
  for (std::int32_t i = 0; i < kPartitions; ++i) commit(dead_, i + 1, i, 0);
  take_over();
  for (std::int32_t i = 0; i < kPartitions; ++i) lead(i);
  load();
  run(seconds(1));
  for (std::int32_t i = 0; i < kPartitions; ++i) ASSERT_TRUE(log(i).index_loaded());
  for (const std::int32_t hot : {7, 30}) loader_->answered(*partitions_.find(key(hot)));
  const std::size_t all = partitions_.objects().bytes();
  start_loader(all / 2);
  run(seconds(1));
  EXPECT_LE(partitions_.objects().bytes(), all / 2);
  EXPECT_GT(partitions_.objects().bytes(), all / 3) << "no more than needed";
  EXPECT_TRUE(log(7).index_loaded());
  EXPECT_TRUE(log(30).index_loaded());
  EXPECT_FALSE(log(0).index_loaded());
  EXPECT_TRUE(log(0).index_evicted());
  const std::uint64_t before = loads();
  run(seconds(5));
  EXPECT_EQ(loads(), before) << "nobody asks for it";
  const auto reader = begin(*agent_, loader_->loaded(partitions_.find(key(0)), deadline()));
  run(milliseconds(10));
  EXPECT_EQ(outcome(reader), "ok");
  EXPECT_TRUE(log(0).index().find(Offset(9)));
}

TEST_F(IndexLoaderTest, LoadsNewPartitionsInAdvanceOnlyWhileThereIsRoom) {
  for (std::int32_t i = 0; i < kPartitions; ++i) commit(dead_, i + 1, i, 0);
  bytes_max_ = 500;
  take_over();
  lead(0);
  load();
  run(seconds(5));
  for (std::int32_t i = 1; i < kPartitions; ++i) lead(i);
  run(seconds(5));
  EXPECT_LE(partitions_.objects().bytes(), bytes_max_);
  const std::uint64_t before = loads();
  run(seconds(5));
  EXPECT_LE(loads(), before) << "what was evicted is not loaded in advance again";
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    const auto reader = begin(*agent_, loader_->loaded(partitions_.find(key(i)), deadline()));
    run(milliseconds(10));
    ASSERT_EQ(outcome(reader), "ok") << i;
  }
}

TEST_F(IndexLoaderTest, FindsDamageAlsoWhenAnIndexIsLoadedAgain) {
  commit(dead_, 1, 0, 0);
  commit(dead_, 2, 0, 10);
  evict_all();
  metadata::MemoryTables damaged = tables_.tables();
  damaged.sessions.at(dead_).log.erase(Seq(1));
  tables_.restore(std::move(damaged));
  const auto reader = begin(*agent_, loader_->loaded(partitions_.find(key(0)), deadline()));
  run(seconds(1));
  ASSERT_EQ(outcome(reader), "corrupt");
  EXPECT_FALSE(log(0).index_loaded());
  ASSERT_TRUE(loader_->damage());
}

TEST_F(IndexLoaderTest, ReaderThatGivesUpLeavesTheLoadToTheOthers) {
  evict_all();
  agent_->metadata_faults.hold(Operation::kLoadPartitions);
  const auto soon = agent_->runtime.now() + milliseconds(50);
  const auto hasty = begin(*agent_, loader_->loaded(partitions_.find(key(0)), soon));
  const auto patient = begin(*agent_, loader_->loaded(partitions_.find(key(0)), deadline()));
  run(milliseconds(200));
  EXPECT_EQ(outcome(hasty), "unavailable");
  agent_->metadata_faults.release();
  run(milliseconds(200));
  EXPECT_EQ(outcome(patient), "ok");
  EXPECT_EQ(loader_->use().misses, 1u);
}

TEST_F(IndexLoaderTest, EndsWithItsSession) {
  take_over();
  load();
  run(seconds(1));
  const std::size_t before = agent_->runtime.task_count();
  agent_->session.set_lost();
  run(seconds(1));
  EXPECT_EQ(agent_->runtime.task_count(), before - 1);
}

}  // namespace
}  // namespace streamhouse::fetch
