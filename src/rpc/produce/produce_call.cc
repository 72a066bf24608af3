#include "rpc/produce/produce_call.h"

#include "rpc/records/message_bytes.h"
#include "rpc/records/produce_message.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc {
namespace {

struct UnaryProduce {
  ProduceKind kind;
  ProduceMessage message;
  MemoryBudget::Share call_memory;
  MemoryBudget::Share message_memory;  ///< Until the batch is accepted.
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
  const std::size_t bytes = call.message.batch->size();
  service::ProduceCall wanted{.topic = std::move(call.message.topic),
                              .partition = call.message.partition,
                              .key_hash = call.message.key_hash,
                              .batch = {.owner = call.message.batch, .bytes = *call.message.batch},
                              .when_full = service::WhenFull::kRefuse};
  CallMetrics& metrics = bridge.ports().metrics;
  auto accepted = co_await services.produce.accept(std::move(wanted));
  call.message_memory.free();
  if (!accepted) {
    metrics.produce_failed(service::outcome_of(accepted.error()));
    co_return accepted.error();
  }
  const auto produced = co_await services.produce.committed(*std::move(accepted));
  if (!produced) {
    metrics.produce_failed(service::outcome_of(produced.error()));
    co_return produced.error();
  }
  metrics.produced({.base_offset = produced->base_offset,
                    .records = call.message.record_count,
                    .bytes = bytes,
                    .duration = bridge.ports().runtime.now() - began});
  *call.response = encode_answer(call, *produced);
  co_return base::Status{};
}

/// Reads the message and forgets it: gRPC would keep it until the call ends.
base::Result<ProduceMessage> take_message(const CoreBridge& bridge, ProduceKind kind,
                                          const grpc::ByteBuffer* request) {
  const runtime::WallMs now = bridge.ports().runtime.wall_now();
  const MessageBytes bytes(*request);
  const_cast<grpc::ByteBuffer*>(request)->Clear();  // gRPC's own object, not read again
  return kind == ProduceKind::kRecord ? decode_produce(bytes.view(), now)
                                      : decode_produce_batch(bytes.view(), now);
}

}  // namespace

grpc::ServerUnaryReactor* answer_produce(CoreBridge& bridge, ProduceKind kind,
                                         UnaryMessages messages) {
  const auto refuse = [&](const base::Error& error) {
    bridge.ports().metrics.produce_failed(service::outcome_of(error));
    return bridge.refuse(messages.context, error);
  };
  auto call_memory = bridge.admit(kCallBytes);
  if (!call_memory) return refuse(call_memory.error());
  auto message_memory = bridge.admit(messages.request->Length());
  if (!message_memory) return refuse(message_memory.error());
  auto message = take_message(bridge, kind, messages.request);
  if (!message) return refuse(message.error());
  UnaryProduce call{.kind = kind,
                    .message = *std::move(message),
                    .call_memory = *std::move(call_memory),
                    .message_memory = *std::move(message_memory),
                    .response = messages.response};
  return bridge.answer(messages.context,
                       [&bridge, call = std::move(call)](Services services) mutable {
                         return produce(bridge, services, std::move(call));
                       });
}

}  // namespace streamhouse::rpc
