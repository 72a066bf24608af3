// Goal: a topic is read from the database once, whoever asks, shows at once what this agent writes
// and soon what others write, and never goes back (0 stale). Method: the in-memory database behind
// a counter; loads are held while topics change.

#include "cluster/catalog/topic_catalog.h"

#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using core_testing::milliseconds;
using core_testing::Pending;
using core_testing::seconds;
using metadata::Operation;

class TopicCatalogTest : public core_testing::ClusterWorld {
 protected:
  void SetUp() override {
    agent_ = &start("a");
    feed_.emplace(agent_->runtime, agent_->metadata, agent_->group);
    catalog_.emplace(agent_->runtime, agent_->metadata, agent_->group);
  }
  void follow() {
    catalog_->follow(*feed_);
    agent_->group.spawn(feed_->run());
    run(milliseconds(10));
  }
  /// As another agent does it.
  metadata::Topic create(const std::string& name) {
    model::TopicId id;
    id.bytes[0] = ++created_;
    const auto topic = tables_.create_topic({.name = name, .id = id, .partition_count = 1});
    SH_CHECK(topic.has_value(), "created");
    return *topic;
  }
  metadata::Topic set(const std::string& name, const std::string& value) {
    const auto changed = tables_.update_topic_config(name, {.config = {{"key", value}}});
    SH_CHECK(changed.has_value(), "changed");
    return *changed;
  }
  Pending<base::Result<TopicPtr>> ask(const std::string& name) {
    return begin(*agent_, catalog_->get(name));
  }
  /// The value of its config, or the error.
  std::string got(const Pending<base::Result<TopicPtr>>& asked) {
    if (outcome(asked) != "ok") return outcome(asked);
    const auto& config = (**asked)->get()->config;
    return config.contains("key") ? config.at("key") : "none";
  }
  std::string get(const std::string& name) {
    const auto asked = ask(name);
    run(milliseconds(1));
    return got(asked);
  }
  std::uint64_t statements(Operation operation) {
    return agent_->metadata_faults.count(operation, metadata::MetadataFault::kNone);
  }

  Process* agent_ = nullptr;
  std::optional<ChangeFeed> feed_;
  std::optional<TopicCatalog> catalog_;
  std::uint8_t created_ = 0;
};

