#include "agent/process/server.h"

#include <unistd.h>

#include "net/connection_count.h"
#include "ops/ops_routes.h"
#include "runtime/retry/backoff.h"
#include "service/admin/store_record.h"

namespace streamhouse::agent {
namespace {

using base::Errc;
using base::Status;
using runtime::Task;

/// How long what was accepted may take to become durable once the agent is told to stop.
constexpr auto kDrainMax = std::chrono::seconds(60);
/// How long calls in progress may take to be answered after that.
constexpr auto kAnswerMax = std::chrono::seconds(10);
constexpr auto kHealthInterval = std::chrono::milliseconds(500);
constexpr auto kCountInterval = std::chrono::seconds(10);

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "agent";
  return name;
}

net::HostPort with_port(net::HostPort address, int port) {
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

/// gRPC's buffers, messages and answers together stay about as large as the batches they carry.
rpc::RpcConfig rpc_config(const Config& config) {
  return {.address = net::to_string(config.listeners.grpc),
          .request_bytes_max = std::max<std::size_t>(config.core.buffer_limit / 2, 32u << 20)};
}

constexpr std::size_t kKafkaBytesMin = 64u << 20;

std::size_t kafka_reply_bytes_max(const Config& config) {
  return std::max(config.core.buffer_limit / 4, kKafkaBytesMin);
}

/// Requests on their way in may have half as much again, and one of them that much alone. Replies
/// have records, which have a bound, and as much again of everything else.
net::FrameLimits kafka_limits(const Config& config) {
  net::FrameLimits limits;
  limits.request_bytes_max = std::max(config.core.buffer_limit / 2, kKafkaBytesMin);
  limits.frame_bytes_max = std::min(limits.frame_bytes_max, limits.request_bytes_max / 2);
  limits.replies_bytes_max = 2 * kafka_reply_bytes_max(config);
  return limits;
}

}  // namespace

Server::Server(runtime::AsioRuntime& runtime, runtime::Log log, Config config,
               Stores::WrapObjects wrap)
    : runtime_(runtime),
      log_(log),
      config_(std::move(config)),
      agent_metrics_(metrics_),
      ops_routes_(ops::ops_routes(readiness_, metrics_)),
      group_(runtime),
      front_end_pool_(runtime, {.name = "front-end", .threads = 1}),
      compressors_(runtime, {.name = "compressor", .threads = 1}),
      stores_(runtime, metrics_, std::move(wrap)),
      rpc_(runtime, metrics_, rpc_config(config_)),
      kafka_(runtime, metrics_, kafka_limits(config_), kafka_reply_bytes_max(config_)),
      changed_(runtime) {
  readiness_.hold("agent", "starting");
}

Server::~Server() = default;

void Server::request_stop() {
  group_.stop();
  changed_.notify_all();
}

Task<Status> Server::run(Announce ready) {
  Status lived = co_await live(std::move(ready));
  Status ended = co_await end();
  co_return lived ? ended : lived;
}

Task<Status> Server::live(Announce ready) {
  SH_CO_TRY_OK(listen());
  SH_CO_TRY_OK(co_await open());
  if (group_.stopping()) co_return Status{};
  build_core();
  runtime_.spawn(run_core());
  co_return co_await serve(std::move(ready));
}

Status Server::listen() {
  SH_TRY_OK(listen_http());
  Listeners& listeners = config_.listeners;
  SH_TRY(const int port, rpc_.start());
  listeners.grpc = with_port(listeners.grpc, port);
  metadata::AgentInfo& agent = config_.core.agent;
  if (agent.agent_id.empty()) agent.agent_id = host_name() + "-" + std::to_string(port);
  agent.address = net::to_string(listeners.advertised_grpc.value_or(listeners.grpc));
  SH_TRY(listeners.kafka, kafka_.listen(listeners.kafka));
  agent.metadata[kafka::kKafkaAddressKey] =
      net::to_string(listeners.advertised_kafka.value_or(listeners.kafka));
  log_.info("listening", {{"grpc", net::to_string(listeners.grpc)},
                          {"http", net::to_string(listeners.http)},
                          {"kafka", net::to_string(listeners.kafka)},
                          {"agent_id", agent.agent_id}});
  return {};
}

Status Server::listen_http() {
  auto answer = [this](const net::HttpRequest& request) { return answer_http(request); };
  http_ =
      std::make_unique<net::HttpServer>(runtime_, net::HttpServer::Options{}, std::move(answer));
  SH_TRY(config_.listeners.http, http_->listen(config_.listeners.http));
  return {};
}

/// Opens both stores; tries again while that may help.
Task<Status> Server::open() {
  const auto opened = [this](const char* name, const Status& status) {
    report(name, status ? std::optional<base::Error>() : status.error());
    return status || base::retryability(status.error().code) != base::Retry::kAfterBackoff;
  };
  runtime::Backoff backoff;
  while (!group_.stopping()) {
    const Status objects = co_await stores_.open_objects(config_.object_store, config_.aws);
    if (opened("object_store", objects)) {
      if (!objects) co_return objects;
      break;
    }
    co_await group_.sleep_until_stop(backoff.next(runtime_.random()));
  }
  if (config_.database.allow_async_standbys)
    log_.warn("asynchronous standbys are allowed: one that is promoted lacks acknowledged records");
  const metadata::AgentInfo& agent = config_.core.agent;
  while (!group_.stopping()) {
    std::string holder = agent.agent_id + " at " + agent.address;
    auto opening = stores_.open_metadata(config_.database, std::move(holder), config_.aws);
    const Status metadata = co_await std::move(opening);
    if (opened("metadata", metadata)) co_return metadata;
    co_await group_.sleep_until_stop(backoff.next(runtime_.random()));
  }
  co_return Status{};
}

void Server::build_core() {
  if (stores_.exclusive()) config_.core.session.predecessors = cluster::Predecessors::kEveryone;
  leaders_ = std::make_unique<cluster::LeaderDirectory>(runtime_, stores_.metadata(), group_,
                                                        config_.core.agent.address);
  core_ = std::make_unique<AgentCore>(CorePorts{.runtime = runtime_,
                                                .metadata = stores_.metadata(),
                                                .objects = stores_.objects(),
                                                .blocks = stores_.blocks(),
                                                .rows = &agent_metrics_,
                                                .leaders = leaders_.get(),
                                                .compressors = &compressors_},
                                      config_.core);
}

Task<void> Server::run_core() {
  core_ended_ = co_await core_->run();
  changed_.notify_all();
}

Task<Status> Server::serve(Announce ready) {
  group_.spawn(watch_health());
  group_.spawn(count_objects());
  group_.spawn(record_object_store());
  while (!core_->ready() && !core_ended_ && !group_.stopping()) {
    const runtime::MonoTime look_again = runtime_.now() + std::chrono::milliseconds(5);
    co_await core_->changed().wait_until(look_again);
  }
  if (!core_ended_ && !group_.stopping()) {
    open_front_ends();
    readiness_.release("agent");
    served_ = true;
    log_.info("ready", {{"session", to_string(core_->session_id())}});
    ready(ready_line());
  }
  while (!core_ended_ && !group_.stopping()) co_await changed_.wait();
  co_return core_ended_.value_or(Status{});
}

void Server::open_front_ends() {
  const auto& bucket = config_.object_store.bucket;
  rpc_.serve({.produce = core_->produce(),
              .fetch = core_->fetch(),
              .catalog = core_->topics(),
              .topics = core_->topic_service(),
              .groups = core_->groups(),
              .cluster = core_->cluster(),
              .segments = core_->segments(),
              .fsck = core_->fsck(),
              .default_partitions = config_.topics.partitions,
              .bucket = bucket ? std::string_view(bucket->bucket) : "",
              .key_prefix = bucket ? std::string_view(bucket->prefix) : ""});
  kafka_.serve({.produce = core_->produce(),
                .producers = core_->producers(),
                .fetch = core_->fetch(),
                .topic_service = core_->topic_service(),
                .groups = core_->groups(),
                .membership = core_->membership(),
                .cluster = core_->cluster(),
                .topics = core_->topics(),
                .leaders = *leaders_},
               {.cluster_id = to_string(core_->cluster_id()),
                .auto_create_topics = config_.topics.auto_create,
                .default_partitions = config_.topics.partitions,
                .group_initial_rebalance_delay =
                    config_.core.scope.groups.membership.initial_rebalance_delay});
}

std::string Server::ready_line() const {
  return "streamhouse ready version=" SH_VERSION " agent=" + config_.core.agent.agent_id +
         " session=" + to_string(core_->session_id()) +
         " grpc=" + net::to_string(config_.listeners.grpc) +
         " http=" + net::to_string(config_.listeners.http) +
         " kafka=" + net::to_string(config_.listeners.kafka) +
         " database=" + config_.database.scheme + " object_store=" + config_.object_store.url;
}

/// Lets calls in progress be answered and what was accepted become durable, then closes everything
/// in the reverse order.
Task<Status> Server::end() {
  group_.stop();
  readiness_.hold("agent", "stopping");
  log_.info("stopping");
  rpc_.stop_serving();
  Status drained;
  const runtime::MonoTime deadline = runtime_.now() + kDrainMax;
  if (core_ && !core_ended_) drained = co_await core_->stop(deadline);
  while (core_ && !core_ended_) co_await changed_.wait();
  log_.debug("core stopped");
  co_await rpc_.stop(front_end_pool_, runtime_.now() + kAnswerMax);
  log_.debug("gRPC stopped");
  co_await kafka_.close(runtime_.now() + kAnswerMax);
  log_.debug("Kafka stopped");
  co_await group_.close();
  if (http_) co_await http_->close();
  if (drained) log_.info("stopped");
  co_return drained;
}

void Server::report(const std::string& part, const std::optional<base::Error>& trouble) {
  std::string& last = troubles_[part];
  const std::string text = trouble ? trouble->text : "";
  if (text == last) return;
  last = text;
  if (trouble) {
    log_.warn("not ready", {{"part", part}, {"error", to_string(*trouble)}});
    readiness_.hold(part, text);
  } else {
    log_.info("ready again", {{"part", part}});
    readiness_.release(part);
  }
}

std::optional<base::Error> Server::stalled(Stall::Of of) const {
  const auto scope = core_->scope().get();
  if (!scope) return std::nullopt;
  const auto stall = (*scope)->writer().commits().stalled(config_.core.scope.writer.overdue_after);
  return stall && stall->of == of ? std::optional(stall->why) : std::nullopt;
}

std::optional<base::Error> Server::metadata_trouble() const {
  if (const auto& trouble = stores_.metadata_trouble()) return trouble;
  const runtime::Duration silence = runtime_.now() - core_->last_heartbeat();
  if (core_->ready() && silence > config_.core.session.session_timeout) {
    return base::make_error(Errc::kUnavailable, "no heartbeat has succeeded for a session timeout");
  }
  return stalled(Stall::Of::kDatabase);
}

std::optional<base::Error> Server::object_store_trouble() const {
  if (const auto& trouble = stores_.objects_trouble()) return trouble;
  return stalled(Stall::Of::kObjectStore);
}

/// Clients of a damaged partition are told; the others are served, so it closes nothing.
void Server::report_damage() {
  report_damage(core_->take_over_trouble(), take_over_damage_);
  if (const auto scope = core_->scope().get())
    report_damage((*scope)->index_loader().damage(), index_damage_);
}

void Server::report_damage(const std::optional<base::Error>& damage, std::string& reported) {
  if (!damage || damage->text == reported) return;
  reported = damage->text;
  log_.error("damaged partition", {{"error", to_string(*damage)}});
}

Task<void> Server::watch_health() {
  while (!group_.stopping()) {
    std::optional<base::Error> closed;
    if (served_ && !core_->ready())
      closed = base::make_error(Errc::kNotLeader, "no session is open");
    report("session", closed);
    report("metadata", metadata_trouble());
    report("object_store", object_store_trouble());
    report_deletion(core_->upkeep().trouble());
    report_rebuild(core_->rebuild_trouble());
    report_damage();
    rpc_.set_health(readiness_.ready());
    co_await group_.sleep_until_stop(kHealthInterval);
  }
}

void Server::report_deletion(const std::optional<base::Error>& trouble) {
  const auto code = trouble ? std::optional(trouble->code) : std::nullopt;
  if (code == deletion_trouble_) return;  // texts have numbers in them, which change all the time
  deletion_trouble_ = code;
  agent_metrics_.set_deletion_behind(trouble.has_value());
  if (trouble) {
    log_.warn("background deletion is behind", {{"error", to_string(*trouble)}});
  } else {
    log_.info("background deletion goes on");
  }
}

void Server::report_rebuild(const std::optional<base::Error>& trouble) {
  const auto code = trouble ? std::optional(trouble->code) : std::nullopt;
  if (code == rebuild_trouble_) return;
  rebuild_trouble_ = code;
  if (trouble) {
    log_.warn("what a rebuild needs is not stored", {{"error", to_string(*trouble)}});
  } else {
    log_.info("what a rebuild needs is stored again");
  }
}

Task<void> Server::count_objects() {
  while (!group_.stopping()) {
    const auto counts = co_await stores_.metadata().count_objects();
    if (counts) agent_metrics_.set_objects(*counts);
    co_await group_.sleep_until_stop(kCountInterval);
  }
}

/// For readers of the database alone; nothing of ours waits for it.
Task<void> Server::record_object_store() {
  service::StoreRecord record(stores_.metadata());
  const objectstore::S3Location location =
      config_.object_store.bucket.value_or(objectstore::S3Location());
  runtime::Backoff backoff;
  while (!group_.stopping()) {
    const Status written = co_await record.write(location.bucket, location.prefix);
    if (written) break;
    co_await group_.sleep_until_stop(backoff.next(runtime_.random()));
  }
}

net::HttpResponse Server::answer_http(const net::HttpRequest& request) {
  if (request.path == "/metrics") {
    agent_metrics_.set_gauges(
        {.core = core_.get(),
         .blocks = core_ ? &stores_.blocks() : nullptr,
         .leaders = leaders_.get(),
         .now = runtime_.now(),
         .session_timeout = config_.core.session.session_timeout,
         .buffer_limit = config_.core.buffer_limit,
         .http_connections = http_->connection_count(),
         .grpc_connections = net::connection_count(config_.listeners.grpc.port)});
  }
  return ops_routes_(request);
}

}  // namespace streamhouse::agent
