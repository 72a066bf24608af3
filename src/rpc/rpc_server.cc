#include "rpc/rpc_server.h"

#include <absl/synchronization/mutex.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include "rpc/admin_api.h"
#include "rpc/stream_api.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;

constexpr int kMetadataBytesMax = 16 << 10;
constexpr int kKeepaliveMs = 60'000;               ///< Silence after which a connection is probed.
constexpr int kKeepaliveTimeoutMs = 20'000;        ///< Then it has this long to answer.
constexpr int kPingIntervalMinMs = 10'000;         ///< Clients that ping more often are cut off.
constexpr auto kCutOff = std::chrono::seconds(5);  ///< For calls to end after they were cancelled.

void set_limits(grpc::ServerBuilder& builder, const RpcConfig& config) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(config.message_bytes_max));
  builder.SetMaxSendMessageSize(-1);
  grpc::ResourceQuota quota("streamhouse");
  quota.Resize(config.transport_bytes_max);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, config.streams_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMinMs);
}

}  // namespace

class RpcServer::Apis {
 public:
  explicit Apis(CoreBridge& bridge) : stream_(bridge), admin_(bridge) {}

  void register_with(grpc::ServerBuilder& builder) {
    builder.RegisterService(&stream_);
    builder.RegisterService(&admin_);
  }

 private:
  StreamApi stream_;
  AdminApi admin_;
};

RpcServer::RpcServer(runtime::Runtime& runtime, runtime::Metrics& metrics, RpcConfig config)
    : config_(std::move(config)),
      runtime_(runtime),
      metrics_(metrics),
      requests_(config_.request_bytes_max),
      replies_(config_.reply_bytes_max),
      bridge_(
          {.runtime = runtime, .metrics = metrics_, .requests = requests_, .replies = replies_}),
      apis_(std::make_unique<Apis>(bridge_)) {}

RpcServer::~RpcServer() = default;

base::Result<int> RpcServer::start() {
  // What goes wrong is answered or returned; these logs have another form than ours.
  gpr_set_log_function([](gpr_log_func_args*) {});
  google::protobuf::SetLogHandler(nullptr);
  // Where gRPC's libraries are built with assertions, each of its locks would look for cycles.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config_.address, grpc::InsecureServerCredentials(), &port);
  apis_->register_with(builder);
  set_limits(builder, config_);
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0) {
    server_.reset();
    return {Errc::kConflict,
            "cannot listen on " + config_.address + " for gRPC: taken, or no address of this host"};
  }
  set_health(false);
  return port;
}

void RpcServer::serve(Services services) {
  bridge_.open(services);
  set_health(true);
}

void RpcServer::set_health(bool serving) {
  grpc::HealthCheckServiceInterface& health = *server_->GetHealthCheckService();
  for (const char* const name :
       {"", v1::StreamHouseService::service_full_name(), v1::AdminService::service_full_name()}) {
    health.SetServingStatus(name, serving);
  }
}

void RpcServer::stop_serving() {
  if (server_) set_health(false);
  bridge_.close();
}

runtime::Task<void> RpcServer::stop(runtime::BlockingPool& pool, runtime::MonoTime deadline) {
  if (!server_) co_return;
  const auto left = std::max(runtime::Duration(0), deadline - runtime_.now());
  auto shut_down = [server = server_.get(), left] {
    server->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                  gpr_time_from_nanos(left.count(), GPR_TIMESPAN)));
    server->Wait();
    return true;
  };
  co_await pool.run(std::move(shut_down));
  co_await bridge_.wait_idle(runtime_.now() + kCutOff);
  server_.reset();
}

}  // namespace streamhouse::rpc
