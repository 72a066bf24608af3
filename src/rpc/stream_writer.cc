#include "rpc/stream_writer.h"

#include "rpc/error_status.h"

namespace streamhouse::rpc {

using base::Errc;

/// What gRPC calls on its threads. It deletes itself at the end of the call, as gRPC wants it.
class StreamWriter::WriteReactor final : public Reactor {
 public:
  WriteReactor(CoreBridge& bridge, std::shared_ptr<StreamWriter> writer)
      : bridge_(bridge), writer_(std::move(writer)) {}

  void OnWriteDone(bool ok) override {
    bridge_.post([writer = writer_, ok] { writer->written(ok); });
  }
  void OnCancel() override {
    bridge_.post([writer = writer_] { writer->cancel(); });
  }
  void OnDone() override { const std::unique_ptr<WriteReactor> self(this); }

 private:
  CoreBridge& bridge_;
  std::shared_ptr<StreamWriter> writer_;
};

StreamWriter::Reactor* StreamWriter::answer(CoreBridge& bridge,
                                            grpc::CallbackServerContext* context,
                                            MemoryBudget::Share memory, Work work) {
  const auto writer = std::make_shared<StreamWriter>(bridge, context);
  auto reactor = std::make_unique<WriteReactor>(bridge, writer);
  writer->memory_ = std::move(memory);
  writer->reactor_ = reactor.get();
  bridge.post([writer, work = std::move(work)]() mutable {
    writer->bridge_.spawn(writer->run(writer, std::move(work)));
  });
  return reactor.release();
}

StreamWriter::Reactor* StreamWriter::refuse(CoreBridge& bridge,
                                            grpc::CallbackServerContext* context,
                                            const base::Error& error) {
  class RefusingReactor final : public Reactor {
    void OnDone() override { const std::unique_ptr<RefusingReactor> self(this); }
  };
  auto reactor = std::make_unique<RefusingReactor>();
  bridge.ports().metrics.answered(error);
  reactor->Finish(to_status(error, *context));
  return reactor.release();
}

StreamWriter::StreamWriter(CoreBridge& bridge, grpc::CallbackServerContext* context)
    : bridge_(bridge), context_(context), changed_(bridge.ports().runtime) {}

StreamWriter::~StreamWriter() = default;

runtime::Task<void> StreamWriter::run(std::shared_ptr<StreamWriter> self, Work work) {
  const base::Result<Services> services = bridge_.services();
  if (!services) {
    finish(services.error());
    co_return;
  }
  bridge_.add(*this);
  runtime::Task<base::Status> task = work(*services, self);
  const base::Status outcome = co_await std::move(task);
  bridge_.remove(*this);
  finish(outcome);
}

void StreamWriter::finish(const base::Status& outcome) {
  if (!outcome && !cancelled_) bridge_.ports().metrics.answered(outcome.error());
  memory_.free();
  Reactor* const reactor = std::exchange(reactor_, nullptr);
  const grpc::Status status = to_status(outcome, *context_);
  if (outcome && last_) {
    message_ = *last_;
    reactor->StartWriteAndFinish(&message_, grpc::WriteOptions(), status);
  } else {
    reactor->Finish(status);
  }
}

runtime::Task<bool> StreamWriter::write(grpc::ByteBuffer message) {
  if (cancelled_) co_return false;
  message_.Swap(&message);
  writing_ = true;
  reactor_->StartWrite(&message_);
  while (writing_) co_await changed_.wait();
  message_.Clear();
  co_return !cancelled_;
}

void StreamWriter::write_last(const grpc::ByteBuffer& message) { last_ = message; }

void StreamWriter::written(bool ok) {
  writing_ = false;
  if (!ok) cancelled_ = true;
  changed_.notify_all();
}

void StreamWriter::cancel() {
  cancelled_ = true;
  changed_.notify_all();
}

void StreamWriter::drain() {
  draining_ = true;
  changed_.notify_all();
}

base::Status StreamWriter::why_over() const {
  if (cancelled_) return {Errc::kStopped, "the client has gone"};
  return {Errc::kStopped, "the agent is stopping; ask another"};
}

}  // namespace streamhouse::rpc
