// Goal: a request never waits for credentials that could have been fetched before, and a source in
// trouble is neither stormed nor the end of what still holds.
// Method: a source that a test switches, in virtual time.
#include "net/aws/credentials/refreshing_credentials.h"

#include <gtest/gtest.h>

#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/task_group.h"

namespace streamhouse::net {
namespace {

using base::Errc;
using base::Result;
using namespace std::chrono_literals;

/// Gives out credentials that hold for an hour, numbered.
class Source final : public CredentialSource {
 public:
  explicit Source(runtime::Runtime& runtime) : runtime_(runtime) {}
  runtime::Task<Result<AwsCredentials>> fetch() override {
    ++fetches;
    co_await runtime_.sleep(100ms);
    if (failure) co_return base::make_error(*failure, "in trouble");
    co_return AwsCredentials{.access_key_id = std::to_string(fetches),
                             .secret_access_key = "s",
                             .expires_at = runtime_.wall_now() + 3'600'000};
  }
  int fetches = 0;
  std::optional<Errc> failure;

 private:
  runtime::Runtime& runtime_;
};

class RefreshingCredentialsTest : public testing::Test {
 protected:
  /// The id, or the error's name.
  std::string fetch() {
    const auto fetched = runtime::run_task(agent_, credentials_.fetch());
    return fetched ? fetched->access_key_id : std::string(errc_name(fetched.error().code));
  }
  void pass(runtime::Duration time) { runtime::run_task(agent_, agent_.sleep(time)); }

  runtime::SimScheduler scheduler_{{.seed = 3}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  std::unique_ptr<Source> owned_ = std::make_unique<Source>(agent_);
  Source& source_ = *owned_;
  RefreshingCredentials credentials_{agent_, std::move(owned_)};
};

TEST_F(RefreshingCredentialsTest, AreKeptUntilShortlyBeforeTheirEnd) {
  EXPECT_EQ(fetch(), "1");
  pass(54min);
  EXPECT_EQ(fetch(), "1");
  pass(2min);
  EXPECT_EQ(fetch(), "2");
  EXPECT_EQ(source_.fetches, 2);
}

TEST_F(RefreshingCredentialsTest, ManyWhoAskAtOnceCostOneFetch) {
  int good = 0;
  runtime::run_task(agent_,
                    [](RefreshingCredentials& credentials, runtime::Runtime& runtime,
                       int& count) -> runtime::Task<void> {
                      runtime::TaskGroup group(runtime);
                      for (int i = 0; i < 50; ++i) {
                        group.spawn([](RefreshingCredentials& one, int& ok) -> runtime::Task<void> {
                          const auto fetched = co_await one.fetch();
                          ok += fetched ? 1 : 0;
                        }(credentials, count));
                      }
                      co_await group.close();
                    }(credentials_, agent_, good));
  EXPECT_EQ(good, 50);
  EXPECT_EQ(source_.fetches, 1);
}

TEST_F(RefreshingCredentialsTest, AreUsedToTheirVeryEndWhileTheSourceIsInTrouble) {
  EXPECT_EQ(fetch(), "1");
  source_.failure = Errc::kNotFound;
  pass(56min);
  EXPECT_EQ(fetch(), "1");
  EXPECT_EQ(fetch(), "1");
  EXPECT_EQ(source_.fetches, 2) << "it is not asked again at once";
  pass(5min);
  EXPECT_EQ(fetch(), "unavailable") << "there were some, so there will be some again";
  source_.failure.reset();
  pass(10s);
  EXPECT_EQ(fetch(), "4");
}

TEST_F(RefreshingCredentialsTest, ASourceThatNeverHadAnySaysSo) {
  source_.failure = Errc::kNotFound;
  EXPECT_EQ(fetch(), "not_found");
}

TEST_F(RefreshingCredentialsTest, WhatAServerRejectsIsFetchedAnew) {
  EXPECT_EQ(fetch(), "1");
  credentials_.reject();
  EXPECT_EQ(fetch(), "2");
}

}  // namespace
}  // namespace streamhouse::net
