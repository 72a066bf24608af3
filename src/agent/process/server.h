#pragma once
/// \file  Server: AgentCore with real stores and sockets, from start-up to a clean end.

#include <functional>
#include <map>
#include <memory>

#include "agent/config/config.h"
#include "agent/process/agent_metrics.h"
#include "agent/process/stores.h"
#include "kafka/front_end.h"
#include "net/http_server.h"
#include "ops/readiness.h"
#include "rpc/rpc_server.h"
#include "runtime/asio_runtime.h"
#include "runtime/signal.h"
#include "runtime/telemetry/metrics.h"
#include "runtime/thread_pool.h"

namespace streamhouse::agent {

/// Lifetime:  run() has returned before it is destroyed.
/// Threading: the core's executor.
class Server {
 public:
  /// Takes the ready line.
  using Announce = std::move_only_function<void(std::string_view line)>;

  Server(runtime::AsioRuntime& runtime, runtime::Log log, Config config,
         Stores::WrapObjects wrap = {});
  ~Server();

  /// Lives until request_stop(). `ready` gets the ready line, once.
  /// Errors: why it could not start or go on, or that not everything accepted is known to be
  /// committed.
  runtime::Task<base::Status> run(Announce ready);
  /// Ends run() in good order: what was acknowledged is committed first.
  void request_stop();

 private:
  using Stall = ingest::CommitLoop::Stall;

  runtime::Task<base::Status> live(Announce ready);
  runtime::Task<base::Status> open();
  runtime::Task<base::Status> serve(Announce ready);
  runtime::Task<base::Status> end();
  base::Status listen();
  base::Status listen_http();
  void build_core();
  void open_front_ends();
  runtime::Task<void> run_core();
  void report_damage();
  /// `reported` is the text that was logged last.
  void report_damage(const std::optional<base::Error>& damage, std::string& reported);
  runtime::Task<void> watch_health();
  runtime::Task<void> count_objects();
  runtime::Task<void> record_object_store();
  /// Says that deletion is behind, and why, or that this is over. The agent stays ready: records
  /// come and go all the same.
  void report_deletion(const std::optional<base::Error>& trouble);
  /// Likewise of what a rebuild without the database needs.
  void report_rebuild(const std::optional<base::Error>& trouble);
  /// Says why the agent is not ready, or that this is over.
  void report(const std::string& part, const std::optional<base::Error>& trouble);
  std::optional<base::Error> stalled(Stall::Of of) const;
  std::optional<base::Error> metadata_trouble() const;
  std::optional<base::Error> object_store_trouble() const;
  net::HttpResponse answer_http(const net::HttpRequest& request);
  std::string ready_line() const;

  runtime::AsioRuntime& runtime_;
  runtime::Log log_;
  Config config_;
  runtime::Metrics metrics_;
  AgentMetrics agent_metrics_;
  ops::Readiness readiness_;
  net::HttpHandler ops_routes_;
  std::map<std::string, std::string> troubles_;  ///< By part, as reported last.
  std::optional<base::Errc> deletion_trouble_;   ///< As reported last.
  std::optional<base::Errc> rebuild_trouble_;    ///< As reported last.
  std::string take_over_damage_;                 ///< As logged last.
  std::string index_damage_;                     ///< As logged last.
  runtime::TaskGroup group_;
  runtime::ThreadPool front_end_pool_;  ///< Where gRPC's blocking end waits.
  runtime::ThreadPool compressors_;     ///< For topics that say how they are compressed.
  Stores stores_;
  std::unique_ptr<net::HttpServer> http_;
  rpc::RpcServer rpc_;
  kafka::FrontEnd kafka_;
  std::unique_ptr<cluster::LeaderDirectory> leaders_;
  std::unique_ptr<AgentCore> core_;
  std::optional<base::Status> core_ended_;
  runtime::Signal changed_;
  bool served_ = false;  ///< It was ready once.
};

}  // namespace streamhouse::agent
