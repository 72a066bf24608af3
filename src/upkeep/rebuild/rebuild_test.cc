// Goal: a rebuild fills an empty database and no other, refuses what it cannot be sure of before it
// has written anything, and can be repeated where it broke off. Method: a bucket written as agents
// do, a store in memory whose puts fail.
#include "upkeep/rebuild/rebuild.h"

#include "tests/upkeep/rebuild_world.h"

namespace streamhouse::upkeep {
namespace {

using base::Errc;
using model::Offset;
using model::Seq;
using testing::HasSubstr;
using testing::IsEmpty;

/// Lists with a time for each object, and fails a put.
class TimedStore final : public objectstore::ObjectStore {
 public:
  explicit TimedStore(objectstore::ObjectStore& inner) : inner_(inner) {}
  runtime::Task<base::Status> put(std::string key, objectstore::Chunks content) override {
    if (++puts == failing) co_return base::Status(Errc::kUnavailable, "away");
    co_return co_await inner_.put(std::move(key), std::move(content));
  }
  runtime::Task<base::Result<base::Bytes>> get(std::string key, base::ByteRange range) override {
    return inner_.get(std::move(key), range);
  }
  runtime::Task<base::Result<objectstore::ObjectInfo>> head(std::string key) override {
    return inner_.head(std::move(key));
  }
  runtime::Task<base::Result<objectstore::ObjectPage>> list(std::string prefix, std::string after,
                                                            std::size_t limit) override {
    auto page = co_await inner_.list(std::move(prefix), std::move(after), limit);
    if (page)
      for (objectstore::ObjectInfo& object : page->objects)
        object.modified_ms = object.key.ends_with("/seal") ? marker_modified_ms : modified_ms;
    co_return page;
  }
  runtime::Task<base::Status> remove(std::string key) override {
    return inner_.remove(std::move(key));
  }
  std::int64_t modified_ms = 0;
  std::int64_t marker_modified_ms = 0;
  int puts = 0;
  int failing = 0;

 private:
  objectstore::ObjectStore& inner_;
};

class RebuildTest : public upkeep_testing::RebuildWorld {
 protected:
  static constexpr std::int64_t kNow = 10'000'000;

  void SetUp() override {
    create_topic("orders", 2);
    acquire(writer_, a_);
    commit(writer_, {{.key = a_, .batches = 3}});
    commit(writer_, {{.key = a_}});
    renew();
  }
  void renew() {
    rebuilt_ = std::make_unique<metadata::MemoryMetadata>([] { return metadata::DatabaseMs{1}; },
                                                          model::TopicId{{9}});
  }
  base::Result<RebuildReport> run(RebuildOptions options = {}) {
    options.now_ms = kNow;
    metadata::MemoryMetadataStore store(*rebuilt_);
    const auto bytes = std::make_shared<tests::ArchiveBytes>();
    Rebuild rebuild({.metadata = &store, .objects = timed_, .rows = bytes, .archive = *bytes},
                    options);
    return wait(rebuild.run());
  }
  std::string refusal(Errc code, RebuildOptions options = {}) {
    const auto report = run(options);
    EXPECT_FALSE(report);
    if (report) return "";
    EXPECT_EQ(report.error().code, code);
    return report.error().text;
  }
  bool is_untouched() const {
    const auto& tables = rebuilt_->tables();
    return tables.topics.empty() && tables.sessions.empty() && tables.settings.empty();
  }
  std::string marker() const { return segment::to_key(segment::SealKey{writer_.id}); }

