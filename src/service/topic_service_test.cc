// Goal: topics are created, described, changed and deleted as documented, by name, and what this
// agent wrote it knows at once, and so does the object store. Method: a whole session scope over
// the in-memory database.

#include "service/topic_service.h"

#include "metadata/wrappers/fault_metadata_store.h"
#include "segment/object_key.h"
#include "tests/core/session_world.h"

namespace streamhouse::service {
namespace {

using base::Errc;
using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::PartitionIndex;

class NoBlocks final : public blockcache::ObjectBlocks {
 public:
  runtime::Task<base::Result<std::vector<base::Bytes>>> read(blockcache::SpanRead) override {
    co_return base::make_error(Errc::kUnavailable, "nothing is read here");
  }
};

class TopicServiceTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    scope_ = std::make_shared<SessionScope>(
        ScopePorts{agent_, metadata_, objects_, blocks_, budget_, session_}, ScopeConfig{},
        metadata::Topic{.partition_count = 50});
    scope_->start();
    group_.spawn(session_.keep_alive());
    current_.set(scope_);
  }
  base::Result<cluster::TopicPtr> create(const std::string& name,
                                         std::int32_t partition_count = 1) {
    return wait(service_.create({.name = name, .partition_count = partition_count}));
  }
  /// Commits `count` records to a partition that is led.
  void commit(model::TopicPartition partition, int count) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch({.count = count}));
    ASSERT_TRUE(budget_.try_reserve(batch->size()));
    const base::MutableBytesView bytes(*batch);
    auto appended = scope_->writer().append(partition, {.owner = batch, .bytes = bytes});
    ASSERT_TRUE(appended) << to_string(appended.error());
    ASSERT_TRUE(wait(scope_->writer().committed(*std::move(appended), agent_.now() + seconds(5))));
  }
  std::string delete_records(std::int32_t partition, std::int64_t offset) {
    const auto moved =
        wait(service_.delete_records("orders", PartitionIndex(partition), Offset(offset)));
    return moved ? std::to_string(moved->value()) : outcome(moved);
  }

  bool is_stored(const metadata::Topic& topic) const {
    const segment::CatalogueKey name{.topic = topic.id, .version = topic.version};
    return stored_.peek(segment::to_key(name)).has_value();
  }

  NoBlocks blocks_;
  ingest::BufferBudget budget_{agent_, 1u << 20};
  cluster::ChangeFeed feed_{agent_, metadata_, group_};
  cluster::TopicCatalog topics_{agent_, metadata_, group_};
  std::shared_ptr<SessionScope> scope_;
  CurrentScope current_;
  upkeep::CatalogueKeeper catalogue_{{.runtime = agent_,
                                      .metadata = metadata_,
                                      .objects = objects_,
                                      .session = session_,
                                      .group = group_}};
  TopicService service_{{.runtime = agent_,
                         .metadata = metadata_,
                         .topics = topics_,
                         .scope = current_,
                         .group = group_,
                         .catalogue = &catalogue_}};
};

TEST_F(TopicServiceTest, CreatesATopicWhosePartitionsAreLedAtOnce) {
  const auto created = create("orders", 3);
  ASSERT_TRUE(created) << to_string(created.error());
  EXPECT_NE(topics_.find("orders"), nullptr);
  const auto described = wait(service_.describe("orders"));
  ASSERT_TRUE(described);
  ASSERT_EQ(described->partitions.size(), 3u);
  for (const PartitionStatus& status : described->partitions) {
    EXPECT_EQ(status.leader, "agent-1");
    EXPECT_EQ(status.leader_epoch, model::LeaderEpoch(1));
  }
  EXPECT_EQ(outcome(create("orders")), "topic_exists");
}

TEST_F(TopicServiceTest, AddsPartitionsThatAreLedAtOnce) {
  ASSERT_TRUE(create("orders", 1));
  const auto grown = wait(service_.add_partitions("orders", 3));
  ASSERT_TRUE(grown) << to_string(grown.error());
  EXPECT_EQ((*grown)->partition_count, 3);
  EXPECT_EQ(topics_.find("orders")->partition_count, 3);
  const auto described = wait(service_.describe("orders"));
  ASSERT_TRUE(described);
  ASSERT_EQ(described->partitions.size(), 3u);
  for (const PartitionStatus& status : described->partitions) EXPECT_EQ(status.leader, "agent-1");
  EXPECT_TRUE(wait(service_.add_partitions("orders", 3))) << "a repeat";
  EXPECT_EQ(outcome(wait(service_.add_partitions("orders", 2))), "invalid");
  EXPECT_EQ(outcome(wait(service_.add_partitions("nothing", 2))), "topic_not_found");
  EXPECT_EQ(topics_.find("orders")->partition_count, 3);
}

