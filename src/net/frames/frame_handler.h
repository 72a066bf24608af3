#pragma once
/// \file  What a FrameServer serves: one FrameHandler for each connection, called with every
/// request.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/frames/frame_reader.h"
#include "runtime/task.h"

namespace streamhouse::net {

struct FrameReply {
  enum class Then : std::uint8_t { kGoOn, kClose };

  std::vector<base::Bytes> chunks = {};  ///< A whole frame, its length too; or nothing.
  Then then = Then::kGoOn;
};

/// The right to be the newest request of a connection that has begun: the next one begins when it
/// has been passed on.
class Turn {
 public:
  struct Holder {
    virtual void turn_passed() = 0;

   protected:
    ~Holder() = default;
  };

  explicit Turn(Holder& holder) : holder_(&holder) {}
  Turn(Turn&& other) noexcept : holder_(std::exchange(other.holder_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() { pass(); }

  /// Once; later calls do nothing.
  void pass() {
    if (auto* const holder = std::exchange(holder_, nullptr)) holder->turn_passed();
  }

 private:
  Holder* holder_;
};

/// Lifetime:  one connection; outlives its calls.
/// Threading: the server's executor.
class FrameHandler {
 public:
  virtual ~FrameHandler() = default;
  /// Called in the order in which the requests came, each when the one before has passed its turn
  /// on or has ended; the replies are sent in that order, whichever is ready first. Where a call
  /// waits long for others, it lets go of the request first: while those that are held are too many
  /// bytes, no client is read. Must not throw.
  virtual runtime::Task<FrameReply> answer(Frame request, Turn turn) = 0;
  /// Called once, when the client sends no more or the server takes no more requests: calls that
  /// wait for what others do should end soon, and those that begin later should not wait. The
  /// connection is closed when all have ended. Must not throw.
  virtual void ending() {}
};

/// Called once for each connection, with the client's address.
using FrameHandlerFactory = std::move_only_function<std::unique_ptr<FrameHandler>(HostPort client)>;

}  // namespace streamhouse::net
