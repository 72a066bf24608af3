// Goal: whoever asks an agent that does not lead is told who does, by every call that needs the
// leader, and streamctl goes there by itself. Method: two agents with real gRPC
// listeners in this process, over one in-memory database and store; the first leads everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "rpc/rpc_server.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "tests/e2e/client/client.h"
#include "tests/e2e/client/command.h"

namespace streamhouse::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr auto kLook = std::chrono::milliseconds(5);

/// Threading: the runtime's thread, but for address() and is_ready().
class ListeningAgent {
 public:
  ListeningAgent(runtime::AsioRuntime& runtime, metadata::MetadataStore& metadata,
                 objectstore::ObjectStore& objects, std::string id)
      : runtime_(runtime),
        metadata_(metadata),
        objects_(objects),
        blocks_(objects, 1u << 20),
        id_(std::move(id)),
        pool_(runtime, {.name = "front-end", .threads = 1}),
        rpc_(runtime, metrics_, {.address = "127.0.0.1:0"}) {}

  void start() {
    address_ = "127.0.0.1:" + std::to_string(rpc_.start().value());
    leaders_.emplace(runtime_, metadata_, group_, address_);
    core_.emplace(agent::CorePorts{.runtime = runtime_,
                                   .metadata = metadata_,
                                   .objects = objects_,
                                   .blocks = blocks_,
                                   .leaders = &*leaders_},
                  agent::CoreConfig{.agent = {.agent_id = id_, .address = address_}});
    runtime_.spawn(live());
  }
  runtime::Task<void> stop() {
    if (!core_) co_return;
    rpc_.stop_serving();
    const base::Status stopped = co_await core_->stop(runtime_.now() + seconds(30));
    EXPECT_TRUE(stopped);
    while (!ended_) co_await runtime_.sleep(kLook);
    co_await rpc_.stop(pool_, runtime_.now() + seconds(10));
    co_await group_.close();
  }
  const std::string& address() const { return address_; }
  bool is_ready() const { return ready_; }

 private:
  runtime::Task<void> live() {
    serve();
    const base::Status ended = co_await core_->run();
    EXPECT_TRUE(ended);
    ended_ = true;
  }
  void serve() {
    rpc_.serve({.produce = core_->produce(),
                .fetch = core_->fetch(),
                .catalog = core_->topics(),
                .topics = core_->topic_service(),
                .groups = core_->groups(),
                .cluster = core_->cluster(),
                .segments = core_->segments(),
                .fsck = core_->fsck(),
                .default_partitions = 1,
                .bucket = ""});
    runtime_.spawn(watch());
  }
  runtime::Task<void> watch() {
    while (!core_->ready()) co_await runtime_.sleep(kLook);
    ready_ = true;
  }

  runtime::AsioRuntime& runtime_;
  metadata::MetadataStore& metadata_;
  objectstore::ObjectStore& objects_;
  blockcache::CheckedObjectReader blocks_;
  std::string id_;
  std::string address_;
  runtime::Metrics metrics_;
  runtime::ThreadPool pool_;
  rpc::RpcServer rpc_;
  runtime::TaskGroup group_{runtime_};
  std::optional<cluster::LeaderDirectory> leaders_;
  std::optional<agent::AgentCore> core_;
  bool ended_ = false;
  std::atomic<bool> ready_ = false;
};

class LeaderTest : public testing::Test {
 protected:
  static constexpr model::SessionId kAway{77};

  void SetUp() override {
    thread_ = std::thread([this] { runtime_.run(); });
    start(leader_);
    leader_client_.emplace(leader_.address());
    ASSERT_EQ(verdict(leader_client_->create_topic("orders")), "OK");
    ASSERT_EQ(verdict(leader_client_->produce("orders", "first")), "OK");
    ASSERT_EQ(verdict(commit_offset(*leader_client_, 1)), "OK");
    start(other_);
    other_client_.emplace(other_.address());
  }
  void TearDown() override {
    runtime_.stop();
    thread_.join();
    runtime::run_task(runtime_, other_.stop());
    runtime::run_task(runtime_, leader_.stop());
  }
  void start(ListeningAgent& agent) {
    runtime_.post([&agent] { agent.start(); });
    const auto deadline = steady_clock::now() + seconds(60);
    while (!agent.is_ready()) {
      ASSERT_LT(steady_clock::now(), deadline);
      std::this_thread::sleep_for(kLook);
    }
  }
  /// Creates a topic whose partition an agent at `address` leads, which is live for an hour.
  void lead_elsewhere(const std::string& topic, const std::string& address) {
    std::promise<bool> done;
    runtime_.post([&] {
      const metadata::AgentInfo agent{.agent_id = "away", .address = address};
      const auto opened =
          tables_.open_session({.id = kAway, .agent = agent, .timeout_ms = 3'600'000});
      const auto created = tables_.create_topic({.name = topic, .id = {{9}}, .partition_count = 1});
      const model::TopicPartition key{created->no, model::PartitionIndex(0)};
      const auto leases = tables_.acquire_leases(kAway, {{.key = key, .since_seq = model::Seq(1)}});
      done.set_value(opened && leases && leases->front());
    });
    ASSERT_TRUE(done.get_future().get());
  }
  /// Its agent has gone, in good order: its session is due for a take-over.
  void expire_who_leads_elsewhere() {
    std::promise<bool> done;
    runtime_.post([&] { done.set_value(tables_.deregister_agent("away", kAway).has_value()); });
    ASSERT_TRUE(done.get_future().get());
  }
  static Outcome commit_offset(Client& client, std::int64_t offset) {
    v1::CommitOffsetsRequest request;
    request.set_group("billing");
    auto& committed = *request.add_offsets();
    committed.set_topic("orders");
    committed.set_offset(offset);
    v1::CommitOffsetsResponse response;
    return client.call(&v1::StreamHouseService::Stub::CommitOffsets, client.records(), request,
                       response);
  }
  void expect_sent_on(const Outcome& outcome) const {
    EXPECT_EQ(verdict(outcome), "FAILED_PRECONDITION not_leader");
    EXPECT_EQ(outcome.leader, leader_.address());
  }
  Finished streamctl(const std::string& words) const {
    return run_command(SH_STREAMCTL " --server " + other_.address() + " " + words);
  }

