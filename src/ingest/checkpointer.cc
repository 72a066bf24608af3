#include "ingest/checkpointer.h"

#include <algorithm>

#include "runtime/retry/retry.h"

namespace streamhouse::ingest {
namespace {

/// How often the number of committed rows is looked at.
constexpr auto kLook = std::chrono::milliseconds(100);

}  // namespace

runtime::Task<void> Checkpointer::run() {
  runtime::MonoTime next_at = ports_.runtime.now() + config_.interval;
  while (!group_.stopping() && !ports_.session.lost()) {
    co_await group_.sleep_until_stop(std::min<runtime::Duration>(kLook, config_.interval));
    const bool many_rows = writer_.commits().committed_seq() - upto_ >= config_.rows_max;
    if (!many_rows && ports_.runtime.now() < next_at) continue;
    next_at = ports_.runtime.now() + config_.interval;
    const base::Status written = co_await checkpoint();
    if (!written && written.error().code == base::Errc::kFenced) ports_.session.set_lost();
  }
}

runtime::Task<base::Status> Checkpointer::checkpoint() {
  const model::Seq upto = writer_.commits().committed_seq();
  if (upto == upto_) co_return base::Status{};
  segment::CheckpointTable table;
  for (const auto& log : ports_.partitions.list()) table.push_back(log->checkpoint());
  const auto write = [this, upto, &table] {
    return ports_.metadata.checkpoint(ports_.session.id(), upto, table);
  };
  SH_CO_TRY_OK(co_await runtime::retry_until_known(ports_.runtime, group_, write));
  upto_ = upto;
  const auto trim = [this, upto] { return ports_.metadata.trim(ports_.session.id(), upto); };
  SH_CO_TRY([[maybe_unused]] const model::Seq trimmed,
            co_await runtime::retry_until_known(ports_.runtime, group_, trim));
  co_return base::Status{};
}

}  // namespace streamhouse::ingest