TEST_F(TopicCatalogTest, AThousandWhoAskAtOnceCostOneStatement) {
  create("orders");
  agent_->metadata_faults.hold(Operation::kGetTopic);
  std::vector<Pending<base::Result<TopicPtr>>> asked;
  for (int i = 0; i < 1'000; ++i) asked.push_back(ask("orders"));
  run(milliseconds(50));
  EXPECT_EQ(got(asked[0]), "pending");
  agent_->metadata_faults.release();
  run(milliseconds(50));
  for (const auto& one : asked) ASSERT_EQ(got(one), "none");
  EXPECT_EQ(statements(Operation::kGetTopic), 1u);
  EXPECT_EQ(catalog_->use().misses, 1u);
  EXPECT_EQ(catalog_->use().coalesced, 999u);
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(statements(Operation::kGetTopic), 1u);
  EXPECT_EQ(catalog_->use().hits, 1u);
}

/// The store answers with what it had when the load began, after the topic was changed.
class LateMetadata final : public metadata::MetadataStoreAdapter<LateMetadata> {
 public:
  LateMetadata(metadata::MetadataStore& inner, runtime::Runtime& runtime)
      : inner_(inner), runtime_(runtime) {}
  template <class Call>
  std::invoke_result_t<Call&, metadata::MetadataStore&> perform(Operation operation, Call call) {
    auto answer = co_await call(inner_);
    const bool late = operation == Operation::kGetTopic || operation == Operation::kListTopics;
    if (late && late_by > milliseconds(0)) co_await runtime_.sleep(late_by);
    co_return answer;
  }
  runtime::Duration late_by{};

 private:
  metadata::MetadataStore& inner_;
  runtime::Runtime& runtime_;
};

class LateTopicCatalogTest : public TopicCatalogTest {
 protected:
  void SetUp() override {
    TopicCatalogTest::SetUp();
    late_.emplace(agent_->metadata, agent_->runtime);
    catalog_.emplace(agent_->runtime, *late_, agent_->group);
    late_->late_by = seconds(1);
  }
  std::optional<LateMetadata> late_;
};

TEST_F(LateTopicCatalogTest, LoadThatBeganBeforeAnOwnWriteIsNeverSeen) {
  create("orders");
  set("orders", "old");
  const auto early = ask("orders");
  run(milliseconds(500));
  late_->late_by = {};
  catalog_->put(set("orders", "new"));
  EXPECT_EQ(get("orders"), "new");
  run(seconds(2));
  EXPECT_EQ(got(early), "new") << "not even by who asked before";
  EXPECT_EQ(get("orders"), "new");
}

TEST_F(LateTopicCatalogTest, LoadThatBeganBeforeAnOwnDeletionIsNeverSeen) {
  const metadata::Topic topic = create("orders");
  const auto early = ask("orders");
  run(milliseconds(100));
  late_->late_by = {};
  ASSERT_TRUE(tables_.delete_topic(topic.id));
  ASSERT_TRUE(tables_.purge_topic(topic.no));
  catalog_->put(topic);  // as it was found, to be deleted
  catalog_->erase(topic.no);
  run(seconds(2));
  EXPECT_EQ(got(early), "topic_not_found");
  EXPECT_EQ(catalog_->find(topic.no), nullptr);
}

TEST_F(LateTopicCatalogTest, AbsenceThatWasReadBeforeTheTopicWasCreatedHereIsNotKept) {
  const auto early = ask("orders");
  run(milliseconds(100));
  late_->late_by = {};
  catalog_->put(create("orders"));
  run(seconds(2));
  EXPECT_EQ(got(early), "none");
  EXPECT_EQ(get("orders"), "none");
}

TEST_F(LateTopicCatalogTest, RefreshThatBeganBeforeAChangeBringsNothingOldBack) {
  const metadata::Topic kept = create("kept");
  const metadata::Topic changed = create("changed");
  const metadata::Topic deleted = create("deleted");
  late_->late_by = {};
  const auto first = begin(*agent_, catalog_->refresh());
  run(milliseconds(10));
  ASSERT_EQ(catalog_->list()->size(), 3u);
  late_->late_by = seconds(1);
  const auto refresh = begin(*agent_, catalog_->refresh());
  run(milliseconds(100));
  catalog_->put(set("changed", "new"));
  ASSERT_TRUE(tables_.delete_topic(deleted.id));
  ASSERT_TRUE(tables_.purge_topic(deleted.no));
  catalog_->erase(deleted.no);
  catalog_->put(create("created"));
  run(seconds(2));
  ASSERT_EQ(outcome(refresh), "ok");
  std::vector<std::string> names;
  for (const TopicPtr& topic : *catalog_->list()) names.push_back(topic->name);
  EXPECT_EQ(names, (std::vector<std::string>{"changed", "created", "kept"}));
  EXPECT_EQ(catalog_->find("changed")->config.at("key"), "new");
}

TEST_F(LateTopicCatalogTest, LoadThatIsPausedAcrossAChangeOfAnotherIsSeenByNobody) {
  create("orders");
  set("orders", "old");
  catalog_->follow(*feed_);
  late_->late_by = {};
  agent_->group.spawn(feed_->run());
  run(milliseconds(10));
  for (const char* what : {"changed", "created again"}) {
    late_->late_by = milliseconds(900);
    const auto early = begin(*agent_, catalog_->read("orders"));
    run(milliseconds(10));
    late_->late_by = {};
    if (std::string(what) == "created again") {
      const metadata::Topic gone = *tables_.get_topic("orders");
      ASSERT_TRUE(tables_.delete_topic(gone.id));
      ASSERT_TRUE(tables_.purge_topic(gone.no));
      create("orders");
    }
    set("orders", what);
    run(milliseconds(510));
    EXPECT_EQ(get("orders"), what);
    run(seconds(1));
    ASSERT_EQ(outcome(early), "ok") << "to who asked before, and to nobody else";
    EXPECT_EQ(get("orders"), what);
    EXPECT_EQ(catalog_->list()->size(), 1u);
  }
}

TEST_F(LateTopicCatalogTest, RefreshThatIsOvertakenByALaterOneBringsNothingOldBack) {
  create("orders");
  set("orders", "old");
  const auto slow = begin(*agent_, catalog_->refresh());
  run(milliseconds(100));
  set("orders", "new");
  late_->late_by = {};
  const auto quick = begin(*agent_, catalog_->refresh());
  run(milliseconds(100));
  ASSERT_EQ(outcome(quick), "ok");
  EXPECT_EQ(catalog_->find("orders")->config.at("key"), "new");
  run(seconds(2));
  ASSERT_EQ(outcome(slow), "ok");
  EXPECT_EQ(catalog_->find("orders")->config.at("key"), "new");
}

TEST_F(LateTopicCatalogTest, WhoAsksWaitsASecondAndTheLoadGoesOn) {
  create("orders");
  late_->late_by = milliseconds(1'500);
  const auto asked = ask("orders");
  run(milliseconds(999));
  EXPECT_EQ(got(asked), "pending");
  run(milliseconds(2));
  EXPECT_EQ(got(asked), "unavailable");
  run(milliseconds(500));
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(statements(Operation::kGetTopic), 1u);
}

TEST_F(TopicCatalogTest, AReadAsksTheStoreWhateverIsKnown) {
  EXPECT_EQ(get("orders"), "topic_not_found");
  const metadata::Topic first = create("orders");
  EXPECT_EQ(get("orders"), "topic_not_found") << "known not to be there";
  EXPECT_EQ(outcome(wait(*agent_, catalog_->read("orders"))), "ok");
  EXPECT_EQ(get("orders"), "none") << "what a read has found is known";
  set("orders", "new");
  EXPECT_EQ(get("orders"), "none") << "nobody has told";
  const auto read = wait(*agent_, catalog_->read("orders"));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->config.at("key"), "new");
  ASSERT_TRUE(tables_.delete_topic(first.id));
  EXPECT_EQ(outcome(wait(*agent_, catalog_->read("orders"))), "topic_not_found");
}

TEST_F(TopicCatalogTest, CallsThatOutliveTheAgentsTasksAskTheStoreThemselves) {
  create("orders");
  wait(*agent_, agent_->group.close());
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(get("nobody"), "topic_not_found");
}

TEST_F(TopicCatalogTest, AnUnknownNameIsAskedForOnceInTwoSeconds) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get("nobody"), "topic_not_found");
  EXPECT_EQ(statements(Operation::kGetTopic), 1u);
  EXPECT_EQ(catalog_->absent_use().hits, 99u);
  run(seconds(2));
  EXPECT_EQ(get("nobody"), "topic_not_found");
  EXPECT_EQ(statements(Operation::kGetTopic), 2u);
  catalog_->put(create("nobody"));
  EXPECT_EQ(get("nobody"), "none") << "it is there now";
}

