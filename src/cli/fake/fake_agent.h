#pragma once
/// \file  Agents for tests of what a single real one cannot be made to do on cue: leaders that
/// move, streams that break, answers that never come. Real gRPC servers on loopback over one shared
/// log.

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::cli {

inline grpc::Status status_of(grpc::ServerContext& context, const base::Error& error,
                              grpc::StatusCode code = grpc::StatusCode::FAILED_PRECONDITION) {
  context.AddTrailingMetadata("streamhouse-error", std::string(base::errc_name(error.code)));
  if (!error.leader.empty()) context.AddTrailingMetadata("streamhouse-leader", error.leader);
  return {code, error.text};
}

/// The records, leaders and committed offsets of one topic, shared by the agents of a test.
struct FakeCluster {
  std::mutex mutex;
  std::condition_variable changed;
  int partition_count = 1;
  std::map<int, std::vector<v1::Record>> logs;
  std::map<int, std::string> leaders;  ///< By partition; absent = whoever is asked.
  std::map<int, std::int64_t> committed;
  int commits = 0;
  bool stopping = false;

  void append(int partition, const std::string& value) {
    const std::lock_guard lock(mutex);
    logs[partition].emplace_back().set_value(value);
    changed.notify_all();
  }
  std::vector<std::string> values(int partition) {
    const std::lock_guard lock(mutex);
    std::vector<std::string> values;
    for (const auto& record : logs[partition]) values.push_back(record.value());
    return values;
  }
};

class FakeAgent : public v1::StreamHouseService::Service, public v1::AdminService::Service {
 public:
  /// What an agent does with a batch before it appends it: nothing, or a refusal.
  using BatchHook = std::function<std::optional<base::Error>(const v1::ProduceBatchRequest&)>;
  enum class Stream : std::uint8_t { kGoesOn, kBreaks, kHangs };

  explicit FakeAgent(FakeCluster& cluster) : cluster_(cluster) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::StreamHouseService::Service*>(this));
    builder.RegisterService(static_cast<v1::AdminService::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  ~FakeAgent() override { stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void stop() {
    {
      const std::lock_guard lock(cluster_.mutex);
      cluster_.stopping = true;
      cluster_.changed.notify_all();
    }
    server_->Shutdown(std::chrono::system_clock::time_point());  // long past: waits for nobody
  }

  BatchHook on_batch;
  /// Asked after a batch of a stream is appended, before it is answered.
  std::function<Stream(const v1::ProduceBatchRequest&)> on_append;
  /// Asked before the record at this offset is sent.
  std::function<Stream(std::int64_t)> on_record;
  std::function<grpc::Status(grpc::ServerContext&, const v1::GetTopicRequest&)> on_get_topic;

  grpc::Status ProduceStream(grpc::ServerContext* context,
                             grpc::ServerReaderWriter<v1::ProduceStreamResponse,
                                                      v1::ProduceStreamRequest>* stream) override {
    v1::ProduceStreamRequest request;
    std::map<int, base::Error> refused;  // not_leader holds until the stream ends
    while (stream->Read(&request)) {
      v1::ProduceStreamResponse response;
      response.set_sequence(request.sequence());
      const auto& batch = request.batch();
      auto error = refusal(batch);
      if (const auto found = refused.find(batch.partition()); found != refused.end()) {
        error = found->second;
      } else if (error && error->code == base::Errc::kNotLeader) {
        refused[batch.partition()] = *error;
      }
      if (error) {
        response.mutable_error()->set_code(std::string(base::errc_name(error->code)));
        response.mutable_error()->set_message(error->text);
        response.mutable_error()->set_leader(error->leader);
      } else {
        response.set_base_offset(append(batch));
        const auto next = on_append ? on_append(batch) : Stream::kGoesOn;
        if (next == Stream::kBreaks) return {grpc::StatusCode::UNAVAILABLE, "broken on purpose"};
        if (next == Stream::kHangs) return hang(*context);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  grpc::Status Consume(grpc::ServerContext* context, const v1::ConsumeRequest* request,
                       grpc::ServerWriter<v1::ConsumeResponse>* writer) override {
    std::unique_lock lock(cluster_.mutex);
    if (const auto elsewhere = not_leader(request->partition()))
      return status_of(*context, *elsewhere);
    const auto& log = cluster_.logs[request->partition()];
    const auto end = static_cast<std::int64_t>(log.size());
    auto next = start_of(*request, end);
    if (next < 0 || next > end) {
      return status_of(*context, {base::Errc::kInvalidOffset, "no such offset"});
    }
    bool first = true;
    for (std::int64_t sent = 0; !context->IsCancelled() && !cluster_.stopping;) {
      const auto limit = request->follow() ? static_cast<std::int64_t>(log.size()) : end;
      v1::ConsumeResponse response;
      response.set_high_watermark(limit);
      if (next < limit) {
        const auto action = on_record ? on_record(next) : Stream::kGoesOn;
        if (action == Stream::kBreaks) return {grpc::StatusCode::UNAVAILABLE, "broken on purpose"};
        if (action == Stream::kHangs) return lock.unlock(), hang(*context);
        if (const auto elsewhere = not_leader(request->partition())) {
          return status_of(*context, *elsewhere);
        }
        auto& record = *response.add_records();
        record.set_offset(next);
        *record.mutable_record() = log[static_cast<std::size_t>(next)];
        ++next;
        ++sent;
      }
      if (first || response.records_size() > 0) {
        lock.unlock();
        writer->Write(response);
        lock.lock();
      }
      first = false;
      if (request->max_records() > 0 && sent >= request->max_records()) break;
      if (next >= limit && !request->follow()) break;
      if (next >= limit) cluster_.changed.wait_for(lock, std::chrono::milliseconds(20));
    }
    return grpc::Status::OK;
  }

  grpc::Status CommitOffsets(grpc::ServerContext*, const v1::CommitOffsetsRequest* request,
                             v1::CommitOffsetsResponse*) override {
    const std::lock_guard lock(cluster_.mutex);
    ++cluster_.commits;
    for (const auto& each : request->offsets()) {
      cluster_.committed[each.partition()] = each.offset();
    }
    return grpc::Status::OK;
  }

  grpc::Status GetTopic(grpc::ServerContext* context, const v1::GetTopicRequest* request,
                        v1::GetTopicResponse* response) override {
    if (on_get_topic) return on_get_topic(*context, *request);
    const std::lock_guard lock(cluster_.mutex);
    response->mutable_topic()->set_name(request->name());
    response->mutable_topic()->set_partition_count(cluster_.partition_count);
    return grpc::Status::OK;
  }

  /// 25 topics, ten a page.
  grpc::Status ListTopics(grpc::ServerContext*, const v1::ListTopicsRequest* request,
                          v1::ListTopicsResponse* response) override {
    const auto begin = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    for (int i = begin; i < std::min(begin + 10, 25); ++i) {
      response->add_topics()->set_name("t" + std::to_string(i));
    }
    if (begin + 10 < 25) response->set_next_page_token(std::to_string(begin + 10));
    return grpc::Status::OK;
  }

 private:
  std::optional<base::Error> not_leader(int partition) const {
    const auto leader = cluster_.leaders.find(partition);
    if (leader == cluster_.leaders.end() || leader->second == address()) return std::nullopt;
    return base::Error{base::Errc::kNotLeader, "led elsewhere", leader->second};
  }

  std::optional<base::Error> refusal(const v1::ProduceBatchRequest& batch) {
    if (on_batch) {
      if (auto error = on_batch(batch)) return error;
    }
    const std::lock_guard lock(cluster_.mutex);
    return not_leader(batch.partition());
  }

  std::int64_t append(const v1::ProduceBatchRequest& batch) {
    const std::lock_guard lock(cluster_.mutex);
    auto& log = cluster_.logs[batch.partition()];
    const auto base = static_cast<std::int64_t>(log.size());
    log.insert(log.end(), batch.records().begin(), batch.records().end());
    cluster_.changed.notify_all();
    return base;
  }

  std::int64_t start_of(const v1::ConsumeRequest& request, std::int64_t end) const {
    using Start = v1::ConsumeRequest::StartCase;
    if (request.start_case() == Start::kOffset) return request.offset();
    if (request.start_case() == Start::kLatest) return end;
    if (request.start_case() != Start::kGroup) return 0;
    const auto found = cluster_.committed.find(request.partition());
    return found == cluster_.committed.end() ? 0 : found->second;
  }

  grpc::Status hang(grpc::ServerContext& context) {
    std::unique_lock lock(cluster_.mutex);
    while (!context.IsCancelled() && !cluster_.stopping) {
      cluster_.changed.wait_for(lock, std::chrono::milliseconds(20));
    }
    return grpc::Status::CANCELLED;
  }

  FakeCluster& cluster_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace streamhouse::cli
