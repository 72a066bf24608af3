#pragma once
/// \file  Flights: what a cache is loading. Everybody who asks for a key while it is loaded waits
/// for that one load, and a load that began before its key was invalidated is never seen.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "runtime/one_shot.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {

/// Lifetime:  outlives its group's tasks.
/// Threading: the runtime's executor.
template <class Key, class Value>
class Flights {
 public:
  using Answer = base::Result<Value>;
  struct Ports {
    Runtime& runtime;
    TaskGroup& group;
    std::function<Task<Answer>(Key)> load;
    /// Stores what was loaded, or notes the error, before anybody sees it. Never called for a load
    /// whose key was invalidated since it began.
    std::function<void(const Key&, const Answer&)> landed;
    /// How long who asks waits: what is cached must not be a slow way to learn nothing.
    Duration patience = std::chrono::seconds(1);
  };
  explicit Flights(Ports ports) : ports_(std::move(ports)) {}

  /// Loads, or waits for who does. Whoever waits for a load that is invalidated meanwhile turns to
  /// the next one. A caller that is dropped, or runs out of patience, does not end the load.
  /// Errors: those of the load, for all who wait for it, and for nobody who comes later;
  /// kUnavailable after `patience`.
  Task<Answer> get(Key key) {
    const MonoTime deadline = ports_.runtime.now() + ports_.patience;
    while (true) {
      // Calls in progress may outlive the group, which takes no more tasks once it is closed.
      if (ports_.group.stopping()) co_return co_await ports_.load(std::move(key));
      const std::shared_ptr<Flight> flight = join(key);
      const auto landed = co_await flight->answer.wait_until(deadline);
      if (!landed) co_return too_late();
      if (*landed) co_return **landed;
    }
  }
  /// What is being loaded for `key` must not be seen any more: it may be out of date.
  void invalidate(const Key& key) {
    const auto found = flights_.find(key);
    if (found == flights_.end()) return;
    found->second->answer.set(std::nullopt);
    flights_.erase(found);
  }
  void invalidate_all() {
    for (const auto& [key, flight] : flights_) flight->answer.set(std::nullopt);
    flights_.clear();
  }

  bool is_loading(const Key& key) const { return flights_.contains(key); }

 private:
  struct Flight {
    explicit Flight(Runtime& runtime) : answer(runtime) {}
    OneShot<std::optional<Answer>> answer;  ///< nullopt: invalidated.
  };

  base::Error too_late() const {
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(ports_.patience);
    return base::make_error(base::Errc::kUnavailable,
                            "no answer within " + std::to_string(waited.count()) + " ms");
  }

  std::shared_ptr<Flight> join(const Key& key) {
    const auto found = flights_.find(key);
    if (found != flights_.end()) return found->second;
    auto flight = std::make_shared<Flight>(ports_.runtime);
    flights_.emplace(key, flight);
    ports_.group.spawn(fly(key, flight));
    return flight;
  }

  Task<void> fly(Key key, std::shared_ptr<Flight> flight) {
    const Answer answer = co_await ports_.load(key);
    if (flight->answer.is_set()) co_return;
    flights_.erase(key);
    ports_.landed(key, answer);
    flight->answer.set(answer);
  }

  Ports ports_;
  std::map<Key, std::shared_ptr<Flight>> flights_;  ///< Those that may land.
};

}  // namespace streamhouse::runtime
