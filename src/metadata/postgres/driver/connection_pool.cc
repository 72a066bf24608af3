#include "metadata/postgres/driver/connection_pool.h"

namespace streamhouse::metadata::postgres {

Result<std::unique_ptr<Connection>> ConnectionPool::take() {
  while (std::unique_ptr<Connection> idle = take_idle())
    if (idle->usable()) return idle;
  auto opened = Connection::open(options_);
  if (opened) return opened;
  const base::Errc code = opened.error().code;
  if (code == base::Errc::kUnsupported || code == base::Errc::kInvalid)
    return {base::Errc::kUnavailable, opened.error().text};
  return opened;
}

std::unique_ptr<Connection> ConnectionPool::take_idle() {
  const runtime::MutexLock lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  if (!connection->usable()) return;
  const runtime::MutexLock lock(mutex_);
  idle_.push_back(std::move(connection));
}

}  // namespace streamhouse::metadata::postgres
