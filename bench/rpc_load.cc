// Produces single records to an agent as fast as it answers or at a steady rate, and prints what
// came of it, and how long it took, as one JSON object.
// Usage: rpc_load ADDRESS [--name value]...; names and defaults: struct Plan.
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "bench/figure.h"
#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::bench {
namespace {

struct Plan {
  std::string address;
  std::string topic = "bench";
  int calls = 10'000;
  int in_flight = 256;  ///< At most so many calls at once.
  int rate = 0;         ///< Calls a second; 0 = as soon as another has ended.
  int connections = 2;
  int value_bytes = 100;

  static Plan of(int argc, char** argv) {
    if (argc < 2) throw std::invalid_argument("the agent's ADDRESS is missing");
    Plan plan{.address = argv[1]};
    const std::map<std::string_view, int*> numbers = {{"--calls", &plan.calls},
                                                      {"--in-flight", &plan.in_flight},
                                                      {"--rate", &plan.rate},
                                                      {"--connections", &plan.connections},
                                                      {"--value-bytes", &plan.value_bytes}};
    for (int i = 2; i + 1 < argc; i += 2) {
      if (std::string_view(argv[i]) == "--topic") {
        plan.topic = argv[i + 1];
      } else {
        *numbers.at(argv[i]) = std::stoi(argv[i + 1]);
      }
    }
    return plan;
  }
};

/// A call in progress; gRPC returns its address when it has ended.
struct Call {
  grpc::ClientContext context;
  grpc::Status status;
  v1::ProduceResponse response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ProduceResponse>> reader;
  Clock::time_point due;  ///< When it was to begin: waiting for a free place counts.
};

class Load {
 public:
  explicit Load(Plan plan) : plan_(std::move(plan)) {
    for (int i = 0; i < plan_.connections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
      stubs_.push_back(v1::StreamHouseService::NewStub(
          grpc::CreateCustomChannel(plan_.address, grpc::InsecureChannelCredentials(), arguments)));
    }
    v1::Record& record = *request_.mutable_record();
    record.set_value(std::string(static_cast<std::size_t>(plan_.value_bytes), 'v'));
    record.set_timestamp_ms(1'700'000'000'000);
    request_.set_topic(plan_.topic);
  }

  void run() {
    times_.reserve(static_cast<std::size_t>(plan_.calls));
    began_ = Clock::now();
    while (ended_ < plan_.calls) {
      while (may_start()) start();
      void* tag = nullptr;
      bool ok = false;
      if (queue_.AsyncNext(&tag, &ok, next_start()) != grpc::CompletionQueue::GOT_EVENT) continue;
      end(std::unique_ptr<Call>(static_cast<Call*>(tag)));
    }
    seconds_ = since(began_);
  }

  void print() const {
    std::printf(
        "{\"calls\":%d,\"failed\":%d,\"seconds\":%.6f,\"p50_ms\":%.4f,\"p99_ms\":%.4f,"
        "\"client_processor_seconds\":%.6f,\"error\":\"%s\"}\n",
        ended_, failed_, seconds_, percentile(times_, 0.5) * 1e3, percentile(times_, 0.99) * 1e3,
        processor_seconds(), first_error_.c_str());
  }
  bool succeeded() const { return failed_ == 0; }

 private:
  static double since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }
  Clock::time_point due(int call) const {
    if (plan_.rate == 0) return Clock::now();
    return began_ + std::chrono::nanoseconds(1'000'000'000LL * call / plan_.rate);
  }
  bool may_start() const {
    return started_ < plan_.calls && started_ - ended_ < plan_.in_flight &&
           due(started_) <= Clock::now();
  }
  /// Until when nothing is to be started.
  std::chrono::system_clock::time_point next_start() const {
    const auto now = std::chrono::system_clock::now();
    const bool waits =
        plan_.rate == 0 || started_ == plan_.calls || started_ - ended_ >= plan_.in_flight;
    if (waits) return now + std::chrono::minutes(1);
    return now +
           std::chrono::duration_cast<std::chrono::microseconds>(due(started_) - Clock::now());
  }

  void start() {
    v1::StreamHouseService::Stub& stub =
        *stubs_[static_cast<std::size_t>(started_) % stubs_.size()];
    auto call = std::make_unique<Call>();
    call->due = due(started_);
    ++started_;
    call->reader = stub.AsyncProduce(&call->context, request_, &queue_);
    Call* const started = call.release();
    started->reader->Finish(&started->response, &started->status, started);
  }

  void end(std::unique_ptr<Call> call) {
    ++ended_;
    times_.push_back(since(call->due));
    if (call->status.ok()) return;
    if (failed_++ == 0) first_error_ = call->status.error_message();
  }

  Plan plan_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<v1::StreamHouseService::Stub>> stubs_;
  v1::ProduceRequest request_;
  int started_ = 0;
  int ended_ = 0;
  int failed_ = 0;
  std::string first_error_;
  Clock::time_point began_;
  double seconds_ = 0;
  std::vector<double> times_;
};

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  streamhouse::bench::Load load(streamhouse::bench::Plan::of(argc, argv));
  load.run();
  load.print();
  return load.succeeded() ? 0 : 1;
}
