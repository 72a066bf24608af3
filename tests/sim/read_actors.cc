#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors.h"

namespace streamhouse::sim {
namespace {

using base::Errc;

/// Offsets below this were committed when the question was asked: an answer may not deny them
/// (P14).
struct Known {
  model::Offset end;
  model::Offset log_start;
};

}  // namespace

runtime::Task<void> Actors::read(int number) {
  while (!stopping_) {
    co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 500'000'000)));
    const std::string topic = world_.random().chance(0.5) ? "fixed" : any_topic();
    co_await read_once(topic, any_partition());
    if (number == 0) world_.note("reader has read " + std::to_string(promises_.read));
  }
}

/// One walk over a partition from its log start to the end.
runtime::Task<void> Actors::read_once(std::string topic, model::PartitionIndex partition) {
  const auto key = key_of(topic, partition);
  if (!key) co_return;
  model::Offset offset = world_.truth().log_start(*key);
  for (int step = 0; step < 100 && !stopping_; ++step) {
    const Known known{world_.truth().end(*key), world_.truth().log_start(*key)};
    const CoreCall<fetch::Fetched> call = [topic, partition, offset](agent::AgentCore& core) {
      return core.fetch().fetch(topic, partition, offset, 4'096, std::chrono::milliseconds(300));
    };
    const auto fetched = co_await world_.ask<fetch::Fetched>(call, std::chrono::seconds(8));
    if (key_of(topic, partition) != key) co_return;  // deleted meanwhile
    if (!fetched) {
      const bool denied = fetched.error().code == Errc::kInvalidOffset;
      if (denied && offset <= known.end && offset >= world_.truth().log_start(*key)) {
        world_.violations().add("R2", "partition " + to_string(*key) + " offset " +
                                          std::to_string(offset.value()) +
                                          " was denied: " + fetched.error().text);
      }
      if (fetched.error().code == Errc::kCorrupt && world_.scenario().store.corrupted == 0) {
        world_.violations().add("S5", to_string(fetched.error()));
      }
      co_return;
    }
    world_.truth().shown_high_watermark(*key, fetched->high_watermark);
    if (fetched->batches.empty()) {
      if (offset < fetched->high_watermark)
        world_.violations().add("R2", "an empty read below the high watermark");
      co_return;
    }
    for (const base::Bytes& bytes : fetched->batches) {
      const auto next = check_read(*key, offset, bytes.view());
      if (!next) co_return;
      offset = *next;
    }
  }
}

std::optional<model::Offset> Actors::check_read(model::TopicPartition key, model::Offset offset,
                                                base::BytesView bytes) {
  const auto batch = model::RecordBatchView::front_of(bytes);
  const auto ids = record_ids(bytes);
  if (!batch || !ids || !batch->crc_matches()) {
    world_.violations().add("R5", "a batch that is none was read");
    return std::nullopt;
  }
  const bool is_earlier = batch->next_offset() <= offset;
  if (is_earlier || offset < batch->base_offset())
    world_.violations().add(is_earlier ? "R3" : "R2",
                            "asked for " + std::to_string(offset.value()) + ", got a batch at " +
                                std::to_string(batch->base_offset().value()));
  world_.truth().read(key, batch->base_offset(), *ids);
  promises_.read += ids->size();
  return batch->next_offset();
}

runtime::Task<base::Result<bool>> commit_call(agent::AgentCore& core, std::string group,
                                              std::vector<service::TopicOffset> offsets) {
  const base::Status committed =
      co_await core.groups().commit(std::move(group), std::move(offsets));
  if (!committed) co_return committed.error();
  co_return true;
}

runtime::Task<void> Actors::commit_offsets(int number) {
  const std::string group = "group-" + std::to_string(number);
  std::int64_t attempted = 0;
  std::int64_t acked = -1;
  std::set<std::int64_t> unknown;
  // When each was taken up last: calls that a paused agent finds waiting it takes up in any order.
  // An unknown one may be applied, but not once one that was taken up after it is acknowledged
  // (P18).
  const auto taken_up = std::make_shared<std::map<std::int64_t, int>>();
  const auto calls = std::make_shared<int>(0);
  const auto position = [](std::int64_t offset) {
    return std::vector<service::TopicOffset>{
        {.topic = "fixed", .partition = model::PartitionIndex(0), .offset = model::Offset(offset)}};
  };
  while (!stopping_) {
    co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 400'000'000)));
    const std::int64_t wanted = ++attempted;
    const CoreCall<bool> commit = [=](agent::AgentCore& core) {
      (*taken_up)[wanted] = ++*calls;
      return commit_call(core, group, position(wanted));
    };
    const auto committed = co_await world_.ask<bool>(commit, std::chrono::seconds(8));
    if (committed) {
      acked = wanted;
      ++promises_.group_commits;
    } else {
      unknown.insert(wanted);
    }
    const CoreCall<std::vector<service::TopicOffset>> ask =
        [group, questions = position(0)](agent::AgentCore& core) {
          return core.groups().committed(group, questions);
        };
    const auto answer =
        co_await world_.ask<std::vector<service::TopicOffset>>(ask, std::chrono::seconds(8));
    if (!answer) continue;
    const std::int64_t offset = answer->front().offset.value();
    world_.note(group + " at " + std::to_string(offset));
    const auto taken = taken_up->find(offset);
    const bool is_over =
        taken != taken_up->end() && acked > 0 && taken->second < taken_up->at(acked);
    const bool possible = offset == acked || (unknown.contains(offset) && !is_over);
    if (!possible) {
      world_.violations().add("G3", group + ": offset " + std::to_string(acked) +
                                        " was acknowledged, " + std::to_string(offset) +
                                        " is answered, " + std::to_string(attempted) +
                                        " was the last attempt");
    }
  }
}

}  // namespace streamhouse::sim
