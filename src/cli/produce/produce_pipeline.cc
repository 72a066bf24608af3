#include "cli/produce/produce_pipeline.h"

#include <algorithm>
#include <limits>

namespace streamhouse::cli {

using base::Errc;
using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr auto kClosePatience = std::chrono::seconds(1);

ProduceWindow::Limits limits_of(const Client& client) {
  ProduceWindow::Limits limits;
  limits.patience = client.timeout();
  return limits;
}

}  // namespace

ProducePipeline::ProducePipeline(Client& client, std::string topic)
    : client_(client),
      window_(client.server(), std::move(topic), limits_of(client)),
      last_answer_(Clock::now()) {}

ProducePipeline::~ProducePipeline() {
  for (auto& stream : streams_) stream.context.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

Status ProducePipeline::submit(Batch batch) {
  if (window_.in_flight() == 0) last_answer_ = Clock::now();
  while (window_.full() && !window_.failure()) wait_for_progress();
  if (window_.failure()) return drain();
  window_.submit(std::move(batch));
  send_what_may_leave();
  while (handle_event(Clock::time_point())) send_what_may_leave();  // only what is there
  return {};
}

Status ProducePipeline::drain() {
  while (window_.in_flight() > 0 || (!window_.empty() && !window_.failure())) wait_for_progress();
  if (auto failure = window_.failure()) return *std::move(failure);
  return {};
}

void ProducePipeline::close() {
  const auto deadline = Clock::now() + kClosePatience;
  do {
    end_streams_before(std::numeric_limits<std::int64_t>::max());
  } while (!streams_.empty() && handle_event(deadline));
}

void ProducePipeline::wait_for_progress() {
  send_what_may_leave();
  const auto give_up_at = last_answer_ + client_.timeout();
  const auto deadline = std::min(give_up_at, window_.resume_at().value_or(give_up_at));
  if (handle_event(deadline) || window_.in_flight() == 0 || Clock::now() < give_up_at) return;
  for (auto& stream : streams_) {
    window_.lost(stream.address, client_.note(no_answer_from(stream.address)));
    stream.context.TryCancel();
  }
}

void ProducePipeline::send_what_may_leave() {
  for (;;) {
    std::set<std::string> busy;
    for (const auto& stream : streams_) {
      const bool unready = stream.writing || stream.ending;
      if (unready && stream.round == window_.round()) busy.insert(stream.address);
    }
    const auto next = window_.next(busy, Clock::now());
    end_streams_before(window_.round());
    if (!next) return;
    const auto stream = open_stream(next->address);
    if (stream) {
      send(*next, **stream);
    } else if (next->address == client_.server()) {
      window_.refused(next->sequence, stream.error(), Clock::now());
    } else {  // the leader has gone, and another one will come
      window_.refused(next->sequence, {Errc::kNotLeader, stream.error().text}, Clock::now());
    }
  }
}

void ProducePipeline::send(const ProduceWindow::Send& send, Stream& stream) {
  stream.outgoing.set_sequence(send.sequence);
  *stream.outgoing.mutable_batch() = *send.batch;
  stream.writing = true;
  if (stream.started) write(stream);
}

void ProducePipeline::write(Stream& stream) {
  ++stream.pending;
  stream.calls->Write(stream.outgoing, &stream.write);
}

void ProducePipeline::read(Stream& stream) {
  ++stream.pending;
  stream.calls->Read(&stream.answer, &stream.read);
}

ProducePipeline::Stream* ProducePipeline::current_stream(const std::string& address) {
  for (auto& stream : streams_) {
    if (stream.address == address && stream.round == window_.round() && !stream.ending) {
      return &stream;
    }
  }
  return nullptr;
}

Result<ProducePipeline::Stream*> ProducePipeline::open_stream(const std::string& address) {
  if (auto* const stream = current_stream(address)) return stream;
  SH_TRY(auto* const peer, client_.peer(address, Clock::now() + client_.timeout()));
  auto& stream = streams_.emplace_back();
  stream.address = address;
  stream.round = window_.round();
  stream.calls = peer->records->PrepareAsyncProduceStream(&stream.context, &queue_);
  stream.pending = 1;
  stream.calls->StartCall(&stream.start);
  return &stream;
}

void ProducePipeline::end_streams_before(std::int64_t round) {
  for (auto& stream : streams_) {
    if (stream.round >= round || stream.ending || stream.writing) continue;
    stream.ending = true;
    ++stream.pending;
    stream.calls->WritesDone(&stream.end_writes);
  }
}

bool ProducePipeline::handle_event(Clock::time_point deadline) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
  handle(*static_cast<Tag*>(tag), ok);
  return true;
}

void ProducePipeline::handle(const Tag& tag, bool ok) {
  auto& stream = *tag.stream;
  --stream.pending;
  switch (tag.operation) {
    case Operation::kStart:
      if (!ok) {
        finish(stream);
        break;
      }
      stream.started = true;
      read(stream);
      write(stream);  // a stream is opened for a batch
      break;
    case Operation::kWrite:
      stream.writing = false;
      break;
    case Operation::kRead:
      if (!ok) {
        finish(stream);
        break;
      }
      handle_answer(stream);
      read(stream);
      break;
    case Operation::kEndWrites:
      break;
    case Operation::kFinish:
      stream.finished = true;
      handle_end(stream);
      break;
  }
  if (stream.finished && stream.pending == 0) {
    streams_.remove_if([&](const Stream& each) { return &each == &stream; });
  }
}

/// The agent has ended it: why, is asked.
void ProducePipeline::finish(Stream& stream) {
  stream.ending = true;
  ++stream.pending;
  stream.calls->Finish(&stream.status, &stream.finish);
}

void ProducePipeline::handle_answer(Stream& stream) {
  const auto& answer = stream.answer;
  last_answer_ = Clock::now();
  if (!window_.awaits(answer.sequence(), stream.address)) return stream.context.TryCancel();
  if (!answer.has_error()) return window_.acknowledged(answer.sequence(), answer.base_offset());
  const auto& error = answer.error();
  const Error refusal{errc_named(error.code()), error.message(), error.leader()};
  window_.refused(answer.sequence(), client_.note({refusal, Answered::kYes}), last_answer_);
}

void ProducePipeline::handle_end(const Stream& stream) {
  if (stream.round != window_.round() || window_.in_flight() == 0) return;
  const auto failure = stream.status.ok()
                           ? Failure{{Errc::kUnknownOutcome, stream.address + " ended the stream"}}
                           : failure_of(stream.status, stream.context, stream.address);
  window_.lost(stream.address, client_.note(failure));
}

}  // namespace streamhouse::cli
