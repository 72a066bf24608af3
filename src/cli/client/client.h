#pragma once
/// \file  The way to the agents: channels by address, calls that find the leader, errors as values.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cli/client/status.h"
#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::cli {

using Records = v1::StreamHouseService::StubInterface;
using Admin = v1::AdminService::StubInterface;
/// The library's deadlines are of this clock.
using Clock = std::chrono::system_clock;

/// A connected agent.
struct Peer {
  std::string address;
  std::unique_ptr<v1::StreamHouseService::Stub> records;
  std::unique_ptr<v1::AdminService::Stub> admin;
};

/// Threading: one thread.
class Client {
 public:
  /// `server`: the agent to ask first. `timeout`: the longest wait for an answer.
  Client(std::string server, std::chrono::milliseconds timeout)
      : server_(std::move(server)), timeout_(timeout) {}

  /// Calls a unary method of either service, as in `call(&Admin::GetTopic, request)`. An agent that
  /// answers not_leader certainly did nothing: the leader is asked instead, within the timeout.
  template <class Stub, class Request, class Response>
  base::Result<Response> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
    Response response;
    SH_TRY_OK(call_leader([&](Peer& peer, grpc::ClientContext& context) {
      return (stub_of<Stub>(peer).*method)(&context, request, &response);
    }));
    return response;
  }

  /// Calls a list method until its last page; the answer holds the entries of all.
  template <class Stub, class Request, class Response>
  base::Result<Response> call_pages(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                                    Request request) {
    Response all;
    do {
      SH_TRY(auto page, call(method, request));
      request.set_page_token(page.next_page_token());
      all.MergeFrom(page);
      all.set_next_page_token(request.page_token());
    } while (!request.page_token().empty());
    return all;
  }

  /// The agent at `address`, connected by `deadline`.
  /// Errors: kUnavailable: nobody listens there, nothing was sent.
  base::Result<Peer*> peer(const std::string& address, Clock::time_point deadline);

  const std::string& server() const { return server_; }
  std::chrono::milliseconds timeout() const { return timeout_; }
  /// Whom to ask after `error` came from `address`: its leader, or the first server after a pause.
  std::string next_address(const base::Error& error, const std::string& address) const;

  /// Notes whether the last failure was an agent's own answer; the process's exit code depends on
  /// it.
  base::Error note(Failure failure);
  Answered last_failure_answered() const { return answered_; }

 private:
  using Attempt = std::function<grpc::Status(Peer&, grpc::ClientContext&)>;

  base::Status call_leader(const Attempt& attempt);
  template <class Stub>
  static Stub& stub_of(Peer& peer) {
    if constexpr (std::is_same_v<Stub, Admin>) {
      return *peer.admin;
    } else {
      return *peer.records;
    }
  }

  std::string server_;
  std::chrono::milliseconds timeout_;
  Answered answered_ = Answered::kYes;
  std::map<std::string, std::unique_ptr<Peer>> peers_;
};

}  // namespace streamhouse::cli
