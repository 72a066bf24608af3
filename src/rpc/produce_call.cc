#include "rpc/produce_call.h"

#include "rpc/records/message_bytes.h"
#include "rpc/records/produce_message.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc {
namespace {

struct UnaryProduce {
  ProduceKind kind;
  ProduceMessage message;
  MemoryBudget::Share memory;
  grpc::ByteBuffer* response;
};

grpc::ByteBuffer encode_answer(const UnaryProduce& call, const service::Produced& produced) {
  if (call.kind == ProduceKind::kBatch) {
    v1::ProduceBatchResponse response;
    response.set_base_offset(produced.base_offset.value());
    response.set_record_count(call.message.record_count);
    return to_buffer(response);
  }
  v1::ProduceResponse response;
  response.set_partition(produced.partition.value());
  response.set_offset(produced.base_offset.value());
  const bool stamped = produced.timestamp >= 0;
  response.set_timestamp_ms(stamped ? produced.timestamp : call.message.timestamp_ms);
  return to_buffer(response);
}

runtime::Task<base::Status> produce(CoreBridge& bridge, Services services, UnaryProduce call) {
  const runtime::MonoTime began = bridge.ports().runtime.now();
  const std::size_t bytes = call.message.batch.bytes.size();
  service::ProduceCall wanted{.topic = std::move(call.message.topic),
                              .partition = call.message.partition,
                              .key_hash = call.message.key_hash,
                              .batch = std::move(call.message.batch),
                              .when_full = service::WhenFull::kRefuse};
  const auto produced = co_await services.produce.produce(std::move(wanted));
  CallMetrics& metrics = bridge.ports().metrics;
  if (!produced) {
    metrics.produce_failed(produced.error());
    co_return produced.error();
  }
  metrics.produced({.ack = produced->base_offset.value() < 0 ? Ack::kBuffered : Ack::kDurable,
                    .records = call.message.record_count,
                    .bytes = bytes,
                    .duration = bridge.ports().runtime.now() - began});
  *call.response = encode_answer(call, *produced);
  co_return base::Status{};
}

/// The batch has the bytes now: gRPC would keep the request until the call ends.
void drop_request(const grpc::ByteBuffer* request) {
  const_cast<grpc::ByteBuffer*>(request)->Clear();  // gRPC's own object, never read again
}

}  // namespace

grpc::ServerUnaryReactor* answer_produce(CoreBridge& bridge, ProduceKind kind,
                                         UnaryMessages messages) {
  const auto refuse = [&](const base::Error& error) {
    bridge.ports().metrics.produce_failed(error);
    return bridge.refuse(messages.context, error);
  };
  base::Result<ProduceMessage> message = [&] {
    const MessageBytes bytes(*messages.request);
    const runtime::WallMs now = bridge.ports().runtime.wall_now();
    return kind == ProduceKind::kRecord ? decode_produce(bytes.view(), now)
                                        : decode_produce_batch(bytes.view(), now);
  }();
  if (!message) return refuse(message.error());
  drop_request(messages.request);
  base::Result<MemoryBudget::Share> memory = bridge.admit(message->batch.bytes.size());
  if (!memory) return refuse(memory.error());
  UnaryProduce call{.kind = kind,
                    .message = *std::move(message),
                    .memory = *std::move(memory),
                    .response = messages.response};
  return bridge.answer(messages.context,
                       [&bridge, call = std::move(call)](Services services) mutable {
                         return produce(bridge, services, std::move(call));
                       });
}

}  // namespace streamhouse::rpc
