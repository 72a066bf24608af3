// Goal: every way in which an agent or the connection can fail becomes the right error and exit,
// and a call finds the leader whenever that is safe. Method: real gRPC between this process and
// agents in it that fail on cue.
#include "cli/client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake/fake_agent.h"

namespace streamhouse::cli {
namespace {

using base::Errc;
using testing::HasSubstr;

class ClientTest : public testing::Test {
 protected:
  base::Error fail_with(grpc::StatusCode code, const std::string& trailer) {
    agent_.on_get_topic = [=](grpc::ServerContext& context, const v1::GetTopicRequest& request) {
      if (!trailer.empty()) context.AddTrailingMetadata("streamhouse-error", trailer);
      return grpc::Status(code, "about " + request.name());
    };
    return get_topic().error();
  }
  base::Result<v1::GetTopicResponse> get_topic() {
    v1::GetTopicRequest request;
    request.set_name("orders");
    return client_.call(&Admin::GetTopic, request);
  }

  FakeCluster cluster_;
  FakeAgent agent_{cluster_};
  Client client_{agent_.address(), std::chrono::seconds(2)};
};

TEST_F(ClientTest, ReturnsWhatTheAgentAnswered) {
  cluster_.partition_count = 7;
  EXPECT_EQ(get_topic().value().topic().partition_count(), 7);
}

TEST_F(ClientTest, TakesTheCodeFromTheTrailerAndTheTextFromTheStatus) {
  const auto error = fail_with(grpc::StatusCode::NOT_FOUND, "topic_not_found");
  EXPECT_EQ(error.code, Errc::kTopicNotFound);
  EXPECT_EQ(error.text, "about orders");
  EXPECT_EQ(client_.last_failure_answered(), Answered::kYes);
}

TEST_F(ClientTest, KnowsEveryCodeByItsName) {
  for (int i = 0; i <= static_cast<int>(Errc::kInternal); ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_EQ(errc_named(base::errc_name(code)), code);
  }
  EXPECT_EQ(errc_named("of_a_later_version"), Errc::kInternal);
}

TEST_F(ClientTest, AnUnavailableAgentThatSaysSoIsAnAnswer) {
  const auto error = fail_with(grpc::StatusCode::UNAVAILABLE, "unavailable");
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_EQ(client_.last_failure_answered(), Answered::kYes);
}

TEST_F(ClientTest, WithoutTheTrailerNothingIsKnown) {
  for (const auto code : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED,
                          grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL}) {
    const auto error = fail_with(code, "");
    EXPECT_EQ(error.code, Errc::kUnknownOutcome);
    EXPECT_THAT(error.text, HasSubstr(agent_.address()));
    EXPECT_EQ(client_.last_failure_answered(), Answered::kNo);
  }
}

TEST_F(ClientTest, WhatNoHandlerSawWasNotDone) {
  EXPECT_EQ(fail_with(grpc::StatusCode::UNIMPLEMENTED, "").code, Errc::kUnsupported);
  EXPECT_EQ(fail_with(grpc::StatusCode::RESOURCE_EXHAUSTED, "").code, Errc::kTooLarge);
}

TEST_F(ClientTest, AnAgentThatIsNotThereIsUnreachable) {
  agent_.stop();
  Client client(agent_.address(), std::chrono::seconds(2));
  const auto peer = client.peer(agent_.address(), Clock::now() + client.timeout());
  ASSERT_FALSE(peer);
  EXPECT_EQ(peer.error().code, Errc::kUnavailable);
  EXPECT_THAT(peer.error().text, HasSubstr("cannot reach " + agent_.address()));
  EXPECT_EQ(client.last_failure_answered(), Answered::kNo);
}

TEST_F(ClientTest, ASilentAgentTimesOut) {
  agent_.on_get_topic = [](grpc::ServerContext& context, const v1::GetTopicRequest&) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  Client client(agent_.address(), std::chrono::milliseconds(200));
  v1::GetTopicRequest request;
  const auto error = client.call(&Admin::GetTopic, request).error();
  EXPECT_EQ(error.code, Errc::kUnknownOutcome);
  EXPECT_THAT(error.text, HasSubstr("no answer from " + agent_.address()));
}

TEST_F(ClientTest, AsksTheLeaderThatIsNamed) {
  FakeAgent leader(cluster_);
  leader.on_get_topic = [](grpc::ServerContext&, const v1::GetTopicRequest&) {
    return grpc::Status::OK;
  };
  agent_.on_get_topic = [&](grpc::ServerContext& context, const v1::GetTopicRequest&) {
    return status_of(context, {Errc::kNotLeader, "not here", leader.address()});
  };
  EXPECT_TRUE(get_topic());
}

TEST_F(ClientTest, AsksAgainWhileNobodyLeads) {
  int asked = 0;
  agent_.on_get_topic = [&](grpc::ServerContext& context, const v1::GetTopicRequest&) {
    return ++asked < 3 ? status_of(context, {Errc::kNotLeader, "nobody"}) : grpc::Status::OK;
  };
  EXPECT_TRUE(get_topic());
  EXPECT_EQ(asked, 3);
}

TEST_F(ClientTest, StopsLookingForALeaderWhenTheTimeIsUp) {
  agent_.on_get_topic = [](grpc::ServerContext& context, const v1::GetTopicRequest&) {
    return status_of(context, {Errc::kNotLeader, "nobody leads it"});
  };
  Client client(agent_.address(), std::chrono::milliseconds(300));
  EXPECT_EQ(client.call(&Admin::GetTopic, v1::GetTopicRequest()).error().code, Errc::kNotLeader);
}

TEST_F(ClientTest, GathersAllPages) {
  const auto topics = client_.call_pages(&Admin::ListTopics, v1::ListTopicsRequest());
  ASSERT_EQ(topics.value().topics_size(), 25);
  EXPECT_EQ(topics->topics(24).name(), "t24");
  EXPECT_EQ(topics->next_page_token(), "");
}

}  // namespace
}  // namespace streamhouse::cli
