#pragma once
/// \file  AgentCase: one agent for all tests of a suite, a topic of its own for each.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/client.h"

namespace streamhouse::e2e {

class AgentCase : public testing::Test {
 protected:
  static void SetUpTestSuite() { agent_ = std::make_unique<AgentProcess>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(agent_->stop(), 0) << agent_->log();
    agent_.reset();
  }

  void SetUp() override {
    topic_ = testing::UnitTest::GetInstance()->current_test_info()->name();
    ASSERT_EQ(verdict(client_.create_topic(topic_, 3)), "OK");
  }

  /// Produces these values into partition 0, as one batch.
  void given(const std::vector<std::string>& values) {
    v1::ProduceBatchResponse response;
    ASSERT_EQ(verdict(client_.produce_batch(batch_request(topic_, values), response)), "OK");
  }

  // NOLINTNEXTLINE(readability-identifier-naming): a member, if a static one
  static inline std::unique_ptr<AgentProcess> agent_;
  Client client_{agent_->address()};
  std::string topic_;
};

}  // namespace streamhouse::e2e
