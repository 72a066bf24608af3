// What it costs to find the span that holds an offset, and to remember 10 million of them, beside a
// std::map a partition. Usage: index_bench [--smoke]
#include <malloc.h>

#include <map>
#include <memory>
#include <type_traits>

#include "base/check.h"
#include "bench/figure.h"
#include "partition/index/span_index.h"
#include "runtime/telemetry/process_usage.h"

namespace streamhouse::bench {
namespace {

using model::Offset;
using partition::FoundSpan;
using partition::SpanIndex;

constexpr std::uint64_t kPartitions = 10'000;
constexpr std::int64_t kRecordsPerSpan = 7;

/// A cheap bijection of 64 bits that looks like chance (SplitMix64's finalizer).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

/// In [0, bound), without a division.
std::int64_t below(std::uint64_t bound, std::uint64_t random) {
  return static_cast<std::int64_t>((random >> 32) * bound >> 32);
}

/// The span index of each partition.
class Blocked {
 public:
  void add(std::uint64_t partition, std::int64_t span, const partition::ObjectRef& object) {
    indexes_[partition].append(
        {.offsets = {Offset(span * kRecordsPerSpan), Offset((span + 1) * kRecordsPerSpan)},
         .object = object,
         .length = 100,
         .max_timestamp = 1'700'000'000'000 + span * 250});
  }
  std::uint64_t find(std::uint64_t partition, std::int64_t offset) const {
    const std::optional<FoundSpan> found = indexes_[partition].find(Offset(offset));
    return static_cast<std::uint64_t>(found->offsets.base.value()) + found->length;
  }
  std::uint64_t find_timestamp(std::uint64_t partition, std::int64_t span) const {
    const auto found = indexes_[partition].find_timestamp(1'700'000'000'000 + span * 250);
    return static_cast<std::uint64_t>(found->offsets.base.value());
  }

 private:
  std::vector<SpanIndex> indexes_ = std::vector<SpanIndex>(kPartitions);
};

/// Look-ups by time alone, by the standard library: a tree a partition.
class TimeTree {
 public:
  void add(std::uint64_t partition, std::int64_t span, const partition::ObjectRef&) {
    std::map<std::int64_t, std::int64_t>& tree = trees_[partition];
    tree.emplace_hint(tree.end(), 1'700'000'000'000 + span * 250, span * kRecordsPerSpan);
  }
  std::uint64_t find_timestamp(std::uint64_t partition, std::int64_t span) const {
    const auto found = trees_[partition].lower_bound(1'700'000'000'000 + span * 250);
    return static_cast<std::uint64_t>(found->second);
  }

 private:
  std::vector<std::map<std::int64_t, std::int64_t>> trees_ =
      std::vector<std::map<std::int64_t, std::int64_t>>(kPartitions);
};

/// The same by the standard library: a tree of 40-byte values a partition.
class Tree {
 public:
  void add(std::uint64_t partition, std::int64_t span, const partition::ObjectRef& object) {
    std::map<std::int64_t, Value>& tree = trees_[partition];
    tree.emplace_hint(tree.end(), span * kRecordsPerSpan,
                      Value{.next = (span + 1) * kRecordsPerSpan,
                            .object = &*object,
                            .length = 100,
                            .max_timestamp = 1'700'000'000'000 + span * 250});
  }
  std::uint64_t find(std::uint64_t partition, std::int64_t offset) const {
    const auto found = std::prev(trees_[partition].upper_bound(offset));
    SH_CHECK(offset < found->second.next, "found");
    return static_cast<std::uint64_t>(found->first) + found->second.length;
  }

