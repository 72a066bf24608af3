#include "net/frames/frame_connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <span>
#include <tuple>
#include <utility>

namespace streamhouse::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Task;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 64u << 10;
constexpr std::size_t kRepliesPerWrite = 64;

}  // namespace

FrameTraffic::FrameTraffic(runtime::Runtime& runtime_of_server, const FrameLimits& limits_of_server)
    : runtime(runtime_of_server),
      limits(limits_of_server),
      received(kReadBytes),
      room(runtime_of_server),
      group(runtime_of_server) {}

void FrameTraffic::count(Frame& request) {
  bytes_at_work += request.bytes.size();
  const auto let_go = [this, size = request.bytes.size()](const void*) {
    bytes_at_work -= size;
    room.notify_all();
  };
  request.share = {request.owner.get(), let_go};
}

FrameConnection::FrameConnection(FrameTraffic& traffic, tcp::socket socket,
                                 std::unique_ptr<FrameHandler> handler)
    : traffic_(traffic),
      socket_(std::move(socket)),
      handler_(std::move(handler)),
      reader_(traffic.limits.frame_bytes_max),
      last_active_(traffic.runtime.now()),
      changed_(traffic.runtime) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(tcp::socket::keep_alive(true), ignored);
}

Task<void> FrameConnection::run() {
  bool more = true;
  while (more && !closed_) {
    co_await wait_for_bytes();
    more = !draining_ && !closed_ && receive();
    co_await begin_requests();
  }
  draining_ = true;
  tell_ending();
  while (!closed_ && !replies_.empty()) co_await changed_.wait();
  close();
  while (at_work_ > 0) co_await changed_.wait();
}

/// Holds no buffer while it waits: idle connections are many.
Task<void> FrameConnection::wait_for_bytes() {
  waiting_for_bytes_ = true;
  // receive() finds out what failed.
  std::ignore = co_await socket_.async_wait(tcp::socket::wait_read, kResult);
  waiting_for_bytes_ = false;
  while (!closed_ && !draining_ && traffic_.bytes_at_work >= traffic_.limits.request_bytes_max)
    co_await traffic_.room.wait();
}

/// Reads what is there. Returns whether there may be more: false at the end of the stream and where
/// it cannot be cut into requests.
bool FrameConnection::receive() {
  const base::MutableBytesView space = reader_.space();
  const std::array buffers{asio::buffer(space.data(), space.size()),
                           asio::buffer(traffic_.received)};
  error_code error;
  const std::size_t size = socket_.read_some(buffers, error);
  if (error == asio::error::would_block) return true;
  if (error || size == 0) return false;
  last_active_ = traffic_.runtime.now();
  const std::size_t direct = std::min(size, space.size());
  const base::Status good = cut(direct, base::BytesView(traffic_.received).first(size - direct));
  return good.has_value();
}

/// `direct` bytes are in the reader's space, and the rest follows them.
base::Status FrameConnection::cut(std::size_t direct, base::BytesView rest) {
  const std::size_t held = reader_.held_bytes();
  const std::size_t complete = complete_.size();
  reader_.filled(direct, complete_);
  const base::Status good = reader_.take(rest, complete_);
  traffic_.bytes_incomplete += reader_.held_bytes() - held;
  for (Frame& request : std::span(complete_).subspan(complete)) traffic_.count(request);
  if (incomplete_ && (complete_.size() > complete || !good)) {
    traffic_.incomplete.erase(*incomplete_);
    incomplete_.reset();
  }
  if (good && reader_.in_frame()) follow_incomplete();
  return good;
}

/// Requests on their way in have a share of the memory, so that slow clients never keep others out.
void FrameConnection::follow_incomplete() {
  if (!incomplete_) {
    incomplete_ = traffic_.incomplete.insert(traffic_.incomplete.end(), this);
    request_began_ = last_active_;
  }
  while (traffic_.bytes_incomplete > traffic_.limits.request_bytes_max / 2)
    traffic_.incomplete.front()->close();
}

bool FrameConnection::may_begin() const {
  return turn_free_ && replies_.size() < traffic_.limits.requests_max &&
         unsent_bytes_ < traffic_.limits.reply_bytes_max;
}

Task<void> FrameConnection::begin_requests() {
  std::vector<Frame> requests = std::exchange(complete_, {});
  for (Frame& request : requests) {
    while (!closed_ && !may_begin()) co_await changed_.wait();
    if (closed_) break;
    turn_free_ = false;
    ++at_work_;
    const auto reply = replies_.emplace(replies_.end());
    traffic_.group.spawn(answer(std::move(request), reply));
  }
}

