#pragma once
/// \file  ConnectionPool: connections that wait for their next use.

#include <memory>
#include <vector>

#include "metadata/postgres/driver/connection.h"
#include "runtime/mutex.h"

namespace streamhouse::metadata::postgres {

/// Opens a connection when none is idle, so that there are never more than threads that use it.
/// Threading: any thread.
class ConnectionPool {
 public:
  explicit ConnectionPool(ConnectionOptions options) : options_(std::move(options)) {}

  /// The connection that was used last, or a new one; unusable ones are closed. Errors: as
  /// Connection::open, but kUnavailable where that has kUnsupported or kInvalid: after a failover
  /// another server may answer, and a login that is refused now may be let in again.
  Result<std::unique_ptr<Connection>> take();
  /// Keeps the connection for the next use, or closes it if it is not usable.
  void give_back(std::unique_ptr<Connection> connection);

 private:
  std::unique_ptr<Connection> take_idle();

  const ConnectionOptions options_;
  runtime::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ __attribute__((guarded_by(mutex_)));
};

}  // namespace streamhouse::metadata::postgres
