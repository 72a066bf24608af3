#pragma once
/// \file  KafkaWorld: one agent with every service that the Kafka front end serves from, on the
/// simulated runtime over stores in memory, and clients that send it whole requests.

#include <gtest/gtest.h>

#include <algorithm>

#include "kafka/handlers.h"
#include "kafka/kafka_connection.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::kafka_testing {

/// What objects hold is what a test says; the newest batches are read from memory.
class GivenBlocks final : public blockcache::ObjectBlocks {
 public:
  explicit GivenBlocks(runtime::Runtime& runtime) : runtime_(runtime) {}

  runtime::Task<base::Result<std::vector<base::Bytes>>> read(blockcache::SpanRead read) override {
    if (takes > runtime::Duration::zero()) co_await runtime_.sleep(takes);
    const auto found = batches.find(read.partition);
    if (found != batches.end()) co_return found->second;
    co_return base::make_error(base::Errc::kUnavailable, "nothing is read here");
  }

  std::map<model::TopicPartition, std::vector<base::Bytes>> batches;
  runtime::Duration takes{};

 private:
  runtime::Runtime& runtime_;
};

/// What the handler of a request answers.
template <class Request>
using ResponseTo = decltype(kafka::handle(std::declval<kafka::Call&>(),
                                          std::declval<Request>()))::value_type::value_type;

class KafkaWorld : public core_testing::SessionWorld {
 protected:
  using Reply = base::ByteVector;

  void SetUp() override {
    SessionWorld::SetUp();
    const auto offsets = tables_.create_topic({.name = "__consumer_offsets",
                                               .id = {{99}},
                                               .partition_count = 50,
                                               .kind = metadata::TopicKind::kInternal});
    ASSERT_TRUE(offsets);
    topics_.put(*offsets);
    scope_ = std::make_shared<service::SessionScope>(
        service::ScopePorts{agent_, database_, objects_, blocks_, budget_, session_},
        service::ScopeConfig{}, *offsets);
    scope_->start();
    group_.spawn(session_.keep_alive());
    current_.set(scope_);
  }

  cluster::TopicPtr create(const std::string& name, std::int32_t partitions = 1,
                           std::map<std::string, std::string> config = {}) {
    auto topic = wait(topic_service_.create(
        {.name = name, .partition_count = partitions, .config = std::move(config)}));
    SH_CHECK(topic.has_value(), "created");
    return *topic;
  }

  /// Begins a request; its reply is there when run() has gone on for long enough.
  template <class Request>
  core_testing::Pending<net::FrameReply> begin_request(wire::Version version,
                                                       const Request& request) {
    const auto frame = wire::encode_request(
        {.version = version, .correlation_id = 7, .client_id = "a-client"}, request);
    SH_CHECK(frame.has_value(), "a request that can be written");
    const base::ByteVector bytes = frame->joined();
    return begin_frame(base::BytesView(bytes).subspan(wire::kFrameLengthSize));
  }
  core_testing::Pending<net::FrameReply> begin_frame(base::BytesView bytes) {
    net::Frame frame{.owner = std::make_shared<std::uint8_t[]>(bytes.size()), .bytes = {}};
    frame.bytes = {frame.owner.get(), bytes.size()};
    std::ranges::copy(bytes, frame.owner.get());
    frame.share = std::make_shared<int>();
    frame_ = frame.share;
    turns_.push_back(std::make_unique<TurnHolder>());
    return begin(connection_.answer(std::move(frame), net::Turn(*turns_.back())));
  }
  /// Whether somebody holds the request that was begun last.
  bool frame_is_held() const { return !frame_.expired(); }
  /// Whether the next request of the connection may begin.
  bool turn_was_passed() const { return turns_.back()->passed; }

  /// The response; one that never comes fails the test.
  template <class Request>
  auto ask(wire::Version version, const Request& request) {
    const auto reply = begin_request(version, request);
    for (int i = 0; i < 600 && !*reply; ++i) run(core_testing::milliseconds(100));
    SH_CHECK(reply->has_value(), "answered within a minute");
    return response_of<Request>(version, **reply);
  }
  /// What a client reads. It borrows from this world.
  template <class Request>
  auto response_of(wire::Version version, const net::FrameReply& reply) {
    using Response = ResponseTo<Request>;
    EXPECT_EQ(reply.then, net::FrameReply::Then::kGoOn);
    EXPECT_FALSE(reply.chunks.empty()) << "no answer";
    Reply& bytes = replies_.emplace_back();
    for (const base::Bytes& chunk : reply.chunks)
      bytes.insert(bytes.end(), chunk.view().begin(), chunk.view().end());
    const base::BytesView frame = base::BytesView(bytes).subspan(wire::kFrameLengthSize);
    const auto opened = wire::open_response(frame, Request::kKey, version);
    SH_CHECK(opened && opened->correlation_id == 7, "the answer to the request");
    auto response = wire::decode<Response>(opened->body, version);
    SH_CHECK(response.has_value(), "a response that can be read");
    return *std::move(response);
  }