TEST_F(TopicServiceTest, StoresEveryChangeBeforeItReturns) {
  const auto created = create("orders");
  ASSERT_TRUE(created);
  EXPECT_TRUE(is_stored(**created));
  const auto grown = wait(service_.add_partitions("orders", 3));
  ASSERT_TRUE(grown);
  EXPECT_TRUE(is_stored(**grown));
  const auto updated =
      wait(service_.update({.name = "orders", .config = {{"retention.ms", "5000"}}}));
  ASSERT_TRUE(updated);
  EXPECT_TRUE(is_stored(**updated));
  const auto internal = wait(service_.ensure_internal("__internal", 2));
  ASSERT_TRUE(internal);
  EXPECT_TRUE(is_stored(**internal));
}

TEST_F(TopicServiceTest, ChangesATopicAlsoWhileTheObjectStoreTakesNothing) {
  faults_.set_rates(objectstore::StoreOperation::kPut, {.refused = 1});
  const auto created = create("orders");
  ASSERT_TRUE(created) << to_string(created.error());
  EXPECT_FALSE(is_stored(**created));
}

TEST_F(TopicServiceTest, PurgesADeletedTopicOnlyOnceItIsStoredAsDeleted) {
  const auto created = create("orders");
  ASSERT_TRUE(created);
  faults_.set_rates(objectstore::StoreOperation::kPut, {.refused = 1});
  EXPECT_EQ(outcome(wait(service_.remove("orders"))), "ok");
  group_.spawn(service_.finish_deletions());
  run(seconds(20));
  const auto deleted = tables_.get_topic((*created)->id);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->state, metadata::TopicState::kDeleting);
  EXPECT_TRUE(create("orders")) << "the name is free all the same";
  faults_.stop();
  run(seconds(5));
  EXPECT_EQ(outcome(tables_.get_topic((*created)->id)), "topic_not_found");
  EXPECT_TRUE(is_stored(*deleted));
}

TEST_F(TopicServiceTest, GivesEachTopicAVersion4Id) {
  const auto first = create("one");
  const auto second = create("two");
  ASSERT_TRUE(first && second);
  EXPECT_NE((*first)->id, (*second)->id);
  for (const cluster::TopicPtr& topic : {*first, *second}) {
    EXPECT_EQ(topic->id.bytes[6] >> 4, 4);
    EXPECT_EQ(topic->id.bytes[8] >> 6, 2);
  }
}

