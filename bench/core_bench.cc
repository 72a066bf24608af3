// What the core does for one processor core: batches appended, bytes produced and fetched, objects
// built. Usage: core_bench [--smoke]
#include <cstring>

#include "base/crc32c.h"
#include "bench/allocation_count.h"
#include "bench/core_world.h"
#include "bench/figure.h"
#include "segment/object_writer.h"

namespace streamhouse::bench {
namespace {

using runtime::Task;

constexpr std::int32_t kPartitions = 100;
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

/// Batches of their own buffers, as front ends hand them to the core.
std::vector<service::ProduceCall> produce_calls(int count, const base::ByteVector& batch) {
  std::vector<service::ProduceCall> calls;
  calls.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto bytes = std::make_shared<base::ByteVector>(batch);
    calls.push_back({.topic = CoreWorld::kTopic,
                     .partition = model::PartitionIndex(i % kPartitions),
                     .batch = {bytes, base::MutableBytesView(*bytes)}});
  }
  return calls;
}

/// Every call at once, as from a pipelined stream; then each is waited for.
Task<void> produce_all(agent::AgentCore& core, std::vector<service::ProduceCall> calls) {
  std::vector<service::AcceptedProduce> accepted;
  accepted.reserve(calls.size());
  for (service::ProduceCall& call : calls) {
    auto one = co_await core.produce().accept(std::move(call));
    SH_CHECK(one.has_value(), "accepted");
    accepted.push_back(*std::move(one));
  }
  for (service::AcceptedProduce& one : accepted) {
    const auto produced = co_await core.produce().committed(std::move(one));
    SH_CHECK(produced.has_value(), "committed");
  }
}

/// The writer alone, without the service's checks and without a waiter for each batch.
Task<void> append_all(agent::AgentCore& core, std::vector<service::ProduceCall> calls) {
  const auto topic = core.topics().find(CoreWorld::kTopic);
  const auto scope = core.scope().get();
  SH_CHECK(topic && scope, "ready");
  ingest::SessionWriter& writer = (*scope)->writer();
  std::optional<ingest::Appended> last;
  for (service::ProduceCall& call : calls) {
    SH_CHECK(core.budget().try_reserve(call.batch.bytes.size()), "room");
    auto appended = writer.append({topic->no, *call.partition}, std::move(call.batch));
    SH_CHECK(appended.has_value(), "appended");
    last = *std::move(appended);
  }
  const runtime::MonoTime deadline = runtime::MonoTime::max();
  const auto committed = co_await writer.committed(*std::move(last), deadline);
  SH_CHECK(committed.has_value(), "committed");
}

/// What no append can do without: a checksum of the batch and its place in a queue.
double queue_seconds(int count, const base::ByteVector& batch) {
  auto calls = produce_calls(count, batch);
  std::deque<base::Bytes> queue;
  std::uint32_t crc = 0;
  const double seconds = processor_seconds_of([&] {
    for (service::ProduceCall& call : calls) {
      crc ^= base::crc32c(call.batch.bytes);
      queue.emplace_back(std::move(call.batch.owner), call.batch.bytes);
    }
  });
  SH_CHECK(queue.size() == calls.size() && crc != 1, "not optimized away");
  return seconds;
}

/// Requests for memory that `work()` makes.
template <class Work>
double allocations_of(Work work) {
  const std::uint64_t before = allocation_count();
  work();
  return static_cast<double>(allocation_count() - before);
}

void measure_append(const Effort& effort) {
  const int count = effort.scaled(200'000);
  const base::ByteVector batch = client_batch(1, 100);
  CoreWorld world(kPartitions);
  const double baseline = count / best_of(effort, [&] { return queue_seconds(count, batch); });
  const double appended = best_of(effort, [&] {
    auto calls = produce_calls(count, batch);
    return processor_seconds_of([&] { world.run(append_all(world.core(), std::move(calls))); });
  });
  print({"append to commit, batches/s", count / appended, ">=1000000", baseline});
  const double produced = best_of(effort, [&] {
    auto calls = produce_calls(count, batch);
    return processor_seconds_of([&] { world.run(produce_all(world.core(), std::move(calls))); });
  });
  print({"produce to acknowledgement, batches/s", count / produced, "-", baseline});
  auto appends = produce_calls(count, batch);
  auto produces = produce_calls(count, batch);
  print({"append to commit, allocations/batch",
         allocations_of([&] { world.run(append_all(world.core(), std::move(appends))); }) / count});
  print(
      {"produce to acknowledgement, allocations/batch",
       allocations_of([&] { world.run(produce_all(world.core(), std::move(produces))); }) / count});
}

/// Everything that was produced, partition by partition, from the tail.
Task<std::size_t> fetch_all(agent::AgentCore& core, std::vector<model::Offset>& next) {
  std::size_t bytes = 0;
  for (std::int32_t index = 0; index < kPartitions; ++index) {
    model::Offset& offset = next[static_cast<std::size_t>(index)];
    while (true) {
      const auto fetched = co_await core.fetch().fetch(
          CoreWorld::kTopic, model::PartitionIndex(index), offset, 1u << 20, runtime::Duration(0));
      SH_CHECK(fetched.has_value(), "fetched");
      if (fetched->batches.empty()) break;
      bytes += objectstore::total_size(fetched->batches);
      const auto last = model::RecordBatchView::front_of(fetched->batches.back());
      offset = last->next_offset();
    }
  }
  co_return bytes;
}

void measure_produce_and_fetch(const Effort& effort) {
  constexpr int kRecords = 16;
  const base::ByteVector batch = client_batch(kRecords, 1024);
  const int count = effort.scaled(2'000);  // 32 MiB: the tail holds it
  const double bytes = static_cast<double>(batch.size()) * count;
  CoreWorld world(kPartitions);
  std::vector<model::Offset> next(kPartitions);
  const double used = best_of(effort, [&] {
    auto calls = produce_calls(count, batch);
    std::size_t fetched = 0;
    const double seconds = processor_seconds_of([&] {
      for (const service::ProduceCall& call : calls) {
        const auto valid = model::validate_produced(call.batch.bytes, {});
        SH_CHECK(valid.has_value(), "valid");
      }
      world.run(produce_all(world.core(), std::move(calls)));
      fetched = world.run(fetch_all(world.core(), next));
    });
    SH_CHECK(fetched == static_cast<std::size_t>(bytes), "everything was fetched");
    return seconds;
  });
  world.run(produce_all(world.core(), produce_calls(count, batch)));
  print({"fetch from the tail, allocations/batch",
         allocations_of([&] { world.run(fetch_all(world.core(), next)); }) / count});
  const double copied = best_of(effort, [&] {
    const auto calls = produce_calls(count, batch);
    base::ByteVector target(batch.size() * static_cast<std::size_t>(count));
    return processor_seconds_of([&] {
      std::uint8_t* to = target.data();
      for (const service::ProduceCall& call : calls) {
        std::memcpy(to, call.batch.bytes.data(), call.batch.bytes.size());
        to += call.batch.bytes.size();
      }
    });
  });
  print({"produce and fetch of 1 KiB records, GiB/s", bytes / used / kGiB, ">=1",
         bytes / copied / kGiB});
}

segment::SpanContent span_of(std::int32_t index, int count, const base::ByteVector& batch) {
  segment::SpanContent span{.partition = {model::TopicNo(1), model::PartitionIndex(index)},
                            .epoch = model::LeaderEpoch(1)};
  for (int i = 0; i < count; ++i) {
    base::ByteVector placed = batch;
    const int records = model::RecordBatchView::front_of(batch)->record_count();
    model::place_batch(placed, model::Offset(i * records), span.epoch);
    span.batches.emplace_back(std::move(placed));
  }
  return span;
}

/// An object of 8 MiB, as the flush of a busy agent makes it.
void measure_object_build(const Effort& effort) {
  constexpr int kBatches = 5;  // a span
  const base::ByteVector batch = client_batch(16, 1024);
  std::vector<segment::SpanContent> spans;
  for (std::int32_t i = 0; i < kPartitions; ++i) spans.push_back(span_of(i, kBatches, batch));
  const double bytes = static_cast<double>(batch.size()) * kBatches * kPartitions;
  const int repeats = effort.scaled(100);
  const double built = best_of(effort, [&] {
    std::uint64_t size = 0;
    const double seconds = processor_seconds_of([&] {
      for (int i = 0; i < repeats; ++i) size += segment::build_object({}, spans).size;
    });
    SH_CHECK(static_cast<double>(size) >= bytes * repeats, "built");
    return seconds;
  });
  base::ByteVector target(static_cast<std::size_t>(bytes));
  const double copied = best_of(effort, [&] {
    return processor_seconds_of([&] {
      for (int i = 0; i < repeats; ++i) {
        std::uint8_t* to = target.data();
        for (const auto& span : spans) {
          for (const base::Bytes& one : span.batches) {
            std::memcpy(to, one.data(), one.size());
            to += one.size();
          }
        }
      }
    });
  });
  print({"object build and checksum, GiB/s", bytes * repeats / built / kGiB, "ratio>=0.5",
         bytes * repeats / copied / kGiB});
}

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  const auto effort = streamhouse::bench::Effort::of(argc, argv);
  streamhouse::bench::measure_append(effort);
  streamhouse::bench::measure_produce_and_fetch(effort);
  streamhouse::bench::measure_object_build(effort);
}
