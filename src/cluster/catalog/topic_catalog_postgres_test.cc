// Goal: a thousand who ask at once for a topic that is not known cost the database one statement.
// Method: a real PostgreSQL server that logs every statement it executes; its log is counted.
#include <gtest/gtest.h>

#include "cluster/catalog/topic_catalog.h"
#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using runtime::Task;

class TopicCatalogPostgresTest : public testing::Test {
 protected:
  void SetUp() override {
    const metadata::NewTopic wanted{.name = "orders", .id = {{1}}, .partition_count = 1};
    ASSERT_TRUE(runtime::run_task(runtime_, store_.create_topic(wanted)));
    at_first_ = executed();
  }
  void TearDown() override { runtime::run_task(runtime_, group_.close()); }

  /// Statements that look for a topic by its name, since the test began.
  int look_ups() const { return executed() - at_first_; }

  Task<void> ask() {
    const auto topic = co_await catalog_.get("orders");
    if (topic) ++found_;
    // Nobody waits longer than a second, however slow the machine is.
    if (!topic && topic.error().code == Errc::kUnavailable) ++impatient_;
  }
  Task<void> ask_at_once(int times) {
    runtime::TaskGroup callers(runtime_);
    for (int i = 0; i < times; ++i) callers.spawn(ask());
    co_await callers.close();
  }
  /// Until what is being loaded is there.
  Task<void> wait_until_known() {
    while (!catalog_.find("orders")) co_await runtime_.sleep(std::chrono::milliseconds(5));
  }

  tests::TestPostgres server_{tests::PostgresServer::Settings{"log_statement=all"}};
  runtime::AsioRuntime runtime_{1};
  runtime::ThreadPool workers_{runtime_, {.name = "metadata", .threads = 4}};
  metadata::PostgresMetadataStore store_{
      runtime_, workers_,
      metadata::open_postgres({.connection = {.url = server_.url()}, .new_cluster_id = {{1}}})
          .value()};
  runtime::TaskGroup group_{runtime_};
  TopicCatalog catalog_{runtime_, store_, group_};
  int found_ = 0;
  int impatient_ = 0;

 private:
  int executed() const {
    std::istringstream log(server_.log());
    int count = 0;
    for (std::string line; std::getline(log, line);) {
      const bool look_up = line.contains("execute ") && line.contains("FROM sh_topics WHERE name");
      count += look_up ? 1 : 0;
    }
    return count;
  }

  int at_first_ = 0;
};

TEST_F(TopicCatalogPostgresTest, AThousandWhoAskAtOnceCostOneStatementCountedAtTheServer) {
  runtime::run_task(runtime_, ask_at_once(1'000));
  runtime::run_task(runtime_, wait_until_known());
  EXPECT_EQ(found_ + impatient_, 1'000);
  EXPECT_EQ(look_ups(), 1);
  runtime::run_task(runtime_, ask_at_once(1'000));
  EXPECT_GE(found_, 1'000);
  EXPECT_EQ(look_ups(), 1) << "it is known";
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(runtime::run_task(runtime_, store_.get_topic(std::string("orders"))));
  EXPECT_EQ(look_ups(), 11) << "every statement is counted";
}

}  // namespace
}  // namespace streamhouse::cluster
