#pragma once
/// \file  ProduceStream: batches in a pipeline. Several are on their way at once; they are appended
/// and answered in the order in which they came.

#include <memory>

#include "rpc/core_bridge.h"

namespace streamhouse::rpc {

using ProduceStreamReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

/// Threading: gRPC's threads.
ProduceStreamReactor* answer_produce_stream(CoreBridge& bridge,
                                            grpc::CallbackServerContext* context);

}  // namespace streamhouse::rpc
