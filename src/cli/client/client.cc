#include "cli/client/client.h"

#include <fmt/core.h>
#include <grpcpp/create_channel.h>

#include <thread>

namespace streamhouse::cli {

using base::Errc;
using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr auto kLeaderPause = std::chrono::milliseconds(100);

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);           // a record can be as large as its topic allows
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);     // only this program decides to send again
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // agents are reached directly
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

enum class Connection : std::uint8_t { kReady, kRefused, kTimedOut };

Connection connect(grpc::Channel& channel, Clock::time_point deadline) {
  for (;;) {
    const auto state = channel.GetState(true);
    if (state == GRPC_CHANNEL_READY) return Connection::kReady;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) return Connection::kRefused;
    if (!channel.WaitForStateChange(state, deadline)) return Connection::kTimedOut;
  }
}

}  // namespace

Result<Peer*> Client::peer(const std::string& address, Clock::time_point deadline) {
  if (const auto found = peers_.find(address); found != peers_.end()) return found->second.get();
  const auto channel = channel_to(address);
  const auto connection = connect(*channel, deadline);
  if (connection != Connection::kReady) {
    const auto* const reason = connection == Connection::kRefused
                                   ? "nothing answers there; is an agent running?"
                                   : "no connection in time";
    const Error error{Errc::kUnavailable, fmt::format("cannot reach {}: {}", address, reason)};
    return note({error, Answered::kNo});
  }
  auto peer = std::make_unique<Peer>(address, v1::StreamHouseService::NewStub(channel),
                                     v1::AdminService::NewStub(channel));
  return (peers_[address] = std::move(peer)).get();
}

Error Client::note(Failure failure) {
  answered_ = failure.answered;
  return std::move(failure.error);
}

std::string Client::next_address(const Error& error, const std::string& address) const {
  if (!error.leader.empty() && error.leader != address) return error.leader;
  // allow(sleep): this program does one thing at a time, and nobody leads that partition yet
  std::this_thread::sleep_for(kLeaderPause);
  return server_;
}

Status Client::call_leader(const Attempt& attempt) {
  const auto deadline = Clock::now() + timeout_;
  auto address = server_;
  for (;;) {
    SH_TRY(auto* const peer, this->peer(address, deadline));
    grpc::ClientContext context;
    context.set_deadline(deadline);
    const auto status = attempt(*peer, context);
    if (status.ok()) return {};
    auto error = note(failure_of(status, context, address));
    if (error.code != Errc::kNotLeader) return error;
    address = next_address(error, address);
    if (Clock::now() >= deadline) return error;
  }
}

}  // namespace streamhouse::cli
