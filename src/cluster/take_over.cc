#include "cluster/take_over.h"

#include <algorithm>

#include "cluster/recovery_planner.h"
#include "runtime/retry/retry.h"
#include "segment/object_key.h"
#include "segment/seal_marker.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;

/// Partitions freed by one transaction.
constexpr std::size_t kPartitionsPerWrite = 5'000;

}  // namespace

runtime::Task<base::Status> TakeOver::run(model::SessionId session) {
  const auto seal_it = [this, session] { return metadata_.seal_session(session); };
  SH_CO_TRY(const model::Seq seal, co_await runtime::retry_until_known(runtime_, group_, seal_it));
  SH_CO_TRY_OK(co_await write_seal_marker(session, seal));
  const auto finish = [this, session] { return metadata_.finish_recovery(session); };
  while (true) {
    SH_CO_TRY_OK(co_await free_partitions(session));
    const auto finished =
        co_await runtime::retry_until_known(runtime_, group_, finish, Errc::kConflict);
    if (finished || finished.error().code != Errc::kConflict) co_return finished;
  }
}

runtime::Task<base::Status> TakeOver::free_partitions(model::SessionId session) {
  const auto load = [this, session] { return metadata_.load_recovery(session); };
  SH_CO_TRY(const metadata::RecoveryView view,
            co_await runtime::retry_until_known(runtime_, group_, load));
  const RecoveryPlan plan = plan_recovery(view);
  const segment::CheckpointTable& states = plan.states;
  for (std::size_t begin = 0; begin < states.size(); begin += kPartitionsPerWrite) {
    const std::size_t end = std::min(states.size(), begin + kPartitionsPerWrite);
    const segment::CheckpointTable part(states.begin() + static_cast<std::ptrdiff_t>(begin),
                                        states.begin() + static_cast<std::ptrdiff_t>(end));
    const auto write = [this, session, &part] {
      return metadata_.recover_partitions(session, part);
    };
    SH_CO_TRY([[maybe_unused]] const std::size_t freed,
              co_await runtime::retry_until_known(runtime_, group_, write));
  }
  if (!plan.damage) co_return base::Status{};
  co_return base::make_error(Errc::kCorrupt, std::to_string(plan.damaged) +
                                                 " partitions of session " + to_string(session) +
                                                 " cannot be led again: " + plan.damage->text);
}

runtime::Task<base::Status> TakeOver::write_seal_marker(model::SessionId session, model::Seq seal) {
  const auto read = [this] { return metadata_.cluster_info(); };
  SH_CO_TRY(const metadata::ClusterInfo info,
            co_await runtime::retry_until_known(runtime_, group_, read));
  const std::string key = segment::to_key(segment::SealKey{session});
  const base::Bytes marker(segment::encode_seal_marker(
      {.cluster = info.cluster_id.bytes, .session = session, .seq = seal}));
  const auto put = [this, &key, &marker] { return objects_.put(key, objectstore::Chunks{marker}); };
  co_return co_await runtime::retry_until_known(runtime_, group_, put);
}

}  // namespace streamhouse::cluster