TEST_F(TopicServiceTest, CreatesNothingFromASpecThatIsRefused) {
  EXPECT_EQ(outcome(create("no/slash")), "invalid");
  EXPECT_EQ(outcome(create("orders", 0)), "invalid");
  EXPECT_EQ(outcome(create("orders", 100'001)), "invalid");
  EXPECT_EQ(outcome(wait(service_.create({.name = "orders", .config = {{"x", "y"}}}))), "invalid");
  EXPECT_TRUE(tables_.list_topics(model::TopicNo(0), 10)->empty());
}

TEST_F(TopicServiceTest, KeepsRetentionInOnePlaceAlsoThroughUpdates) {
  const auto created =
      wait(service_.create({.name = "orders", .config = {{"retention.ms", "5000"}}}));
  ASSERT_TRUE(created);
  EXPECT_EQ((*created)->retention_ms, 5'000);
  EXPECT_TRUE((*created)->config.empty());
  const auto removed =
      wait(service_.update({.name = "orders", .config = {{"retention.ms", std::nullopt}}}));
  ASSERT_TRUE(removed);
  EXPECT_EQ((*removed)->retention_ms, std::nullopt);
  const auto refused =
      wait(service_.update({.name = "orders", .config = {{"retention.ms", "soon"}}}));
  EXPECT_EQ(outcome(refused), "invalid");
  const auto buffered =
      wait(service_.update({.name = "orders", .config = {{"streamhouse.ack", "buffered"}}}));
  ASSERT_TRUE(buffered);
  EXPECT_EQ(topics_.find("orders")->config.at("streamhouse.ack"), "buffered");
}

TEST_F(TopicServiceTest, RemovesATopicAndFreesItsName) {
  const auto created = create("orders", 2);
  ASSERT_TRUE(created);
  commit({(*created)->no, PartitionIndex(0)}, 2);
  EXPECT_EQ(outcome(wait(service_.remove("orders"))), "ok");
  EXPECT_EQ(outcome(wait(service_.describe("orders"))), "topic_not_found");
  EXPECT_EQ(outcome(wait(topics_.get("orders"))), "topic_not_found");
  EXPECT_EQ(outcome(wait(service_.remove("orders"))), "topic_not_found");
  EXPECT_EQ(scope_->partitions().size(), 0u);
  const auto again = create("orders", 1);
  ASSERT_TRUE(again);
  EXPECT_NE((*again)->no, (*created)->no);
}

TEST_F(TopicServiceTest, DeletesRecordsUpToTheHighWatermarkAndNeverBack) {
  const auto created = create("orders");
  ASSERT_TRUE(created);
  const model::TopicPartition partition{(*created)->no, PartitionIndex(0)};
  commit(partition, 5);
  EXPECT_EQ(delete_records(0, 6), "invalid_offset");
  EXPECT_EQ(delete_records(0, -2), "invalid_offset");
  EXPECT_EQ(delete_records(1, 0), "partition_not_found");
  EXPECT_EQ(delete_records(0, 3), "3");
  EXPECT_EQ(tables_.get_partition(partition)->log_start, Offset(3)) << "durable";
  EXPECT_EQ(delete_records(0, 1), "3");
  EXPECT_EQ(delete_records(0, -1), "5");
  EXPECT_EQ(scope_->partitions().find(partition)->log_start(), Offset(5));
}

TEST_F(TopicServiceTest, HidesInternalTopicsFromListsAndCreatesThemOnce) {
  const auto first = wait(service_.ensure_internal("__internal", 2));
  const auto again = wait(service_.ensure_internal("__internal", 2));
  ASSERT_TRUE(first && again);
  EXPECT_EQ((*first)->no, (*again)->no);
  ASSERT_TRUE(create("orders"));
  ASSERT_EQ(topics_.list()->size(), 1u);
  EXPECT_EQ(topics_.list()->front()->name, "orders");
}

TEST_F(TopicServiceTest, DeletesATopicAlthoughTheFirstAnswerIsLost) {
  metadata::MetadataFaults faults(world_, 6);
  metadata::FaultMetadataStore database(metadata_, agent_, faults);
  TopicService service({agent_, database, topics_, current_, group_});
  ASSERT_TRUE(create("orders"));
  faults.set_rates(metadata::Operation::kDeleteTopic, {.reply_lost = 1});
  const auto removed = begin(service.remove("orders"));
  run(milliseconds(1));
  ASSERT_EQ(outcome(removed), "pending");
  faults.stop();
  run(seconds(5));
  EXPECT_EQ(outcome(removed), "ok");
  EXPECT_EQ(outcome(wait(service.remove("orders"))), "topic_not_found");
}

TEST_F(TopicServiceTest, AnswersWhatIsThereAndNotWhatIsKnownHere) {
  EXPECT_EQ(outcome(wait(topics_.get("theirs"))), "topic_not_found");
  const auto theirs = tables_.create_topic({.name = "theirs", .id = {{9}}});
  ASSERT_TRUE(theirs);
  EXPECT_EQ(outcome(wait(topics_.get("theirs"))), "topic_not_found") << "nobody has told";
  EXPECT_EQ(outcome(wait(service_.describe("theirs"))), "ok");
  ASSERT_TRUE(tables_.update_topic_config("theirs", {.config = {{"a", "b"}}}));
  const auto described = wait(service_.describe("theirs"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->topic->config.at("a"), "b");
  ASSERT_TRUE(tables_.delete_topic(theirs->id));
  EXPECT_EQ(outcome(wait(service_.describe("theirs"))), "topic_not_found");
  EXPECT_EQ(outcome(wait(service_.update({.name = "theirs"}))), "topic_not_found");
  EXPECT_EQ(outcome(wait(service_.remove("theirs"))), "topic_not_found");
}

TEST_F(TopicServiceTest, FollowsTopicsThatOthersCreateAndDelete) {
  topics_.follow(feed_);
  group_.spawn(feed_.run());
  model::TopicId id;
  id.bytes[0] = 9;
  ASSERT_TRUE(tables_.create_topic({.name = "theirs", .id = id}));
  EXPECT_EQ(topics_.find("theirs"), nullptr);
  run(seconds(1));
  ASSERT_NE(topics_.find("theirs"), nullptr);
  ASSERT_TRUE(tables_.delete_topic(tables_.get_topic("theirs")->id));
  run(seconds(1));
  EXPECT_EQ(topics_.find("theirs"), nullptr);
  EXPECT_EQ(topics_.deleting().size(), 1u);
  group_.spawn(service_.finish_deletions());
  run(seconds(3));
  EXPECT_TRUE(topics_.deleting().empty());
  EXPECT_TRUE(tables_.list_topics(model::TopicNo(0), 10)->empty());
}

}  // namespace
}  // namespace streamhouse::service
