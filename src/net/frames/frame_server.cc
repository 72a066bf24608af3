#include "net/frames/frame_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "net/frames/frame_connection.h"
#include "net/listening.h"

namespace streamhouse::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Task;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr runtime::Duration kAcceptBackoff = std::chrono::milliseconds(100);
constexpr runtime::Duration kWatchInterval = std::chrono::milliseconds(500);

HostPort address_of(const tcp::socket& socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return {};
  return {.host = peer.address().to_string(), .port = peer.port()};
}

}  // namespace

class FrameServer::Connections {
 public:
  Connections(runtime::Runtime& runtime, const FrameLimits& limits, FrameHandlerFactory handlers,
              runtime::Gauge* gauge)
      : handlers_(std::move(handlers)),
        gauge_(gauge),
        acceptor_(runtime.executor()),
        ended_(runtime),
        traffic_(runtime, limits) {}

  base::Result<HostPort> listen(const HostPort& address);
  std::size_t size() const { return connections_.size(); }
  Task<void> close(runtime::MonoTime deadline);

 private:
  using List = std::list<FrameConnection>;

  Task<void> accept();
  Task<bool> make_room();
  Task<void> serve(List::iterator connection);
  Task<void> watch();

  FrameHandlerFactory handlers_;
  runtime::Gauge* gauge_;
  tcp::acceptor acceptor_;
  runtime::Signal ended_;  ///< Of a connection.
  FrameTraffic traffic_;
  List connections_;
};

base::Result<HostPort> FrameServer::Connections::listen(const HostPort& address) {
  SH_TRY(HostPort bound, begin_listening(address, acceptor_));
  traffic_.group.spawn(accept());
  traffic_.group.spawn(watch());
  return bound;
}

Task<void> FrameServer::Connections::accept() {
  while (!traffic_.group.stopping()) {
    auto [error, socket] = co_await acceptor_.async_accept(kResult);
    if (traffic_.group.stopping()) break;
    if (error) {
      co_await traffic_.group.sleep_until_stop(kAcceptBackoff);  // for instance out of descriptors
      continue;
    }
    const bool room = co_await make_room();
    if (!room) continue;
    auto handler = handlers_(address_of(socket));
    connections_.emplace_back(traffic_, std::move(socket), std::move(handler));
    traffic_.group.spawn(serve(std::prev(connections_.end())));
  }
}

/// Returns false if every connection has work to do: then the new one is turned away.
Task<bool> FrameServer::Connections::make_room() {
  const auto quieter = [](const FrameConnection& a, const FrameConnection& b) {
    return std::pair(!a.idle(), a.last_active()) < std::pair(!b.idle(), b.last_active());
  };
  while (connections_.size() >= traffic_.limits.connections_max) {
    const auto quietest = std::ranges::min_element(connections_, quieter);
    if (!quietest->idle()) co_return false;
    quietest->close();
    co_await ended_.wait();
  }
  co_return true;
}

Task<void> FrameServer::Connections::serve(List::iterator connection) {
  if (gauge_ != nullptr) gauge_->add(1);
  co_await connection->run();
  connections_.erase(connection);
  if (gauge_ != nullptr) gauge_->add(-1);
  ended_.notify_all();
}

Task<void> FrameServer::Connections::watch() {
  while (!traffic_.group.stopping()) {
    const runtime::MonoTime now = traffic_.runtime.now();
    for (FrameConnection& connection : connections_)
      if (connection.overdue(now)) connection.close();
    co_await traffic_.group.sleep_until_stop(kWatchInterval);
  }
}

Task<void> FrameServer::Connections::close(runtime::MonoTime deadline) {
  traffic_.group.stop();
  error_code ignored;
  acceptor_.close(ignored);
  for (FrameConnection& connection : connections_) connection.drain();
  while (!connections_.empty() && traffic_.runtime.now() < deadline)
    co_await ended_.wait_until(deadline);
  for (FrameConnection& connection : connections_) connection.close();
  co_await traffic_.group.close();
}

FrameServer::FrameServer(runtime::Runtime& runtime, const FrameLimits& limits,
                         FrameHandlerFactory handlers, runtime::Gauge* connections)
    : connections_(
          std::make_unique<Connections>(runtime, limits, std::move(handlers), connections)) {}

FrameServer::~FrameServer() = default;

base::Result<HostPort> FrameServer::listen(const HostPort& address) {
  return connections_->listen(address);
}

std::size_t FrameServer::connection_count() const { return connections_->size(); }

Task<void> FrameServer::close(runtime::MonoTime deadline) { return connections_->close(deadline); }

}  // namespace streamhouse::net