 private:
  struct Value {
    std::int64_t next;
    const partition::StoredObject* object;
    std::uint64_t length;
    std::int64_t max_timestamp;
  };
  std::vector<std::map<std::int64_t, Value>> trees_ =
      std::vector<std::map<std::int64_t, Value>>(kPartitions);
};

struct Costs {
  double bytes = 0;        ///< A span.
  double independent = 0;  ///< Nanoseconds a look-up, as the others.
  double dependent = 0;
  double hot = 0;
  double by_time = 0;
};

/// Each flush has a span of every partition, so what one partition remembers lies all over memory.
template <class Index>
std::unique_ptr<Index> fill(const std::vector<partition::ObjectRef>& objects) {
  auto index = std::make_unique<Index>();
  for (std::int64_t span = 0; span < std::ssize(objects); ++span) {
    for (std::uint64_t partition = 0; partition < kPartitions; ++partition) {
      index->add(partition, span, objects[static_cast<std::size_t>(span)]);
    }
  }
  return index;
}

enum class Order : std::uint8_t { kIndependent, kDependent };

/// Nanoseconds a call of `look_up(random number) -> number`; kDependent: each needs the answer of
/// the one before. The order is no parameter: choosing by it at run time would make every call
/// wait.
template <Order kOrder, class LookUp>
double nanoseconds(const Effort& effort, LookUp look_up) {
  const int count = effort.scaled(500'000);
  std::uint64_t sum = 0;
  const double used = best_of(effort, [&] {
    return processor_seconds_of([&] {
      for (int i = 0; i < count; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        sum += look_up(mix(kOrder == Order::kDependent ? number + sum : number));
      }
    });
  });
  SH_CHECK(sum != 0, "not optimized away");
  return used / count * 1e9;
}

/// Nanoseconds a look-up by time, independent of the one before.
template <class Index>
double by_time(const Effort& effort, const Index& index, std::int64_t spans) {
  const auto bound = static_cast<std::uint64_t>(spans);
  return nanoseconds<Order::kIndependent>(effort, [&](std::uint64_t random) {
    return index.find_timestamp(random % kPartitions, below(bound, random));
  });
}

template <class Index>
Costs measure(const Effort& effort, const std::vector<partition::ObjectRef>& objects) {
  const std::int64_t spans = std::ssize(objects);
  malloc_trim(0);
  const auto before = static_cast<double>(runtime::process_usage().resident_bytes);
  const auto index = fill<Index>(objects);
  const double grown = static_cast<double>(runtime::process_usage().resident_bytes) - before;
  const auto end = static_cast<std::uint64_t>(spans * kRecordsPerSpan);
  const auto anywhere = [&](std::uint64_t random) {
    return index->find(random % kPartitions, below(end, random));
  };
  const auto in_one = [&](std::uint64_t random) { return index->find(1, below(end, random)); };
  Costs costs{.bytes = grown / static_cast<double>(spans * std::int64_t{kPartitions})};
  costs.independent = nanoseconds<Order::kIndependent>(effort, anywhere);
  costs.dependent = nanoseconds<Order::kDependent>(effort, anywhere);
  costs.hot = nanoseconds<Order::kIndependent>(effort, in_one);
  if constexpr (std::is_same_v<Index, Blocked>) costs.by_time = by_time(effort, *index, spans);
  return costs;
}

void measure_all(const Effort& effort) {
  const int spans = effort.scaled(1'000);  // a partition
  const auto table = partition::ObjectTable::make();
  std::vector<partition::ObjectRef> objects;
  for (int i = 0; i < spans; ++i) objects.push_back(table->add("object " + std::to_string(i), 1));
  const Costs blocked = measure<Blocked>(effort, objects);
  const Costs tree = measure<Tree>(effort, objects);
  const double time_tree = by_time(effort, *fill<TimeTree>(objects), spans);
  print({"span index: memory, B/span", blocked.bytes, "<=21", tree.bytes});
  print({"span index: floor, independent, ns", blocked.independent, "<=100", tree.independent});
  print({"span index: floor, dependent, ns", blocked.dependent, "<=400", tree.dependent});
  print({"span index: floor, one hot partition, ns", blocked.hot, "-", tree.hot});
  print({"span index: by timestamp, independent, ns", blocked.by_time, "-", time_tree});
}

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  streamhouse::bench::measure_all(streamhouse::bench::Effort::of(argc, argv));
}
