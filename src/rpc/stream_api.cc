#include "rpc/stream_api.h"

#include "rpc/consume/consume_call.h"
#include "rpc/produce/produce_call.h"
#include "rpc/produce/produce_stream.h"

namespace streamhouse::rpc {
namespace {

runtime::Task<base::Status> commit_offsets(Services services,
                                           const v1::CommitOffsetsRequest* request) {
  std::vector<service::TopicOffset> offsets;
  for (const v1::PartitionOffset& offset : request->offsets()) {
    offsets.push_back({.topic = offset.topic(),
                       .partition = model::PartitionIndex(offset.partition()),
                       .offset = model::Offset(offset.offset()),
                       .metadata = offset.metadata()});
  }
  co_return co_await services.groups.commit(request->group(), std::move(offsets));
}

runtime::Task<base::Status> get_committed_offsets(Services services,
                                                  const v1::GetCommittedOffsetsRequest* request,
                                                  v1::GetCommittedOffsetsResponse* response) {
  std::vector<service::TopicOffset> questions;
  for (const v1::TopicPartition& one : request->partitions()) {
    questions.push_back(
        {.topic = one.topic(), .partition = model::PartitionIndex(one.partition())});
  }
  SH_CO_TRY(const auto answers,
            co_await services.groups.committed(request->group(), std::move(questions)));
  for (const service::TopicOffset& answer : answers) {
    v1::PartitionOffset& offset = *response->add_offsets();
    offset.set_topic(answer.topic);
    offset.set_partition(answer.partition.value());
    offset.set_offset(answer.offset.value());
    offset.set_metadata(answer.metadata);
  }
  co_return base::Status{};
}

}  // namespace

StreamApi::StreamApi(CoreBridge& bridge) : bridge_(bridge) {}
StreamApi::~StreamApi() = default;

grpc::ServerUnaryReactor* StreamApi::Produce(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) {
  return answer_produce(bridge_, ProduceKind::kRecord, {context, request, response});
}

grpc::ServerUnaryReactor* StreamApi::ProduceBatch(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return answer_produce(bridge_, ProduceKind::kBatch, {context, request, response});
}

ProduceStreamReactor* StreamApi::ProduceStream(grpc::CallbackServerContext* context) {
  return answer_produce_stream(bridge_, context);
}

StreamWriter::Reactor* StreamApi::Consume(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request) {
  return answer_consume(bridge_, context, *request);
}

grpc::ServerUnaryReactor* StreamApi::CommitOffsets(grpc::CallbackServerContext* context,
                                                   const v1::CommitOffsetsRequest* request,
                                                   v1::CommitOffsetsResponse*) {
  return bridge_.answer(context,
                        [request](Services services) { return commit_offsets(services, request); });
}

grpc::ServerUnaryReactor* StreamApi::GetCommittedOffsets(
    grpc::CallbackServerContext* context, const v1::GetCommittedOffsetsRequest* request,
    v1::GetCommittedOffsetsResponse* response) {
  return bridge_.answer(context, [request, response](Services services) {
    return get_committed_offsets(services, request, response);
  });
}

}  // namespace streamhouse::rpc
