#pragma once
/// \file  StreamApi: the service that carries records, StreamHouseService of the proto.

#include "rpc/core_bridge.h"
#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::rpc {

/// Methods whose messages hold records take them encoded.
using StreamApiBase = v1::StreamHouseService::WithRawCallbackMethod_Produce<
    v1::StreamHouseService::WithRawCallbackMethod_ProduceBatch<
        v1::StreamHouseService::WithRawCallbackMethod_ProduceStream<
            v1::StreamHouseService::WithRawCallbackMethod_Consume<
                v1::StreamHouseService::WithCallbackMethod_CommitOffsets<
                    v1::StreamHouseService::WithCallbackMethod_GetCommittedOffsets<
                        v1::StreamHouseService::Service>>>>>>;

/// Threading: called by gRPC, on its threads.
class StreamApi final : public StreamApiBase {
 public:
  explicit StreamApi(CoreBridge& bridge);
  ~StreamApi() override;

  grpc::ServerUnaryReactor* Produce(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ProduceBatch(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ProduceStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Consume(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* CommitOffsets(grpc::CallbackServerContext* context,
                                          const v1::CommitOffsetsRequest* request,
                                          v1::CommitOffsetsResponse* response) override;
  grpc::ServerUnaryReactor* GetCommittedOffsets(grpc::CallbackServerContext* context,
                                                const v1::GetCommittedOffsetsRequest* request,
                                                v1::GetCommittedOffsetsResponse* response) override;

 private:
  CoreBridge& bridge_;
};

}  // namespace streamhouse::rpc
