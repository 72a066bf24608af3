#include "rpc/produce/produce_pipeline.h"

#include "rpc/error_status.h"
#include "rpc/records/message_bytes.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;

/// Batches that may wait to be accepted: one is, while the next is read and built.
constexpr std::size_t kArrivedMax = 2;
/// Batches that are not answered yet.
constexpr std::size_t kUnansweredMax = 256;

grpc::ByteBuffer encode_answer(std::int64_t sequence, const base::Result<model::Offset>& outcome) {
  v1::ProduceStreamResponse response;
  response.set_sequence(sequence);
  if (outcome) {
    response.set_base_offset(outcome->value());
  } else {
    v1::Error& error = *response.mutable_error();
    error.set_code(std::string(public_error(outcome.error().code).code));
    error.set_message(outcome.error().text);
    error.set_leader(outcome.error().leader);
  }
  return to_buffer(response);
}

bool lost_leadership(const base::Error& error) {
  return public_error(error.code).code == public_error(Errc::kNotLeader).code;
}

}  // namespace

ProducePipeline::ProducePipeline(CoreBridge& bridge, MemoryBudget::Share memory,
                                 PipelineTransport& transport)
    : bridge_(bridge), memory_(std::move(memory)), transport_(&transport) {}

void ProducePipeline::start() {
  const auto services = bridge_.services();
  if (!services) {
    end_of_input(services.error());
    return;
  }
  services_.emplace(*services);
  bridge_.add(*this);
  read_on();
}

void ProducePipeline::arrive(ArrivedBatch batch) {
  reading_ = false;
  if (transport_ == nullptr || ended_) return;
  arrived_.push_back(std::move(batch));
  if (!accepting_) {
    accepting_ = true;
    bridge_.spawn(accept_arrived(shared_from_this()));
  }
  read_on();
}

void ProducePipeline::end_of_input(base::Status outcome) {
  reading_ = false;
  if (!ended_) ended_ = std::move(outcome);
  end_if_done();
}

void ProducePipeline::drain() {
  end_of_input({Errc::kStopped, "the agent is stopping; ask another"});
}

void ProducePipeline::read_on() {
  const bool room = arrived_.size() < kArrivedMax && answers_.size() < kUnansweredMax;
  if (transport_ == nullptr || reading_ || ended_ || !room) return;
  reading_ = true;
  transport_->read();
}

runtime::Task<void> ProducePipeline::accept_arrived(
    [[maybe_unused]] std::shared_ptr<ProducePipeline> self) {
  while (!arrived_.empty()) {
    ArrivedBatch next = std::move(arrived_.front());
    arrived_.pop_front();
    co_await accept_one(std::move(next));
    read_on();
  }
  accepting_ = false;
  end_if_done();
}

base::Status ProducePipeline::check(const ArrivedBatch& arrived, const Target& target) const {
  if (!arrived.message) return arrived.message.error();
  if (const auto services = bridge_.services(); !services) return services.error();
  if (!lost_.contains(target)) return {};
  return {Errc::kNotLeader, "an earlier batch for " + target.first + "-" +
                                std::to_string(target.second) + " found another leader"};
}

runtime::Task<void> ProducePipeline::accept_one(ArrivedBatch arrived) {
  const auto answer = std::make_shared<Answer>(Answer{.sequence = arrived.sequence});
  answers_.push_back(answer);
  Target target;
  if (arrived.message) {
    target = {arrived.message->topic, arrived.message->partition->value()};
  }
  if (const base::Status checked = check(arrived, target); !checked) {
    settle(*answer, target, checked.error());
    co_return;
  }
  ProduceMessage& message = *arrived.message;
  OnTheWay batch{.answer = answer,
                 .target = target,
                 .batch = {},
                 .records = message.record_count,
                 .bytes = message.batch->size(),
                 .began = bridge_.ports().runtime.now()};
  service::ProduceCall call{.topic = std::move(message.topic),
                            .partition = message.partition,
                            .batch = {.owner = message.batch, .bytes = *message.batch},
                            .when_full = service::WhenFull::kWait,
                            .only_session = session_of(target)};
  auto accepted = co_await services_->produce.accept(std::move(call));
  if (!accepted) {
    settle(*answer, target, accepted.error());
    co_return;
  }
  batch.batch = *std::move(accepted);
  Session& session = sessions_[target];
  session.id = batch.batch.scope->session_id();
  ++session.batches;
  bridge_.spawn(await_commit(shared_from_this(), std::move(batch)));
}

/// Batches of a partition that are on their way at once must be so in one session: a later one
/// could become durable though the earlier ones failed with theirs.
std::optional<model::SessionId> ProducePipeline::session_of(const Target& target) const {
  const auto found = sessions_.find(target);
  if (found == sessions_.end()) return std::nullopt;
  return found->second.id;
}

runtime::Task<void> ProducePipeline::await_commit(
    [[maybe_unused]] std::shared_ptr<ProducePipeline> self, OnTheWay batch) {
  const auto produced = co_await services_->produce.committed(std::move(batch.batch));
  const auto session = sessions_.find(batch.target);
  if (--session->second.batches == 0) sessions_.erase(session);
  if (!produced) {
    settle(*batch.answer, batch.target, produced.error());
    co_return;
  }
  bridge_.ports().metrics.produced({.base_offset = produced->base_offset,
                                    .records = batch.records,
                                    .bytes = batch.bytes,
                                    .duration = bridge_.ports().runtime.now() - batch.began});
  settle(*batch.answer, batch.target, produced->base_offset);
}

void ProducePipeline::settle(Answer& answer, const Target& target,
                             base::Result<model::Offset> outcome) {
  if (!outcome) {
    bridge_.ports().metrics.produce_failed(service::outcome_of(outcome.error()));
    bridge_.ports().metrics.answered(outcome.error());
    if (lost_leadership(outcome.error())) lost_.insert(target);
  }
  answer.outcome = std::move(outcome);
  write_on();
}

void ProducePipeline::write_on() {
  const bool ready = !answers_.empty() && answers_.front()->outcome.has_value();
  if (transport_ == nullptr || writing_ || !ready) return;
  writing_ = true;
  const Answer& answer = *answers_.front();
  transport_->write(encode_answer(answer.sequence, *answer.outcome));
}

void ProducePipeline::written(bool ok) {
  writing_ = false;
  if (transport_ == nullptr) return;
  if (!ok) {
    cancel();
    return;
  }
  answers_.pop_front();
  write_on();
  read_on();
  end_if_done();
}

void ProducePipeline::cancel() {
  if (transport_ == nullptr) return;
  arrived_.clear();
  finish({Errc::kStopped, "the client has gone"});
}

void ProducePipeline::end_if_done() {
  const bool idle = arrived_.empty() && !accepting_ && answers_.empty() && !writing_;
  if (transport_ == nullptr || !ended_ || !idle) return;
  if (!*ended_) bridge_.ports().metrics.answered(ended_->error());
  finish(*ended_);
}

void ProducePipeline::finish(const base::Status& outcome) {
  bridge_.remove(*this);
  memory_.free();
  std::exchange(transport_, nullptr)->finish(outcome);
}

}  // namespace streamhouse::rpc