  runtime::AsioRuntime runtime_;
  metadata::MemoryMetadata tables_{[this] { return runtime_.wall_now(); }, model::TopicId{{1}}};
  metadata::MemoryMetadataStore metadata_{tables_};
  objectstore::MemoryObjectStore objects_;
  ListeningAgent leader_{runtime_, metadata_, objects_, "leader"};
  ListeningAgent other_{runtime_, metadata_, objects_, "other"};
  std::thread thread_;
  std::optional<Client> leader_client_;
  std::optional<Client> other_client_;
};

TEST_F(LeaderTest, ProducesAreSentOnByATrailer) {
  expect_sent_on(other_client_->produce("orders", "second"));
  v1::ProduceBatchResponse batch;
  expect_sent_on(other_client_->produce_batch(batch_request("orders", {"second"}), batch));
  v1::ProduceRequest anywhere = produce_request("orders", "second");
  anywhere.clear_partition();
  v1::ProduceResponse produced;
  expect_sent_on(other_client_->produce(anywhere, produced));
  EXPECT_EQ(leader_client_->values("orders"), std::vector<std::string>{"first"});
}

TEST_F(LeaderTest, AProduceStreamNamesTheLeaderInItsAnswers) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(60));
  const auto stream = other_client_->records().ProduceStream(&context);
  v1::ProduceStreamRequest request;
  request.set_sequence(7);
  *request.mutable_batch() = batch_request("orders", {"second"});
  ASSERT_TRUE(stream->Write(request));
  v1::ProduceStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.sequence(), 7);
  EXPECT_EQ(response.error().code(), "not_leader");
  EXPECT_EQ(response.error().leader(), leader_.address());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(LeaderTest, ConsumersAreSentOn) {
  expect_sent_on(other_client_->consume(consume_request("orders")).outcome);
}

TEST_F(LeaderTest, DeletionsOfRecordsAreSentOn) {
  v1::DeleteRecordsRequest request;
  request.set_topic("orders");
  request.set_offset(1);
  v1::DeleteRecordsResponse response;
  expect_sent_on(other_client_->call(&v1::AdminService::Stub::DeleteRecords, other_client_->admin(),
                                     request, response));
}

TEST_F(LeaderTest, GroupsAreSentOnToTheirCoordinator) {
  expect_sent_on(commit_offset(*other_client_, 1));
  using Admin = v1::AdminService::Stub;
  v1::EnsureGroupRequest ensure;
  ensure.set_group_id("billing");
  v1::EnsureGroupResponse ensured;
  expect_sent_on(other_client_->call(&Admin::EnsureGroup, other_client_->admin(), ensure, ensured));
  v1::DeleteGroupRequest remove;
  remove.set_group_id("billing");
  v1::DeleteGroupResponse removed;
  expect_sent_on(other_client_->call(&Admin::DeleteGroup, other_client_->admin(), remove, removed));
}

TEST_F(LeaderTest, StreamctlGoesToTheLeaderByItself) {
  const Finished produced = streamctl("produce orders --value second");
  EXPECT_EQ(produced.code, 0) << produced.output;
  const Finished consumed = streamctl("consume orders");
  EXPECT_EQ(consumed.code, 0) << consumed.output;
  EXPECT_EQ(consumed.output, "first\nsecond\n");
  const Finished removed = streamctl("group delete billing");
  EXPECT_EQ(removed.code, 0) << removed.output;
}

TEST_F(LeaderTest, ATopicWhoseLeaderIsDeadGoesAtOnceAndItsNameOnceThatIsTakenOver) {
  lead_elsewhere("away", "127.0.0.1:1");
  v1::DeleteTopicRequest request;
  request.set_name("away");
  v1::DeleteTopicResponse response;
  const auto remove = [&] {
    return verdict(other_client_->call(&v1::AdminService::Stub::DeleteTopic, other_client_->admin(),
                                       request, response));
  };
  EXPECT_EQ(remove(), "ABORTED conflict");
  EXPECT_EQ(remove(), "NOT_FOUND topic_not_found");
  EXPECT_EQ(verdict(other_client_->produce("away", "x")), "NOT_FOUND topic_not_found");
  EXPECT_EQ(verdict(other_client_->create_topic("away")), "ABORTED conflict");
  expire_who_leads_elsewhere();
  const auto deadline = steady_clock::now() + seconds(60);
  std::string created;
  while (created != "OK" && steady_clock::now() < deadline)
    created = verdict(other_client_->create_topic("away"));
  EXPECT_EQ(created, "OK");
}

TEST_F(LeaderTest, StreamctlSaysWhichLeaderItCannotReach) {
  lead_elsewhere("away", "127.0.0.1:1");
  EXPECT_EQ((*other_client_).produce("away", "x").leader, "127.0.0.1:1");
  const Finished refused = streamctl("produce away --value x --timeout 5s");
  EXPECT_EQ(refused.code, 3) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("127.0.0.1:1")) << "where the leader should be";
}

}  // namespace
}  // namespace streamhouse::e2e
