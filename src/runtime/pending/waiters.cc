#include "runtime/pending/waiters.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace streamhouse::runtime {

namespace asio = boost::asio;

Task<Woken> Waiters::wait(Started started) {
  auto suspend = [this, started = std::move(started)](auto handler) mutable {
    auto resume = [handler = std::move(handler)](Woken how) mutable {
      const auto executor = asio::get_associated_executor(handler);
      asio::post(executor, [handler = std::move(handler), how]() mutable { handler(how); });
    };
    started(table_.insert(Resume(std::move(resume))));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Woken)>(std::move(suspend),
                                                                           asio::use_awaitable);
}

void Waiters::wake(WaiterId id, Woken how) {
  if (auto resume = table_.take(id)) (*resume)(how);
}

void Waiters::drop(WaiterId id) { table_.take(id).reset(); }

void Waiters::drop_all() {
  while (table_.size() > 0) table_.take_all();
}

}  // namespace streamhouse::runtime