  /// One batch for one partition.
  wire::ProduceRequest produce_request(wire::String topic, base::ByteVector batch,
                                       std::int32_t partition = 0) {
    wire::ProduceRequest request{.acks = -1, .timeout_ms = 1000};
    wire::ProduceRequest::Topic& to = request.topic_data.emplace_back();
    to.name = topic;
    to.partition_data.push_back(
        {.index = partition, .records = wire::Records{.pieces = {base::Bytes(std::move(batch))}}});
    return request;
  }
  /// Appends `count` records; returns the offset of the first.
  std::int64_t produce(wire::String topic, int count = 1, std::int32_t partition = 0,
                       std::size_t value_bytes = 20) {
    auto batch = core_testing::produced_batch({.count = count, .value_bytes = value_bytes});
    const auto response = ask(9, produce_request(topic, std::move(batch), partition));
    const auto& answered = response.responses.at(0).partition_responses.at(0);
    EXPECT_EQ(answered.error_code, wire::ErrorCode::kNone);
    return answered.base_offset;
  }

  /// Another agent, at other:9092, leads the partition from now on.
  void lead_elsewhere(model::TopicPartition key) {
    const model::SessionId other(77);
    metadata::AgentInfo agent{.agent_id = "other", .address = "other:9090", .zone = "b"};
    agent.metadata[kafka::kKafkaAddressKey] = "other:9092";
    SH_CHECK(tables_.open_session({.id = other, .agent = agent, .timeout_ms = 60'000}).has_value(),
             "another session");
    const auto row = tables_.get_partition(key);
    SH_CHECK(wait(scope_->writer().release({key})).has_value(), "let go");
    const auto leases = tables_.acquire_leases(
        other, {{.key = key,
                 .expected_epoch = model::LeaderEpoch(row->epoch.value() + 1),
                 .since_seq = model::Seq(1)}});
    SH_CHECK(leases.has_value() && leases->front().has_value(), "led by the other");
    run(core_testing::seconds(2));  // what is known of leaders and brokers is a second old at most
  }

  struct TurnHolder final : net::Turn::Holder {
    void turn_passed() override { passed = true; }
    bool passed = false;
  };

  metadata::MetadataFaults faults_db_{world_, 6};
  metadata::FaultMetadataStore database_{metadata_, agent_, faults_db_};
  GivenBlocks blocks_{agent_};
  ingest::BufferBudget budget_{agent_, 1u << 20};
  ingest::BufferBudget reply_budget_{agent_, 4u << 20};
  cluster::ChangeFeed feed_{agent_, database_, group_};
  cluster::TopicCatalog topics_{agent_, database_, group_};
  cluster::LeaderDirectory leaders_{agent_, database_, group_, "127.0.0.1:9090"};
  std::shared_ptr<service::SessionScope> scope_;
  service::CurrentScope current_;
  service::ProduceService produce_{agent_,   budget_, topics_, current_, std::chrono::seconds(30),
                                   &leaders_};
  service::ProducerService producers_{agent_, database_};
  service::TopicService topic_service_{{agent_, database_, topics_, current_, group_, &leaders_}};
  service::GroupService groups_{{database_, topics_, current_, &leaders_}};
  service::MembershipService membership_{current_};
  service::FetchService fetch_{{agent_, database_, topics_, current_, groups_, &leaders_}};
  service::ClusterService cluster_{database_, topics_};
  kafka::BrokerDirectory brokers_{agent_, cluster_, group_};
  runtime::Metrics metrics_;
  kafka::CallMetrics call_metrics_{metrics_};
  kafka::KafkaConfig config_{.cluster_id = "a-cluster"};
  std::optional<kafka::KafkaServices> services_{kafka::KafkaServices{
      agent_, produce_, producers_, fetch_, topic_service_, groups_, membership_, topics_, leaders_,
      brokers_, reply_budget_, config_, call_metrics_}};
  kafka::KafkaConnection connection_{
      agent_, services_, groups::ClientId{1}, {.host = "10.1.2.3", .port = 40'000}};

 private:
  std::deque<Reply> replies_;
  std::vector<std::unique_ptr<TurnHolder>> turns_;
  std::weak_ptr<const void> frame_;
};

}  // namespace streamhouse::kafka_testing
