#pragma once
/// \file  ScopeWorld: a whole session scope over the in-memory database and object store, each with
/// faults on the way there; it leads all of topic "orders" and every group's shard.

#include "blockcache/checked_object_reader.h"
#include "cluster/catalog/topic_catalog.h"
#include "groups/group_shard.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "service/session_scope.h"
#include "tests/core/session_world.h"

namespace streamhouse::service_testing {

using core_testing::BatchSpec;
using core_testing::milliseconds;
using core_testing::seconds;
using model::Offset;
using model::PartitionIndex;

class ScopeWorld : public core_testing::SessionWorld {
 protected:
  static constexpr std::int32_t kPartitions = 2;

  void SetUp() override {
    SessionWorld::SetUp();
    create_topic("orders", kPartitions, metadata::TopicKind::kUser);
    const auto offsets = create_topic(std::string(groups::kOffsetsTopic),
                                      groups::kOffsetsPartitions, metadata::TopicKind::kInternal);
    const service::ScopePorts ports{agent_, faulty_metadata_, objects_, blocks_, budget_, session_};
    const service::ScopeConfig config{.tail_bytes_max = 1};  // what is committed is in the store
    scope_ = std::make_shared<service::SessionScope>(ports, config, offsets);
    scope_->start();
    group_.spawn(session_.keep_alive());
    current_.set(scope_);
    run(seconds(2));
    ASSERT_EQ(scope_->partitions().size(), std::size_t{kPartitions + groups::kOffsetsPartitions});
  }

  metadata::Topic create_topic(const std::string& name, std::int32_t partition_count,
                               metadata::TopicKind kind) {
    model::TopicId id;
    id.bytes[0] = ++topics_created_;
    const auto topic = tables_.create_topic(
        {.name = name, .id = id, .partition_count = partition_count, .kind = kind});
    SH_CHECK(topic.has_value(), "created");
    return *topic;
  }
  base::Result<ingest::Appended> append(std::int32_t partition, const BatchSpec& spec = {}) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch(spec));
    SH_CHECK(budget_.try_reserve(batch->size()), "room");
    const base::MutableBytesView bytes(*batch);
    auto appended = scope_->writer().append(key(partition), {.owner = batch, .bytes = bytes});
    if (!appended) budget_.release(batch->size());
    return appended;
  }
  /// Appended and committed.
  void produce(std::int32_t partition, const BatchSpec& spec = {}) {
    auto appended = append(partition, spec);
    ASSERT_TRUE(appended) << to_string(appended.error());
    const auto committed =
        wait(scope_->writer().committed(*std::move(appended), agent_.now() + seconds(5)));
    ASSERT_TRUE(committed) << to_string(committed.error());
  }
  /// As the leader moves it.
  void raise_log_start(std::int32_t partition, std::int64_t offset) {
    const auto log = scope_->partitions().find(key(partition));
    ASSERT_TRUE(tables_.advance_log_start(log->key(), session_.id(), log->epoch(), Offset(offset)));
    log->raise_log_start(Offset(offset));
  }
  /// Lets go of a partition for good: another session leads it.
  void give_away(model::TopicPartition partition) {
    ASSERT_TRUE(wait(scope_->writer().release({partition})));
    const metadata::NewSession other{.id = model::SessionId(5),
                                     .agent = {.agent_id = "agent-2", .address = "agent-2:1"},
                                     .timeout_ms = 1'000'000};
    ASSERT_TRUE(tables_.open_session(other));
    const auto row = tables_.get_partition(partition);
    const auto led = tables_.acquire_leases(
        other.id, {{.key = partition, .expected_epoch = row->epoch, .since_seq = model::Seq(1)}});
    ASSERT_TRUE(led && led->front());
  }

  metadata::MetadataFaults metadata_faults_{world_, 3};
  metadata::FaultMetadataStore faulty_metadata_{metadata_, agent_, metadata_faults_};
  blockcache::CheckedObjectReader blocks_{objects_, 1u << 20};
  ingest::BufferBudget budget_{agent_, 1u << 20};
  cluster::TopicCatalog topics_{agent_, metadata_, group_};
  std::shared_ptr<service::SessionScope> scope_;
  service::CurrentScope current_;

 private:
  std::uint8_t topics_created_ = 0;
};

}  // namespace streamhouse::service_testing