  const model::TopicPartition a_ = key(1, 0);
  Writer writer_ = open(0xa1);
  TimedStore timed_{bucket_};
};

TEST_F(RebuildTest, FillsADatabaseAndSaysWithWhat) {
  const auto report = run();
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_TRUE(report->written);
  EXPECT_THAT(report->findings, IsEmpty());
  EXPECT_EQ(report->cluster, kCluster);
  EXPECT_EQ(report->record_count, 4);
  EXPECT_EQ(report->object_count, 3u);
  EXPECT_EQ(report->counts[1], 1u);
  EXPECT_EQ(report->counts[2], 2u);
  EXPECT_EQ(report->topics.at(model::TopicNo(1)), "orders");
  expect_contents(a_);
  EXPECT_TRUE(rebuilt_->open_session(
      {.id = model::SessionId(5), .agent = {.agent_id = "next"}, .timeout_ms = 1'000}));
}

TEST_F(RebuildTest, SealsEverySessionInTheBucketToo) {
  ASSERT_TRUE(run());
  const auto bytes = bucket_.peek(marker());
  ASSERT_TRUE(bytes);
  const auto seal = segment::decode_seal_marker(marker(), *bytes);
  ASSERT_TRUE(seal);
  EXPECT_EQ(seal->seq, Seq(3));
  const auto first = rebuilt_->tables().sessions.at(writer_.id).newest();
  EXPECT_EQ(first, Seq(3));
  renew();
  ASSERT_TRUE(run()) << "a second rebuild finds the same";
  EXPECT_EQ(rebuilt_->tables().sessions.at(writer_.id).newest(), first);
}

TEST_F(RebuildTest, ADatabaseThatWasEverUsedIsRefused) {
  ASSERT_TRUE(rebuilt_->put_setting("a", {}, 0));
  EXPECT_THAT(refusal(Errc::kConflict), HasSubstr("not empty"));
  renew();
  ASSERT_TRUE(rebuilt_->create_topic({.name = "t", .id = {{1}}}));
  refusal(Errc::kConflict);
  EXPECT_FALSE(bucket_.peek(marker()));
}

TEST_F(RebuildTest, ABucketThatIsBeingWrittenIsRefusedUnlessSomebodyKnowsBetter) {
  for (const std::int64_t age : {std::int64_t{0}, kQuietMs - 1, std::int64_t{-50'000}}) {
    timed_.modified_ms = kNow - age;
    EXPECT_THAT(refusal(Errc::kConflict), HasSubstr("within the last minute"));
    EXPECT_TRUE(is_untouched());
    EXPECT_FALSE(bucket_.peek(marker()));
  }
  EXPECT_TRUE(run({.agents = RebuildOptions::Agents::kStopped}));
  renew();
  timed_.modified_ms = kNow - kQuietMs;
  EXPECT_TRUE(run());
}

TEST_F(RebuildTest, TwoClustersInOneBucketAreRefusedByName) {
  const model::TopicId other{{8}};
  const std::string foreign = segment::to_key(segment::SealKey{model::SessionId(0xff00ull << 48)});
  put(foreign, {base::Bytes(segment::encode_seal_marker(
                   {other.bytes, model::SessionId(0xff00ull << 48), Seq(3)}))});
  const std::string why = refusal(Errc::kConflict);
  EXPECT_THAT(why, HasSubstr(foreign));
  EXPECT_THAT(why, HasSubstr(to_string(other)));
  EXPECT_THAT(why, HasSubstr(to_string(kCluster)));
  EXPECT_TRUE(is_untouched());
}

TEST_F(RebuildTest, ABucketWithoutObjectsIsRefused) {
  for (const std::string& name : bucket_.keys()) remove(name);
  refusal(Errc::kNotFound);
  put("something/else", {});
  refusal(Errc::kNotFound);
}

TEST_F(RebuildTest, WhereSomethingIsLostNothingIsWrittenUnlessAskedFor) {
  remove(segment::object_key(writer_.id, Seq(1)));
  const auto found = run();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->written);
  ASSERT_EQ(found->findings.size(), 1u);
  EXPECT_EQ(found->findings[0].fault, RebuildFault::kMissingObject);
  EXPECT_TRUE(is_untouched());
  EXPECT_FALSE(bucket_.peek(marker()));
  const auto written = run({.on_findings = RebuildOptions::OnFindings::kGoWithout});
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->written);
  EXPECT_EQ(rebuilt_log_start(a_), Offset(3));
}

TEST_F(RebuildTest, AReportWritesNothingAndNeedsNoDatabaseNorAQuietBucket) {
  timed_.modified_ms = kNow;
  const auto bytes = std::make_shared<tests::ArchiveBytes>();
  const RebuildOptions options{.what = RebuildOptions::Do::kReport, .now_ms = kNow};
  Rebuild rebuild({.objects = timed_, .rows = bytes, .archive = *bytes}, options);
  const auto report = wait(rebuild.run());
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->written);
  EXPECT_EQ(report->record_count, 4);
  EXPECT_EQ(timed_.puts, 0);
}

TEST_F(RebuildTest, OneThatBreaksOffIsRepeated) {
  timed_.failing = 1;
  EXPECT_FALSE(run());
  EXPECT_TRUE(is_untouched());
  ASSERT_TRUE(run());
  expect_contents(a_);
  renew();
  timed_.marker_modified_ms = kNow;
  EXPECT_TRUE(run()) << "its own marker, put just now, is no agent's";
}

TEST_F(RebuildTest, ADamagedSealStaysAsItIs) {
  put(marker(), {base::Bytes(std::string("damaged"))});
  EXPECT_FALSE(run()->written);
  const auto report = run({.on_findings = RebuildOptions::OnFindings::kGoWithout});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_TRUE(report->written);
  EXPECT_EQ(base::as_text(*bucket_.peek(marker())), "damaged");
}

}  // namespace
}  // namespace streamhouse::upkeep
