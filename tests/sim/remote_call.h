#pragma once
/// \file  remote_call: a client's call of an agent over a network that takes time and loses nothing
/// but what the agent loses by dying. No answer in time is an unknown outcome.

#include <functional>

#include "process.h"
#include "runtime/one_shot.h"

namespace streamhouse::sim {

template <class T>
using CoreCall = std::function<runtime::Task<base::Result<T>>(agent::AgentCore&)>;

/// The agent's half: runs there, answers to the client's runtime.
template <class T>
runtime::Task<void> serve_call(Process& process, runtime::SimRuntime& client, CoreCall<T> call,
                               runtime::OneShot<base::Result<T>> answer) {
  auto result = co_await call(process.core());
  const runtime::Duration back(client.random().between(0, 1'000'000));
  client.schedule(client.now() + back, [answer, result = std::move(result)]() mutable {
    if (!answer.is_set()) answer.set(std::move(result));
  });
}

/// `process` outlives the run. Errors: kUnavailable if nobody listens there; kUnknownOutcome if no
/// answer comes in time.
template <class T>
runtime::Task<base::Result<T>> remote_call(runtime::SimRuntime& client, Process& process,
                                           runtime::Duration timeout, CoreCall<T> call) {
  co_await client.sleep(runtime::Duration(client.random().between(0, 1'000'000)));
  if (!process.is_up()) {
    co_return base::make_error(base::Errc::kUnavailable, "nobody listens");
  }
  runtime::OneShot<base::Result<T>> answer(client);
  process.runtime().post([&process, &client, call = std::move(call), answer]() mutable {
    process.runtime().spawn(serve_call<T>(process, client, std::move(call), answer));
  });
  auto arrived = co_await answer.wait_until(client.now() + timeout);
  if (arrived) co_return *std::move(arrived);
  co_return base::make_error(base::Errc::kUnknownOutcome, "no answer in time");
}

}  // namespace streamhouse::sim
