#pragma once
/// \file  Encoded messages between gRPC's buffers and our byte ranges.

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include "base/bytes.h"
#include "base/error.h"

namespace google::protobuf {
class MessageLite;
}

namespace streamhouse::rpc {

/// The bytes of a message in one piece: copied only if gRPC received them in several.
class MessageBytes {
 public:
  explicit MessageBytes(const grpc::ByteBuffer& message);
  base::BytesView view() const { return {slice_.begin(), slice_.size()}; }

 private:
  grpc::Slice slice_;
};

/// Errors: kInvalid, naming the message's type.
base::Status parse(const grpc::ByteBuffer& encoded, google::protobuf::MessageLite& message);

/// Takes over the vector's storage, no copy.
grpc::ByteBuffer to_buffer(base::ByteVector&& message);
grpc::ByteBuffer to_buffer(const google::protobuf::MessageLite& message);

}  // namespace streamhouse::rpc
