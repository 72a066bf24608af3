#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "actors.h"

namespace streamhouse::sim {
namespace {

runtime::Duration around(runtime::Random& random, runtime::Duration mean) {
  return runtime::Duration(random.between(mean.count() / 4, mean.count() * 7 / 4));
}

runtime::Task<base::Result<bool>> create_call(agent::AgentCore& core, service::TopicSpec spec) {
  const auto created = co_await core.topic_service().create(std::move(spec));
  if (!created) co_return created.error();
  co_return true;
}

runtime::Task<base::Result<bool>> remove_call(agent::AgentCore& core, std::string name) {
  const base::Status removed = co_await core.topic_service().remove(std::move(name));
  if (!removed) co_return removed.error();
  co_return true;
}

runtime::Task<base::Result<bool>> release_call(agent::AgentCore& core, std::uint64_t seed) {
  const auto scope = core.scope().get();
  if (!scope) co_return false;
  std::vector<model::TopicPartition> keys;
  runtime::Random random(seed);
  for (const auto& log : (*scope)->partitions().list()) {
    if (random.chance(0.4)) keys.push_back(log->key());
  }
  ingest::SessionWriter& writer = (*scope)->writer();
  const base::Status released = co_await writer.release(std::move(keys));
  if (!released) co_return released.error();
  co_return true;
}

}  // namespace

runtime::Task<void> Actors::administer() {
  const Scenario& scenario = world_.scenario();
  while (!stopping_) {
    co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 2'000'000'000)));
    if (scenario.deletes_topics && world_.random().chance(0.4)) co_await churn_topics();
    if (scenario.deletes_records) co_await delete_some_records();
    if (scenario.releases) co_await release_some();
  }
}

runtime::Task<void> Actors::churn_topics() {
  const std::string name = "churn-" + std::to_string(world_.random().below(3));
  const auto listed = std::ranges::find(promises_.topics, name);
  if (listed != promises_.topics.end()) {
    promises_.topics.erase(listed);
    const CoreCall<bool> remove = [name](agent::AgentCore& core) {
      return remove_call(core, name);
    };
    const auto removed = co_await world_.ask<bool>(remove, std::chrono::seconds(10));
    world_.note("delete " + name + (removed ? "" : " " + to_string(removed.error())));
    co_return;
  }
  const service::TopicSpec spec{.name = name, .partition_count = world_.scenario().partitions};
  const CoreCall<bool> create = [spec](agent::AgentCore& core) { return create_call(core, spec); };
  const auto created = co_await world_.ask<bool>(create, std::chrono::seconds(10));
  world_.note("create " + name + (created ? "" : " " + to_string(created.error())));
  const bool there = created || created.error().code == base::Errc::kTopicExists;
  if (there && std::ranges::find(promises_.topics, name) == promises_.topics.end()) {
    promises_.topics.push_back(name);
  }
}

runtime::Task<void> Actors::delete_some_records() {
  const std::string topic = any_topic();
  const model::PartitionIndex partition = any_partition();
  const auto key = key_of(topic, partition);
  if (!key) co_return;
  const std::int64_t end = world_.truth().end(*key).value();
  const model::Offset upto(world_.random().between(0, end));
  const CoreCall<model::Offset> call = [topic, partition, upto](agent::AgentCore& core) {
    return core.topic_service().delete_records(topic, partition, upto);
  };
  const auto moved = co_await world_.ask<model::Offset>(call, std::chrono::seconds(8));
  if (moved && world_.truth().is_live(*key) && world_.truth().log_start(*key) < *moved) {
    world_.violations().add("P13", "partition " + to_string(*key) + ": log start " +
                                       std::to_string(moved->value()) +
                                       " was shown before it was durable");
  }
}

runtime::Task<void> Actors::release_some() {
  const std::uint64_t seed = world_.random().next();
  const CoreCall<bool> call = [seed](agent::AgentCore& core) { return release_call(core, seed); };
  const auto released = co_await world_.ask<bool>(call, std::chrono::seconds(8));
  world_.note(std::string("release ") + (released ? "done" : to_string(released.error())));
}

runtime::Task<void> Actors::trouble() {
  const Scenario& scenario = world_.scenario();
  const runtime::Duration never = std::chrono::hours(1);
  const auto period = [&](runtime::Duration mean) {
    return mean.count() == 0 ? never : around(world_.random(), mean);
  };
  runtime::Duration crash_in = period(scenario.between_crashes);
  runtime::Duration pause_in = period(scenario.between_pauses);
  runtime::Duration jump_in = period(scenario.between_clock_jumps);
  while (!stopping_) {
    const runtime::Duration step = std::chrono::milliseconds(50);
    co_await world_.client().sleep(step);
    const int agent =
        static_cast<int>(world_.random().below(static_cast<std::uint64_t>(scenario.agents)));
    if ((crash_in -= step).count() <= 0) {
      crash_in = period(scenario.between_crashes);
      co_await crash_and_restart(agent);
    }
    if ((pause_in -= step).count() <= 0) {
      pause_in = period(scenario.between_pauses);
      co_await pause_and_replace(agent);
    }
    if ((jump_in -= step).count() <= 0) {
      jump_in = period(scenario.between_clock_jumps);
      world_.faults().count(Fault::kClockJump);
      runtime::SimRuntime& runtime = world_.newest(agent).runtime();
      runtime.jump_wall_clock(
          runtime::Duration(world_.random().between(-3'600, 3'600) * 1'000'000'000));
      runtime.jump_monotonic_clock(runtime::Duration(world_.random().between(0, 20'000'000'000)));
    }
    for (int i = 0; i < scenario.agents; ++i) {
      if (!world_.newest(i).is_up() && world_.random().chance(0.2)) world_.start_process(i);
    }
  }
}

runtime::Task<void> Actors::crash_and_restart(int agent) {
  world_.crash(agent);
  co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 2'000'000'000)));
  if (!world_.newest(agent).is_up()) world_.start_process(agent);
}

runtime::Task<void> Actors::pause_and_replace(int agent) {
  Process& paused = world_.newest(agent);
  if (!paused.is_up()) co_return;
  const runtime::Duration length(
      world_.random().between(100'000'000, world_.scenario().pause_max.count()));
  world_.faults().count(Fault::kPause);
  world_.note(paused.runtime().name() + " pauses");
  paused.runtime().pause(length);
  if (!world_.scenario().successor_while_paused) co_return;
  co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 500'000'000)));
  world_.start_process(agent);
}

}  // namespace streamhouse::sim
