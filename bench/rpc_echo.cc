// gRPC without StreamHouse: answers Produce, ProduceBatch and Consume at once with the same
// messages. What it costs is what a call costs before anybody does any work; the agent is measured
// beside it. Prints a line `ready HOST:PORT`, then serves until it is killed.
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <cstdio>
#include <memory>
#include <string>

#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace {

namespace v1 = streamhouse::v1;
using Service = v1::StreamHouseService;
using Base = Service::WithRawCallbackMethod_Produce<Service::WithRawCallbackMethod_ProduceBatch<
    Service::WithCallbackMethod_Consume<Service::Service>>>;

grpc::ByteBuffer encoded(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

class EchoService final : public Base {
 public:
  EchoService() {
    v1::ProduceResponse produced;
    produced.set_offset(1'000'000);
    produced.set_timestamp_ms(1'700'000'000'000);
    produced_ = encoded(produced);
    v1::ProduceBatchResponse batch;
    batch.set_base_offset(1'000'000);
    batch.set_record_count(100);
    batch_ = encoded(batch);
    v1::ConsumedRecord& record = *consumed_.add_records();
    record.set_offset(1'000'000);
    record.mutable_record()->set_value(std::string(100, 'v'));
    consumed_.set_high_watermark(2'000'000);
  }

  grpc::ServerUnaryReactor* Produce(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                    grpc::ByteBuffer* response) override {
    *response = produced_;
    return finished(context);
  }
  grpc::ServerUnaryReactor* ProduceBatch(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer*,
                                         grpc::ByteBuffer* response) override {
    *response = batch_;
    return finished(context);
  }
  grpc::ServerWriteReactor<v1::ConsumeResponse>* Consume(grpc::CallbackServerContext*,
                                                         const v1::ConsumeRequest*) override {
    struct OneMessage final : grpc::ServerWriteReactor<v1::ConsumeResponse> {
      void OnDone() override { const std::unique_ptr<OneMessage> self(this); }
    };
    auto reactor = std::make_unique<OneMessage>();
    reactor->StartWriteAndFinish(&consumed_, {}, grpc::Status::OK);
    return reactor.release();
  }

 private:
  static grpc::ServerUnaryReactor* finished(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ByteBuffer produced_;
  grpc::ByteBuffer batch_;
  v1::ConsumeResponse consumed_;
};

}  // namespace

int main() {
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 10'000);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::printf("ready 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();
}
