// Goal: every operation is counted under its own name by what became of it, timed, and its rows
// added up.
// Method: calls with known outcomes over the in-memory store behind faults; the counters read back.
#include "metadata/wrappers/metrics_metadata_store.h"

#include <gtest/gtest.h>

#include <chrono>

#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::metadata {
namespace {

using namespace std::chrono_literals;

/// A store that says it writes three rows a call.
class ThreeRowStore final : public MetadataStoreAdapter<ThreeRowStore> {
 public:
  explicit ThreeRowStore(MetadataStore& inner) : inner_(inner) {}
  template <class Call>
  std::invoke_result_t<Call&, MetadataStore&> perform(Operation, Call call) {
    rows_ += 3;
    return call(inner_);
  }
  std::uint64_t rows_written() const override { return rows_; }

 private:
  MetadataStore& inner_;
  std::uint64_t rows_ = 100;  // before the wrapper came
};

class MetricsMetadataStoreTest : public testing::Test {
 protected:
  template <class T>
  void call(Task<Result<T>> task) {
    static_cast<void>(runtime::run_task(agent_, std::move(task)));
  }
  std::uint64_t count(std::string_view operation, std::string_view result) {
    return metrics_.counter("metadata_operations_total", {operation, result}).value();
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  MemoryMetadata metadata_{[] { return 1; }, model::TopicId{{1}}};
  MemoryMetadataStore memory_{metadata_};
  ThreeRowStore rows_{memory_};
  MetadataFaults faults_{agent_, 5};
  FaultMetadataStore faulty_{rows_, agent_, faults_};
  runtime::Metrics metrics_;
  MetricsMetadataStore store_{faulty_, agent_, metrics_};
};

TEST_F(MetricsMetadataStoreTest, OperationsAreCountedByNameAndOutcome) {
  call(store_.allocate_producer_ids(1));
  call(store_.allocate_producer_ids(1));
  call(store_.allocate_producer_ids(0));
  call(store_.get_topic("none"));
  call(store_.append(SessionId(1), Seq(1), CommitEntry{}));
  faults_.set_rates({.refused = 1});
  call(store_.allocate_producer_ids(1));
  faults_.set_rates({.reply_lost = 1});
  call(store_.allocate_producer_ids(1));
  EXPECT_EQ(count("allocate_producer_ids", "ok"), 2u);
  EXPECT_EQ(count("allocate_producer_ids", "refused"), 1u);
  EXPECT_EQ(count("allocate_producer_ids", "retried"), 2u);
  EXPECT_EQ(count("allocate_producer_ids", "failed"), 0u);
  EXPECT_EQ(count("get_topic", "refused"), 1u);
  EXPECT_EQ(count("append", "refused"), 1u);
}

TEST_F(MetricsMetadataStoreTest, ADatabaseThatLostRowsCountsAsFailed) {
  segment::PartitionCheckpoint entry;
  entry.partition.topic = model::TopicNo(1);
  call(store_.append(SessionId(1), Seq(1), ReleaseEntry{{entry}}));
  EXPECT_EQ(count("append", "failed"), 1u);
}

TEST_F(MetricsMetadataStoreTest, EachOperationIsTimed) {
  faults_.set_rates({.stalled = 1});
  call(store_.database_now());
  const auto& duration =
      metrics_.histogram("metadata_operation_duration_seconds", {"database_now"});
  EXPECT_EQ(duration.total(), 1u);
  EXPECT_DOUBLE_EQ(duration.sum(), std::chrono::duration<double>(scheduler_.elapsed()).count());
  EXPECT_GT(duration.sum(), 0);
}

TEST_F(MetricsMetadataStoreTest, OnlyOperationsThatWereCalledHaveSeries) {
  call(store_.database_now());
  const std::string text = metrics_.text();
  EXPECT_NE(text.find("operation=\"database_now\""), std::string::npos);
  EXPECT_EQ(text.find("operation=\"get_topic\""), std::string::npos);
}

TEST_F(MetricsMetadataStoreTest, RowsWrittenSinceTheWrapperCameAreAddedUp) {
  auto& rows = metrics_.counter("metadata_rows_written_total");
  EXPECT_EQ(rows.value(), 0u);
  call(store_.database_now());
  call(store_.database_now());
  EXPECT_EQ(rows.value(), 6u);
  EXPECT_EQ(store_.rows_written(), 106u);
}

TEST_F(MetricsMetadataStoreTest, TroubleIsWhatTheNewestOperationFailedOf) {
  EXPECT_FALSE(store_.trouble());
  faults_.set_rates({.refused = 1});
  call(store_.allocate_producer_ids(1));
  ASSERT_TRUE(store_.trouble());
  EXPECT_EQ(store_.trouble()->code, base::Errc::kUnavailable);
  faults_.set_rates({});
  call(store_.get_topic("none"));
  EXPECT_FALSE(store_.trouble()) << "a refusal is an answer";
}

}  // namespace
}  // namespace streamhouse::metadata
