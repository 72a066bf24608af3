#pragma once
/// \file  Consume: records of one partition as a stream of messages.

#include "rpc/stream_writer.h"

namespace streamhouse::rpc {

/// Threading: gRPC's threads.
StreamWriter::Reactor* answer_consume(CoreBridge& bridge, grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer& request);

}  // namespace streamhouse::rpc
