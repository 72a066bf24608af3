#pragma once
/// \file  Unary produce calls, from the encoded request to the encoded answer.

#include "rpc/core_bridge.h"

namespace streamhouse::rpc {

enum class ProduceKind : std::uint8_t { kRecord, kBatch };

/// What gRPC hands to a unary handler. All of it lives until the call ends.
struct UnaryMessages {
  grpc::CallbackServerContext* context;
  const grpc::ByteBuffer* request;
  grpc::ByteBuffer* response;
};

/// Builds the batch on this thread, then hands it to the core.
/// Threading: gRPC's threads.
grpc::ServerUnaryReactor* answer_produce(CoreBridge& bridge, ProduceKind kind,
                                         UnaryMessages messages);

}  // namespace streamhouse::rpc
