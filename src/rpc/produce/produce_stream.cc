#include "rpc/produce/produce_stream.h"

#include "rpc/error_status.h"
#include "rpc/produce/produce_pipeline.h"
#include "rpc/records/message_bytes.h"

namespace streamhouse::rpc {
namespace {

/// What gRPC calls on its threads. It deletes itself at the end of the call, as gRPC wants it.
class PipelineReactor final : public ProduceStreamReactor, public PipelineTransport {
 public:
  PipelineReactor(CoreBridge& bridge, grpc::CallbackServerContext* context,
                  MemoryBudget::Share memory)
      : bridge_(bridge),
        context_(context),
        pipeline_(std::make_shared<ProducePipeline>(bridge, std::move(memory), *this)) {
    bridge_.post([pipeline = pipeline_] { pipeline->start(); });
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      bridge_.post([pipeline = pipeline_] { pipeline->end_of_input({}); });
      return;
    }
    auto batch = take_batch();
    request_.Clear();
    bridge_.post([pipeline = pipeline_, batch = std::move(batch)]() mutable {
      if (batch) {
        pipeline->arrive(*std::move(batch));
      } else {
        pipeline->end_of_input(batch.error());
      }
    });
  }
  void OnWriteDone(bool ok) override {
    bridge_.post([pipeline = pipeline_, ok] { pipeline->written(ok); });
  }
  void OnCancel() override {
    bridge_.post([pipeline = pipeline_] { pipeline->cancel(); });
  }
  void OnDone() override { const std::unique_ptr<PipelineReactor> self(this); }

 private:
  /// Builds the batch on this thread. An error ends the stream; one of the batch alone does not.
  base::Result<ArrivedBatch> take_batch() const {
    auto memory = bridge_.admit(request_.Length());
    const MessageBytes bytes(request_);
    SH_TRY(const StreamMessage message, decode_stream_message(bytes.view()));
    if (!memory) return ArrivedBatch{message.sequence, memory.error(), {}};
    const runtime::WallMs now = bridge_.ports().runtime.wall_now();
    return ArrivedBatch{message.sequence, decode_produce_batch(message.batch, now),
                        *std::move(memory)};
  }

  // PipelineTransport
  void read() override { StartRead(&request_); }
  void write(grpc::ByteBuffer answer) override {
    answer_.Swap(&answer);
    StartWrite(&answer_);
  }
  void finish(const base::Status& outcome) override { Finish(to_status(outcome, *context_)); }

  CoreBridge& bridge_;
  grpc::CallbackServerContext* context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  std::shared_ptr<ProducePipeline> pipeline_;
};

class RefusingReactor final : public ProduceStreamReactor {
 public:
  void OnDone() override { const std::unique_ptr<RefusingReactor> self(this); }
};

}  // namespace

ProduceStreamReactor* answer_produce_stream(CoreBridge& bridge,
                                            grpc::CallbackServerContext* context) {
  base::Result<MemoryBudget::Share> memory = bridge.admit(kCallBytes);
  if (memory) {
    return std::make_unique<PipelineReactor>(bridge, context, *std::move(memory)).release();
  }
  auto reactor = std::make_unique<RefusingReactor>();
  bridge.ports().metrics.answered(memory.error());
  reactor->Finish(to_status(memory.error(), *context));
  return reactor.release();
}

}  // namespace streamhouse::rpc