TEST_F(TopicCatalogTest, ErrorsOfTheStoreAreNotKept) {
  create("orders");
  agent_->metadata_faults.set_rates(Operation::kGetTopic, {.refused = 1});
  EXPECT_EQ(get("orders"), "unavailable");
  agent_->metadata_faults.stop();
  EXPECT_EQ(get("orders"), "none");
}

TEST_F(TopicCatalogTest, KnowsWhatOthersDoWithinHalfASecond) {
  create("orders");
  follow();
  EXPECT_EQ(get("nobody"), "topic_not_found");
  set("orders", "new");
  create("nobody");
  const metadata::Topic gone = create("gone");
  run(milliseconds(510));
  EXPECT_EQ(get("orders"), "new");
  EXPECT_EQ(get("nobody"), "none");
  EXPECT_EQ(catalog_->list()->size(), 3u);
  ASSERT_TRUE(tables_.delete_topic(gone.id));
  run(milliseconds(510));
  EXPECT_EQ(catalog_->list()->size(), 2u);
  ASSERT_EQ(catalog_->deleting().size(), 1u);
  ASSERT_TRUE(tables_.purge_topic(gone.no));
  run(milliseconds(510));
  EXPECT_TRUE(catalog_->deleting().empty());
  EXPECT_EQ(catalog_->use().misses, 1u) << "readers waited for no load, but of the unknown name";
}

