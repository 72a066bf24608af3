#include "cluster/agent_session.h"

#include <algorithm>

#include "runtime/retry/retry.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;

constexpr std::size_t kSessionsPerPage = 1'000;

std::int64_t to_ms(runtime::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

AgentSession::AgentSession(Ports ports, metadata::AgentInfo agent, SessionConfig config,
                           runtime::TaskGroup& group)
    : ports_(ports),
      agent_(std::move(agent)),
      config_(config),
      group_(group),
      mark_(ports.metadata),
      take_over_(ports.runtime, ports.metadata, ports.objects, group),
      changed_(ports.runtime) {}

runtime::Task<base::Result<model::SessionId>> AgentSession::open() {
  if (frozen_) co_return *frozen_;
  SH_CO_TRY(id_, co_await open_new());
  reopening_ = true;
  lost_ = false;
  unled_.clear();
  last_heartbeat_ = steady_since_ = ports_.runtime.now();
  co_return id_;
}

runtime::Task<base::Result<model::SessionId>> AgentSession::open_new() {
  runtime::Backoff backoff;
  while (!group_.stopping()) {
    metadata::NewSession wanted{.id = model::SessionId(ports_.runtime.random().next() | 1),
                                .agent = agent_,
                                .timeout_ms = to_ms(config_.session_timeout)};
    if (reopening_)
      wanted.own_sessions = opened_;  // P7: at the start every predecessor is taken over
    opened_.push_back(wanted.id);     // before the call: it may be open although no answer came
    const model::SessionId id = wanted.id;
    const auto opened = co_await ports_.metadata.open_session(std::move(wanted));
    if (opened) co_return id;
    const Errc code = opened.error().code;
    const bool again = code == Errc::kExists ||  // F4: never use an id twice, take another
                       base::retryability(code) == base::Retry::kAfterBackoff;
    if (!again) co_return opened.error();
    co_await pause(backoff.next(ports_.runtime.random()));
  }
  co_return base::make_error(Errc::kStopped, "stopped before a session was open");
}

runtime::Task<base::Status> AgentSession::take_over_predecessors() {
  if (config_.predecessors == Predecessors::kOwnAgentId) {
    co_return co_await take_over_due(agent_.agent_id);
  }
  model::SessionId after{0};
  while (true) {
    const auto list = [this, after] {
      return ports_.metadata.list_sessions(after, kSessionsPerPage);
    };
    SH_CO_TRY(const auto sessions,
              co_await runtime::retry_until_known(ports_.runtime, group_, list));
    for (const metadata::Session& session : sessions) {
      after = session.id;
      if (session.id == id_ || session.state == metadata::SessionState::kRecovered) continue;
      SH_CO_TRY_OK(co_await take_over(session.id, Whose::kOwn));
    }
    if (sessions.size() < kSessionsPerPage) co_return base::Status{};
  }
}

runtime::Task<base::Status> AgentSession::take_over_due(std::optional<std::string> agent_id) {
  const auto list = [this, &agent_id] { return ports_.metadata.list_due_sessions(agent_id); };
  SH_CO_TRY(const auto due, co_await runtime::retry_until_known(ports_.runtime, group_, list));
  for (const metadata::Session& session : due) {
    if (session.id == id_) continue;
    const Whose whose = session.agent_id == agent_.agent_id ? Whose::kOwn : Whose::kOthers;
    SH_CO_TRY_OK(co_await take_over(session.id, whose));
  }
  co_return base::Status{};
}

/// What is damaged in one session keeps nobody from taking over the next.
runtime::Task<base::Status> AgentSession::take_over(model::SessionId session, Whose whose) {
  const auto known = damaged_.find(session);
  if (known != damaged_.end() && ports_.runtime.now() < known->second.due) co_return base::Status{};
  const auto check = [this] { return mark_.check(); };
  SH_CO_TRY_OK(co_await runtime::retry_until_known(ports_.runtime, group_, check));
  if (whose == Whose::kOthers && !is_steady()) co_return base::Status{};  // any more
  const model::SessionId id = id_;
  const base::Status taken = co_await take_over_.run(session);
  if (group_.stopping() || lost_ || id != id_)
    co_return base::Status(Errc::kStopped, "stopped during a take-over");
  damaged_.erase(session);
  if (taken || taken.error().code != Errc::kCorrupt) co_return taken;
  damaged_.emplace(session, Damaged{taken.error(), ports_.runtime.now() + kDamagedRetry});
  co_return base::Status{};
}

void AgentSession::leave_unled(model::TopicPartition key, base::Error why) {
  why.text = "partition " + to_string(key) + " cannot be led: " + why.text;
  unled_.insert_or_assign(key, std::move(why));
}

std::optional<base::Error> AgentSession::trouble() const {
  if (!damaged_.empty()) return damaged_.begin()->second.why;
  if (!unled_.empty()) return unled_.begin()->second;
  return std::nullopt;
}

runtime::Task<void> AgentSession::keep_alive() {
  const model::SessionId id = id_;
  while (!group_.stopping() && !lost_ && id == id_) {
    const runtime::MonoTime sent = ports_.runtime.now();
    const auto reply = co_await ports_.metadata.heartbeat(id, to_ms(config_.session_timeout),
                                                          metadata::ListOwned::kNo);
    if (id != id_) co_return;  // an answer about another session than the present one
    if (reply) {
      if (sent - last_heartbeat_ > config_.session_timeout) steady_since_ = sent;
      last_heartbeat_ = sent;
      changed_.notify_all();
    } else if (reply.error().code == Errc::kFenced) {
      set_lost();
      co_return;
    }
    const double jitter = 0.8 + 0.4 * ports_.runtime.random().uniform();
    co_await pause(
        std::chrono::duration_cast<runtime::Duration>(config_.heartbeat_interval * jitter));
  }
}

runtime::Task<void> AgentSession::watch_others() {
  const model::SessionId id = id_;
  while (!group_.stopping() && !lost_ && id == id_) {
    co_await pause(config_.heartbeat_interval);
    if (!is_steady() || lost_) continue;
    const auto taken = co_await take_over_due(std::nullopt);
    if (!taken && taken.error().code == Errc::kFenced) set_lost();
  }
}

/// Rule P8.
bool AgentSession::is_steady() const {
  return ports_.runtime.now() - last_heartbeat_ < config_.session_timeout &&
         last_heartbeat_ - steady_since_ >= config_.session_timeout;
}

runtime::Task<bool> AgentSession::pause(runtime::Duration duration) {
  co_return co_await group_.sleep_until_stop(duration);
}

runtime::Task<bool> AgentSession::confirm(runtime::Duration patience) {
  const runtime::MonoTime began = ports_.runtime.now();
  const model::SessionId id = id_;
  while (!lost_ && id == id_ && last_heartbeat_ <= began) {
    const runtime::Woken woken = co_await changed_.wait_until(began + patience);
    if (woken == runtime::Woken::kDeadline) break;
  }
  co_return !lost_ && id == id_ && last_heartbeat_ > began;
}

void AgentSession::set_lost() {
  if (lost_) return;
  lost_ = true;
  changed_.notify_all();
}

runtime::Task<base::Status> AgentSession::declare_loss(std::string why) {
  const auto write = [this, &why] { return mark_.set(agent_.agent_id + ": " + why); };
  co_return co_await runtime::retry_until_known(ports_.runtime, group_, write);
}

void AgentSession::freeze(base::Error why) {
  frozen_ = std::move(why);
  set_lost();
}

}  // namespace streamhouse::cluster
