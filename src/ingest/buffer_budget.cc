#include "ingest/buffer_budget.h"

#include "base/check.h"

namespace streamhouse::ingest {

bool BufferBudget::try_reserve(std::size_t bytes) {
  if (!fits(bytes)) return false;
  used_ += bytes;
  return true;
}

void BufferBudget::release(std::size_t bytes) {
  SH_CHECK(bytes <= used_, "Z1 released bytes were reserved");
  used_ -= bytes;
  if (freed_.has_waiters()) freed_.notify_all();
}

runtime::Task<void> BufferBudget::wait_for_room(std::size_t bytes, runtime::MonoTime deadline) {
  while (!fits(bytes)) {
    const runtime::Woken woken = co_await freed_.wait_until(deadline);
    if (woken == runtime::Woken::kDeadline) co_return;
  }
}

}  // namespace streamhouse::ingest