TEST_F(TopicCatalogTest, KnowsOfATopicThatWasReplacedBetweenTwoLooks) {
  const metadata::Topic old = create("orders");
  follow();
  ASSERT_TRUE(tables_.delete_topic(old.id));
  const metadata::Topic again = create("orders");
  ASSERT_TRUE(tables_.delete_topic(again.id));
  const metadata::Topic last = create("orders");
  run(milliseconds(510));
  ASSERT_EQ(catalog_->list()->size(), 1u);
  EXPECT_EQ(catalog_->list()->front()->no, last.no);
  EXPECT_EQ(catalog_->find("orders")->no, last.no);
  EXPECT_EQ(catalog_->deleting().size(), 2u) << "whoever deleted them may not finish it";
}

TEST_F(TopicCatalogTest, ReadsAllAgainAfterManyChangesAtOnce) {
  follow();
  for (int i = 0; i < 101; ++i) create("topic-" + std::to_string(i));
  run(milliseconds(510));
  EXPECT_EQ(catalog_->list()->size(), 101u);
  EXPECT_EQ(statements(Operation::kGetTopic), 0u);
  EXPECT_EQ(statements(Operation::kListTopics), 2u) << "one of them at the start";
}

TEST_F(TopicCatalogTest, TakesWhatIsThereAfterTheDatabaseWentBack) {
  create("orders");
  const metadata::MemoryTables backup = tables_.tables();
  set("orders", "new");
  create("payments");
  follow();
  EXPECT_EQ(catalog_->list()->size(), 2u);
  tables_.restore(metadata::MemoryTables(backup));
  run(milliseconds(510));
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(catalog_->list()->size(), 1u);
}

TEST_F(TopicCatalogTest, AChangeCostsOneStatementAndNotOneForEachTopic) {
  for (int i = 0; i < 100; ++i) create("topic-" + std::to_string(i));
  follow();
  const std::uint64_t lists = statements(Operation::kListTopics);
  set("topic-7", "new");
  run(milliseconds(510));
  EXPECT_EQ(get("topic-7"), "new");
  EXPECT_EQ(statements(Operation::kListTopics), lists);
  EXPECT_EQ(statements(Operation::kGetTopic), 1u);
}

TEST_F(TopicCatalogTest, SaysThatItMayBeStaleWhileTheFeedCannotBeRead) {
  create("orders");
  follow();
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(catalog_->use().stale, 0u);
  agent_->metadata_faults.set_rates({.refused = 1});
  run(seconds(10));
  set("orders", "new");
  EXPECT_EQ(get("orders"), "none");
  EXPECT_EQ(catalog_->use().stale, 1u);
  agent_->metadata_faults.stop();
  run(seconds(1));
  EXPECT_EQ(get("orders"), "new");
  EXPECT_EQ(catalog_->use().stale, 1u);
}

TEST_F(TopicCatalogTest, AListStaysWhatItWas) {
  create("orders");
  follow();
  const auto before = catalog_->list();
  EXPECT_EQ(catalog_->list(), before) << "it is made once";
  catalog_->put(create("payments"));
  EXPECT_EQ(before->size(), 1u);
  EXPECT_EQ(catalog_->list()->size(), 2u);
}

}  // namespace
}  // namespace streamhouse::cluster
