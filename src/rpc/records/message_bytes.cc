#include "rpc/records/message_bytes.h"

#include <google/protobuf/message_lite.h>

#include <memory>
#include <utility>

namespace streamhouse::rpc {

MessageBytes::MessageBytes(const grpc::ByteBuffer& message) {
  if (!message.Valid() || message.TrySingleSlice(&slice_).ok()) return;
  const grpc::Status dumped = message.DumpToSingleSlice(&slice_);
  if (!dumped.ok()) slice_ = grpc::Slice();
}

base::Status parse(const grpc::ByteBuffer& encoded, google::protobuf::MessageLite& message) {
  const MessageBytes bytes(encoded);
  const auto size = static_cast<int>(bytes.view().size());
  if (message.ParseFromArray(bytes.view().data(), size)) return {};
  return {base::Errc::kInvalid, "malformed message: " + message.GetTypeName()};
}

grpc::ByteBuffer to_buffer(base::ByteVector&& message) {
  auto owned = std::make_unique<base::ByteVector>(std::move(message));
  base::ByteVector* const bytes = owned.release();
  const auto destroy = [](void* held) {
    const std::unique_ptr<base::ByteVector> last(static_cast<base::ByteVector*>(held));
  };
  const grpc::Slice slice(bytes->data(), bytes->size(), destroy, bytes);
  return {&slice, 1};
}

grpc::ByteBuffer to_buffer(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  base::ByteVector bytes(size);
  message.SerializeWithCachedSizesToArray(bytes.data());
  return to_buffer(std::move(bytes));
}

}  // namespace streamhouse::rpc
