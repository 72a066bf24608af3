#include "service/produce_service.h"

#include "model/recompress.h"
#include "service/partition_error.h"
#include "service/topic_config.h"

namespace streamhouse::service {

namespace {

/// How long the heartbeat that confirms leadership may take.
constexpr auto kConfirmPatience = std::chrono::seconds(5);
/// Of a batch's records that are compressed anew. One batch at a time is.
constexpr std::size_t kRecordsBytesMax = 64u << 20;

base::Status check_size(const metadata::Topic& topic, const ingest::ProducedBatch& batch) {
  const std::size_t bytes_max = batch_bytes_max(topic);
  if (batch.bytes.size() <= bytes_max) return {};
  return {base::Errc::kTooLarge, "a batch of " + std::to_string(batch.bytes.size()) +
                                     " bytes for topic " + topic.name +
                                     ", whose max.message.bytes is " + std::to_string(bytes_max)};
}

/// Of its first record and its latest: those between are not looked at.
base::Status check_times(const metadata::Topic& topic, const ingest::ProducedBatch& batch,
                         runtime::WallMs now) {
  const auto view = model::RecordBatchView::front_of(batch.bytes);
  if (!view) return {};
  SH_TRY_OK(check_timestamp(topic, view->base_timestamp(), now));
  return check_timestamp(topic, view->max_timestamp(), now);
}

base::Result<ingest::ProducedBatch> recompressed(const ingest::ProducedBatch& batch,
                                                 model::Codec codec) {
  SH_TRY(const auto view, model::RecordBatchView::front_of(batch.bytes));
  SH_TRY(base::ByteVector changed, model::recompress(view, codec, kRecordsBytesMax));
  const auto owner = std::make_shared<base::ByteVector>(std::move(changed));
  return ingest::ProducedBatch{.owner = owner, .bytes = *owner};
}

}  // namespace

using base::Errc;

runtime::Task<base::Result<Produced>> ProduceService::produce(ProduceCall call) {
  SH_CO_TRY(AcceptedProduce accepted, co_await accept(std::move(call)));
  co_return co_await committed(std::move(accepted));
}

runtime::Task<base::Result<AcceptedProduce>> ProduceService::accept(ProduceCall call) {
  const runtime::MonoTime deadline = call.deadline.value_or(next_deadline());
  SH_CO_TRY(const cluster::TopicPtr topic, co_await topics_.get(call.topic));
  if (call.topic_id && topic->id != *call.topic_id)
    co_return base::make_error(Errc::kTopicNotFound,
                               "there is no topic with id " + to_string(*call.topic_id));
  SH_CO_TRY(call.partition, choose_partition(*topic, call));
  SH_CO_TRY_OK(check_size(*topic, call.batch));
  SH_CO_TRY_OK(check_times(*topic, call.batch, runtime_.wall_now()));
  const std::size_t bytes = call.batch.bytes.size();
  if (!budget_.try_reserve(bytes)) {
    SH_CO_TRY_OK(co_await wait_for_room(bytes, call.when_full, deadline));
  }
  SH_CO_TRY(call.batch, co_await as_stored(topic, std::move(call.batch)));
  auto accepted = co_await append(topic, std::move(call), deadline);
  co_return accepted;
}

runtime::Task<base::Result<Produced>> ProduceService::committed(AcceptedProduce accepted) {
  Produced produced = accepted.produced;
  if (!accepted.pending) co_return produced;
  ingest::SessionWriter& writer = accepted.scope->writer();
  SH_CO_TRY(const model::OffsetRange offsets,
            co_await writer.committed(*std::move(accepted.pending), accepted.deadline));
  produced.base_offset = offsets.base;
  co_return produced;
}

base::Result<model::PartitionIndex> ProduceService::choose_partition(const metadata::Topic& topic,
                                                                     const ProduceCall& call) {
  if (!call.partition) {
    if (!call.key_hash) return next_in_turn(topic);
    const std::uint32_t positive = *call.key_hash & 0x7fffffff;
    return model::PartitionIndex(static_cast<std::int32_t>(positive) % topic.partition_count);
  }
  const std::int32_t index = call.partition->value();
  if (index >= 0 && index < topic.partition_count) return *call.partition;
  return {Errc::kPartitionNotFound, "topic " + topic.name + " has no partition " +
                                        std::to_string(index) + ", only 0 to " +
                                        std::to_string(topic.partition_count - 1)};
}

model::PartitionIndex ProduceService::next_in_turn(const metadata::Topic& topic) {
  std::int32_t& turn = turns_[topic.no];
  turn = (turn + 1) % topic.partition_count;
  return model::PartitionIndex(turn);
}

/// The batch as the topic keeps it, with as many bytes reserved as it has then. Those that wait for
/// the same thread hold what they came with, no more.
runtime::Task<base::Result<ingest::ProducedBatch>> ProduceService::as_stored(
    cluster::TopicPtr topic, ingest::ProducedBatch batch) {
  const auto codec = stored_codec(*topic);
  const auto view = model::RecordBatchView::front_of(batch.bytes);
  if (!codec || !view || view->codec() == *codec) co_return batch;
  const std::size_t reserved = batch.bytes.size();
  auto work = [batch = std::move(batch), codec] { return recompressed(batch, *codec); };
  base::Result<ingest::ProducedBatch> changed{Errc::kInternal, ""};
  if (compressors_ == nullptr)
    changed = work();
  else
    changed = co_await compressors_->run(std::move(work));
  base::Status fits = changed ? check_size(*topic, *changed) : base::Status(changed.error());
  if (fits) fits = reserve_anew(reserved, changed->bytes.size());
  if (fits) co_return *std::move(changed);
  budget_.release(reserved);
  co_return fits.error();
}

/// Does not wait: what is new would be held meanwhile without being counted.
base::Status ProduceService::reserve_anew(std::size_t before, std::size_t now) {
  if (now <= before)
    budget_.release(before - now);
  else if (!budget_.try_reserve(now - before))
    return throttled();
  return {};
}

base::Error ProduceService::throttled() const {
  return base::make_error(Errc::kThrottled, "the agent buffers " + std::to_string(budget_.used()) +
                                                " of at most " + std::to_string(budget_.limit()) +
                                                " bytes; try again later");
}

runtime::Task<base::Status> ProduceService::wait_for_room(std::size_t bytes, WhenFull when_full,
                                                          runtime::MonoTime deadline) {
  while (!budget_.try_reserve(bytes)) {
    const bool wait = when_full == WhenFull::kWait && runtime_.now() < deadline;
    if (!wait) {
      co_return throttled();
    }
    co_await budget_.wait_for_room(bytes, deadline);
  }
  co_return base::Status{};
}

/// A leader that was replaced without knowing it would see a gap where there is none: a gap is
/// answered only after leadership was confirmed, as P14 asks of offsets out of range.
runtime::Task<base::Result<ingest::Appended>> ProduceService::append_confirmed(
    std::shared_ptr<SessionScope> scope, model::TopicPartition key, ingest::ProducedBatch batch) {
  const bool led = co_await scope->session().confirm(kConfirmPatience);
  if (led) co_return scope->writer().append(key, std::move(batch));
  co_return base::make_error(Errc::kNotLeader, "not led here");
}

base::Result<std::shared_ptr<SessionScope>> ProduceService::scope_for(
    const ProduceCall& call) const {
  auto scope = scope_.get();
  const bool other = scope && call.only_session && *call.only_session != (*scope)->session_id();
  if (!other) return scope;
  return {Errc::kNotLeader, "the session that led the partition has ended"};
}

runtime::Task<base::Result<AcceptedProduce>> ProduceService::append(cluster::TopicPtr topic,
                                                                    ProduceCall call,
                                                                    runtime::MonoTime deadline) {
  const std::size_t bytes = call.batch.bytes.size();
  const model::TopicPartition key{topic->no, *call.partition};
  AcceptedProduce accepted{
      .produced = {.partition = *call.partition, .base_offset = model::Offset(-1)},
      .deadline = deadline};
  if (uses_log_append_time(*topic)) {
    accepted.produced.timestamp = runtime_.wall_now();
    model::stamp_log_append_time(call.batch.bytes, accepted.produced.timestamp);
  }
  const auto view = model::RecordBatchView::front_of(call.batch.bytes);
  const bool wait_for_commit = !acknowledges_buffered(*topic) || (view && view->is_idempotent());
  auto scope = scope_for(call);
  base::Result<ingest::Appended> appended{Errc::kInternal, ""};
  if (scope) {
    appended = (*scope)->writer().append(key, call.batch);
    const bool gap = !appended && appended.error().code == Errc::kOutOfOrderSequence;
    if (gap) appended = co_await append_confirmed(*scope, key, std::move(call.batch));
  } else {
    appended = scope.error();
  }
  if (!appended) {
    budget_.release(bytes);
    co_return co_await partition_error(leaders_, topic->name, key, appended.error());
  }
  accepted.produced.log_start = appended->log_start;
  if (wait_for_commit) accepted.pending = *std::move(appended);
  accepted.scope = *std::move(scope);
  co_return accepted;
}

}  // namespace streamhouse::service
