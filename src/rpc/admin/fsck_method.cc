#include "rpc/admin_api.h"
#include "rpc/records/message_bytes.h"
#include "rpc/stream_writer.h"

namespace streamhouse::rpc {
namespace {

using base::Status;
using runtime::Task;
using WriterPtr = std::shared_ptr<StreamWriter>;

void describe(const upkeep::Finding& finding, v1::Violation& out) {
  out.set_invariant(finding.invariant);
  if (!finding.object.empty()) out.set_object(finding.object);
  if (!finding.topic.empty()) out.set_topic(finding.topic);
  if (finding.partition) out.set_partition_id(finding.partition->partition.value());
  if (finding.offset) out.set_offset(finding.offset->value());
  out.set_detail(finding.detail);
}

/// Passes each report on as a message.
class MessageSink final : public upkeep::FsckSink {
 public:
  explicit MessageSink(WriterPtr writer) : writer_(std::move(writer)) {}

  Task<Status> report(upkeep::FsckCounts counts, upkeep::Findings found) override {
    v1::FsckResponse message;
    message.set_objects(counts.objects);
    message.set_records(counts.records);
    message.set_bytes(counts.bytes);
    for (const upkeep::Finding& finding : found) describe(finding, *message.add_violations());
    const grpc::ByteBuffer encoded = to_buffer(message);
    const bool written = co_await writer_->write(encoded);
    if (!written || writer_->over()) co_return writer_->why_over();
    co_return Status{};
  }

 private:
  WriterPtr writer_;
};

Task<Status> fsck(Services services, WriterPtr writer) {
  MessageSink sink(std::move(writer));
  co_return co_await services.fsck.run(&sink);
}

}  // namespace

StreamWriter::Reactor* AdminApi::Fsck(Context* context, const grpc::ByteBuffer* message) {
  v1::FsckRequest request;
  if (const base::Status parsed = parse(*message, request); !parsed) {
    return StreamWriter::refuse(bridge_, context, parsed.error());
  }
  auto memory = bridge_.admit(kCallBytes + upkeep::ObjectCheck::kReadBytes);
  if (!memory) return StreamWriter::refuse(bridge_, context, memory.error());
  return StreamWriter::answer(bridge_, context, *std::move(memory), fsck);
}

}  // namespace streamhouse::rpc
