#pragma once
/// \file  FrameConnection: one client of a FrameServer.

#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <optional>

#include "net/frames/frame_server.h"
#include "runtime/task_group.h"

namespace streamhouse::net {

class FrameConnection;

/// What the connections of a server share.
struct FrameTraffic {
  FrameTraffic(runtime::Runtime& runtime, const FrameLimits& limits);
  /// Counts a complete request for as long as somebody holds it.
  void count(Frame& request);

  runtime::Runtime& runtime;
  const FrameLimits limits;
  base::ByteVector received;         ///< One read; in use between two awaits only.
  std::size_t bytes_at_work = 0;     ///< Of complete requests that somebody holds.
  std::size_t bytes_incomplete = 0;  ///< Memory of requests on their way in.
  /// Connections whose request is on its way in, the one that began first in front.
  std::list<FrameConnection*> incomplete;
  std::size_t bytes_unsent = 0;  ///< Of replies.
  /// Connections with unsent replies, the one whose client took something longest ago in front.
  std::list<FrameConnection*> unsent;
  runtime::Signal room;  ///< Somebody let go of a request.
  runtime::TaskGroup group;
};

/// Lifetime:  run() has returned before it ends, unless its runtime ended.
/// Threading: the server's executor.
class FrameConnection final : private Turn::Holder {
 public:
  FrameConnection(FrameTraffic& traffic, boost::asio::ip::tcp::socket socket,
                  std::unique_ptr<FrameHandler> handler);

  /// Serves the client. Returns when the connection is closed and no request is at work.
  runtime::Task<void> run();
  /// Reads no more; closes when the requests at work have been answered.
  void drain();
  /// At once. Requests at work go on, their replies are dropped.
  void close();

  /// Whether the client has taken longer than a limit allows.
  bool overdue(runtime::MonoTime now) const;
  /// No request is at work.
  bool idle() const { return replies_.empty(); }
  runtime::MonoTime last_active() const { return last_active_; }

 private:
  struct Reply {
    bool ready = false;
    FrameReply content;
    std::size_t bytes = 0;
  };
  using Replies = std::list<Reply>;

  void turn_passed() override;
  void tell_ending();
  runtime::Task<void> wait_for_bytes();
  bool receive();
  base::Status cut(std::size_t direct, base::BytesView rest);
  void follow_incomplete();
  bool may_begin() const;
  runtime::Task<void> begin_requests();
  runtime::Task<void> answer(Frame request, Replies::iterator reply);
  runtime::Task<void> write_replies();
  std::size_t gather(std::vector<boost::asio::const_buffer>& buffers);
  void sent(std::size_t replies);
  void count_unsent(std::size_t bytes);
  void count_sent(std::size_t bytes);

  FrameTraffic& traffic_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<FrameHandler> handler_;
  FrameReader reader_;
  std::vector<Frame> complete_;  ///< Received, not begun.
  Replies replies_;              ///< Of every request that has begun, in order.
  std::size_t at_work_ = 0;      ///< Calls of answer().
  std::size_t unsent_bytes_ = 0;
  bool turn_free_ = true;
  bool waiting_for_bytes_ = false;
  bool writing_ = false;
  bool draining_ = false;
  bool told_ = false;  ///< The handler, that it is ending.
  bool closed_ = false;
  runtime::MonoTime last_active_;
  std::optional<std::list<FrameConnection*>::iterator> incomplete_;
  std::optional<std::list<FrameConnection*>::iterator> unsent_;
  runtime::MonoTime request_began_;  ///< Of the one on its way in.
  runtime::MonoTime last_progress_;  ///< Of what is being written.
  runtime::Signal changed_;
};

}  // namespace streamhouse::net
