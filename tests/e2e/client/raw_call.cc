#include "tests/e2e/client/raw_call.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>

#include "base/check.h"

namespace streamhouse::e2e {
namespace {

/// Waits for the one operation in progress; whether it succeeded.
bool await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  SH_CHECK(queue.Next(&tag, &ok), "the queue is open");
  return ok;
}

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  SH_CHECK(buffer.Dump(&slices).ok(), "a message in memory");
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace

RawAnswer raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                   const std::string& message) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  await(queue);
  const grpc::Slice slice(message);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  await(queue);
  RawAnswer answer;
  grpc::ByteBuffer received;
  call->Read(&received, nullptr);
  if (await(queue)) answer.message = text_of(received);
  call->Finish(&answer.status, nullptr);
  await(queue);
  return answer;
}

}  // namespace streamhouse::e2e
