#include "upkeep/upkeep.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Status;
using runtime::Task;

namespace {

constexpr std::size_t kSessionsPerPage = 500;
/// Rows that one transaction trims, so that commits need not wait long behind it.
constexpr std::int64_t kRowsPerTrim = 500;

/// Keeps the first error of several steps.
void note(Status& first, Status step) {
  if (first && !step) first = std::move(step);
}

}  // namespace

Upkeep::Upkeep(Ports ports, const UpkeepConfig& config, runtime::TaskGroup& group)
    : ports_(ports),
      config_(config),
      group_(group),
      remover_({.metadata = ports.metadata, .objects = ports.objects, .session = ports.session},
               config.grace, group),
      sweeps_(config.sweep_again_first, config.sweep_again_longest) {}

Task<void> Upkeep::run() {
  while (!over()) {
    co_await group_.sleep_until_stop(config_.interval);
    if (over()) break;
    const Status done = co_await round();
    trouble_ = done ? std::optional<base::Error>() : done.error();
  }
  if (ports_.session.frozen()) trouble_ = ports_.session.frozen();
}

Task<Status> Upkeep::round() {
  Status first = co_await visit_sessions();
  if (over()) co_return first;
  Status swept = co_await sweep_compacted();
  note(first, std::move(swept));
  if (over()) co_return first;
  Status removed = co_await remover_.remove_dead();
  note(first, std::move(removed));
  co_return first;
}

Task<Status> Upkeep::visit_sessions() {
  Status first;
  model::SessionId after = model::kNoSession;
  while (!over()) {
    SH_CO_TRY(const auto sessions, co_await ports_.metadata.list_sessions(after, kSessionsPerPage));
    for (const metadata::Session& session : sessions) {
      after = session.id;
      if (over()) break;
      Status visited = co_await visit(session);
      note(first, std::move(visited));
    }
    if (sessions.size() < kSessionsPerPage) break;
  }
  co_return first;
}

Task<Status> Upkeep::visit(metadata::Session session) {
  SH_CO_TRY_OK(co_await ports_.session.check_no_loss());
  const bool is_own = session.id == ports_.session.id();
  const bool is_recovered = session.state == metadata::SessionState::kRecovered;
  if (is_own || is_recovered) {
    SH_CO_TRY_OK(co_await trim(session));
  }
  if (!sweeps_.is_due(session.id, ports_.runtime.now())) co_return Status{};
  SH_CO_TRY(const bool sealed, co_await remover_.sweep(session.id));
  if (!sealed) co_return Status{};
  sweeps_.swept(session.id, ports_.runtime.now());
  sealed_.insert(session.id);
  co_return Status{};
}

/// As often as flushed objects, and all sessions at once.
Task<Status> Upkeep::sweep_compacted() {
  if (sealed_.empty() || over()) co_return Status{};
  SH_CO_TRY_OK(co_await ports_.session.check_no_loss());
  SH_CO_TRY_OK(co_await remover_.sweep_compacted(sealed_));
  sealed_.clear();
  co_return Status{};
}

/// As far as rule P3 allows; what the rows named is dead then.
Task<Status> Upkeep::trim(metadata::Session session) {
  model::Seq upto = session.trimmed_to;
  while (!over()) {
    upto += kRowsPerTrim;
    const auto trimmed = co_await ports_.metadata.trim(session.id, upto);
    if (!trimmed && trimmed.error().code == Errc::kFenced) break;  // it is being taken over
    if (!trimmed) co_return trimmed.error();
    if (*trimmed < upto) break;
  }
  co_return Status{};
}

}  // namespace streamhouse::upkeep
