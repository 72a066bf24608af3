#include "cluster/lease_keeper.h"

#include "runtime/retry/retry.h"

namespace streamhouse::cluster {
namespace {

constexpr std::size_t kLeasesPerAcquire = 5'000;

}  // namespace

runtime::Task<void> LeaseKeeper::run(LeaseHolder& holder, runtime::Duration interval) {
  const model::SessionId id = session_.id();
  while (!group_.stopping() && !session_.lost() && session_.id() == id) {
    woken_ = false;
    const auto look = co_await acquire_free(holder);
    if (!look && look.error().code == base::Errc::kFenced) {
      session_.set_lost();
      co_return;
    }
    if (woken_ || (look && look->more && look->acquired > 0)) continue;
    if (look && !look->more) caught_up_ = true;
    const runtime::MonoTime deadline = runtime_.now() + interval;
    co_await wake_.wait_until(deadline);
  }
}

runtime::Task<base::Result<LeaseKeeper::Look>> LeaseKeeper::acquire_free(LeaseHolder& holder) {
  const auto list = [this] { return metadata_.list_free_partitions(kLeasesPerAcquire); };
  SH_CO_TRY(const auto free, co_await runtime::retry_until_known(runtime_, group_, list));
  std::vector<metadata::AcquireRequest> requests;
  for (const metadata::Partition& row : free) {
    if (holder.holds(row.key)) continue;
    requests.push_back(
        {.key = row.key, .expected_epoch = row.epoch, .since_seq = holder.next_seq()});
  }
  Look look{.more = free.size() == kLeasesPerAcquire};
  if (requests.empty()) co_return look;
  const auto acquire = [this, &requests] {
    return metadata_.acquire_leases(session_.id(), requests);
  };
  SH_CO_TRY(const auto answers, co_await runtime::retry_until_known(runtime_, group_, acquire));
  std::vector<metadata::Partition> acquired;
  for (const auto& answer : answers) {
    if (answer) acquired.push_back(*answer);
  }
  look.acquired = acquired.size();
  if (!session_.lost()) holder.lead(std::move(acquired));
  co_return look;
}

void LeaseKeeper::wake() {
  woken_ = true;
  wake_.notify_all();
}

}  // namespace streamhouse::cluster