void FrameConnection::turn_passed() {
  turn_free_ = true;
  changed_.notify_all();
}

Task<void> FrameConnection::answer(Frame request, Replies::iterator reply) {
  Task<FrameReply> answering = handler_->answer(std::move(request), Turn(*this));
  reply->content = co_await std::move(answering);
  for (const base::Bytes& chunk : reply->content.chunks) reply->bytes += chunk.size();
  reply->ready = true;
  count_unsent(reply->bytes);
  if (!writing_) co_await write_replies();
  --at_work_;
  changed_.notify_all();
}

/// Sends what is ready, in order. One call at a time.
Task<void> FrameConnection::write_replies() {
  writing_ = true;
  std::vector<asio::const_buffer> buffers;
  while (!closed_ && !replies_.empty() && replies_.front().ready) {
    const std::size_t count = gather(buffers);
    last_progress_ = traffic_.runtime.now();
    const auto progress = [this](const error_code& failed, std::size_t /*written*/) {
      last_progress_ = traffic_.runtime.now();
      if (unsent_) traffic_.unsent.splice(traffic_.unsent.end(), traffic_.unsent, *unsent_);
      return failed ? std::size_t{0} : kReadBytes * 4;
    };
    const auto [failed, written] = co_await asio::async_write(socket_, buffers, progress, kResult);
    if (failed) close();
    sent(count);
  }
  writing_ = false;
}

/// The replies that can be sent now; returns how many. One that closes the connection is the last.
std::size_t FrameConnection::gather(std::vector<asio::const_buffer>& buffers) {
  buffers.clear();
  std::size_t count = 0;
  for (const Reply& reply : replies_) {
    if (!reply.ready || count == kRepliesPerWrite) break;
    ++count;
    for (const base::Bytes& chunk : reply.content.chunks)
      buffers.emplace_back(chunk.data(), chunk.size());
    if (reply.content.then == FrameReply::Then::kClose) break;
  }
  return count;
}

void FrameConnection::sent(std::size_t replies) {
  last_active_ = traffic_.runtime.now();
  for (; replies > 0; --replies) {
    const Reply& reply = replies_.front();
    const bool last = reply.content.then == FrameReply::Then::kClose;
    count_sent(reply.bytes);
    replies_.pop_front();
    if (last) close();
  }
  changed_.notify_all();
}

/// Clients that do not take their replies never keep the memory from others.
void FrameConnection::count_unsent(std::size_t bytes) {
  if (closed_ || bytes == 0) return;
  unsent_bytes_ += bytes;
  traffic_.bytes_unsent += bytes;
  if (!unsent_) unsent_ = traffic_.unsent.insert(traffic_.unsent.end(), this);
  while (traffic_.bytes_unsent > traffic_.limits.replies_bytes_max)
    traffic_.unsent.front()->close();
}

void FrameConnection::count_sent(std::size_t bytes) {
  if (closed_) return;
  unsent_bytes_ -= bytes;
  traffic_.bytes_unsent -= bytes;
  if (unsent_ && unsent_bytes_ == 0) traffic_.unsent.erase(*std::exchange(unsent_, std::nullopt));
}

void FrameConnection::tell_ending() {
  if (!std::exchange(told_, true)) handler_->ending();
}

void FrameConnection::drain() {
  draining_ = true;
  tell_ending();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_receive, ignored);  // wakes wait_for_bytes()
  traffic_.room.notify_all();
}

void FrameConnection::close() {
  if (closed_) return;
  count_sent(unsent_bytes_);
  closed_ = true;
  tell_ending();
  if (incomplete_) traffic_.incomplete.erase(*std::exchange(incomplete_, std::nullopt));
  traffic_.bytes_incomplete -= reader_.held_bytes();
  reader_ = FrameReader(traffic_.limits.frame_bytes_max);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  traffic_.room.notify_all();
  changed_.notify_all();
}

bool FrameConnection::overdue(runtime::MonoTime now) const {
  const FrameLimits& limits = traffic_.limits;
  if (writing_ && now - last_progress_ > limits.write_stall_max) return true;
  if (!waiting_for_bytes_) return false;  // it is we who do not read
  if (incomplete_) return now - request_began_ > limits.request_time_max;
  return idle() && now - last_active_ > limits.idle_max;
}

}  // namespace streamhouse::net
