// What an agent answers of topics and leaders from memory: time and memory, beside a bare hash map;
// and how seldom it asks the database. Usage: cache_bench [--smoke]
#include <malloc.h>

#include <cmath>
#include <random>

#include "base/check.h"
#include "bench/figure.h"
#include "cluster/catalog/leader_directory.h"
#include "cluster/catalog/topic_catalog.h"
#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/telemetry/process_usage.h"

namespace streamhouse::bench {
namespace {

using model::PartitionIndex;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kTopics = 10'000;
constexpr std::int32_t kPartitions = 10;  // a topic

std::string name_of(std::size_t topic) { return "tenant-7.orders." + std::to_string(topic); }

/// A database with the topics, led by three agents, and an agent's caches of it. Time is virtual.
struct World {
  explicit World(int topics) : topic_count(topics) {
    std::vector<model::SessionId> sessions;
    for (std::uint64_t id = 1; id <= 3; ++id) {
      sessions.emplace_back(id);
      const std::string name = "agent-" + std::to_string(id);
      SH_CHECK(tables.open_session({.id = sessions.back(),
                                    .agent = {.agent_id = name, .address = name + ":9090"},
                                    .timeout_ms = 1'000'000'000}),
               "opened");
    }
    for (int i = 0; i < topics; ++i) {
      model::TopicId id;
      for (int byte = 0; byte < 4; ++byte)
        id.bytes[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>((i + 1) >> 8 * byte);
      const auto topic = tables.create_topic({.name = name_of(static_cast<std::size_t>(i)),
                                              .id = id,
                                              .partition_count = kPartitions,
                                              .config = {{"retention.bytes", "1000000"}}});
      SH_CHECK(topic.has_value(), "created");
      for (std::int32_t p = 0; p < kPartitions; ++p) {
        const auto& leader = sessions[static_cast<std::size_t>(p) % sessions.size()];
        SH_CHECK(tables.acquire_leases(
                     leader, {{.key = {topic->no, PartitionIndex(p)}, .since_seq = model::Seq(1)}}),
                 "led");
      }
    }
  }
  ~World() { agent.crash(); }

  /// Everything into the caches.
  void fill() {
    malloc_trim(0);
    const auto before = static_cast<double>(runtime::process_usage().resident_bytes);
    catalog.follow(feed);
    leaders.follow(feed);
    agent.spawn(feed.run());
    scheduler.run_for(milliseconds(10));
    for (int i = 1; i <= topic_count; ++i) {
      SH_CHECK(run(leaders.get(topic_no(static_cast<std::size_t>(i - 1)))), "known");
    }
    malloc_trim(0);
    bytes = static_cast<double>(runtime::process_usage().resident_bytes) - before;
  }
  void change(std::size_t topic, int value) {
    SH_CHECK(tables.update_topic_config(name_of(topic), {.config = {{"k", std::to_string(value)}}}),
             "changed");
  }
  static model::TopicNo topic_no(std::size_t topic) {
    return model::TopicNo(static_cast<std::uint32_t>(topic + 1));
  }
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run_task(agent, std::move(task));
  }

  const int topic_count;
  runtime::SimScheduler scheduler{{.seed = 1}};
  runtime::SimRuntime& agent = scheduler.add_runtime("agent");
  metadata::MemoryMetadata tables{
      [this] { return std::chrono::duration_cast<milliseconds>(scheduler.elapsed()).count(); },
      model::TopicId{}};
  metadata::MemoryMetadataStore store{tables};
  metadata::MetadataFaults counts{agent, 1};
  metadata::FaultMetadataStore counted{store, agent, counts};
  runtime::TaskGroup group{agent};
  cluster::ChangeFeed feed{agent, counted, group};
  cluster::TopicCatalog catalog{agent, counted, group};
  cluster::LeaderDirectory leaders{agent, counted, group, "here:9090"};
  double bytes = 0;
};

/// Microseconds a call of `look_up(random topic)`.
template <class LookUp>
double microseconds(const Effort& effort, int topics, LookUp look_up) {
  const int count = effort.scaled(1'000'000);
  std::mt19937 random(1);
  std::vector<std::uint32_t> asked(static_cast<std::size_t>(count));
  for (auto& topic : asked) topic = random() % static_cast<std::uint32_t>(topics);
  std::uint64_t sum = 0;
  const double used = best_of(effort, [&] {
    return processor_seconds_of([&] {
      for (const std::uint32_t topic : asked) sum += look_up(topic);
    });
  });
  SH_CHECK(sum != 0, "not optimized away");
  return used / count * 1e6;
}

void measure_look_ups(const Effort& effort, World& world) {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::uint64_t> bare;
  for (int i = 0; i < world.topic_count; ++i) {
    names.push_back(name_of(static_cast<std::size_t>(i)));
    bare.emplace(names.back(), i + 1);
  }
  const double map =
      microseconds(effort, world.topic_count, [&](std::uint32_t t) { return bare.at(names[t]); });
  const double topic = microseconds(effort, world.topic_count, [&](std::uint32_t t) {
    return static_cast<std::uint64_t>(world.catalog.find(names[t])->partition_count);
  });
  const double list = microseconds(effort, world.topic_count,
                                   [&](std::uint32_t) { return world.catalog.list()->size(); });
  const double partition = microseconds(effort, world.topic_count, [&](std::uint32_t t) {
    const auto leaders = world.leaders.find(World::topic_no(t));
    return leaders->address(PartitionIndex(static_cast<std::int32_t>(t % 10))).size();
  });
  print({"topic by name, us", topic, "<=0.3", map});
  print({"list of all topics, us", list, "<=0.1"});
  print({"leader of a partition, us", partition, "<=0.3", map});
}

runtime::Task<void> get_all(cluster::TopicCatalog& catalog, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto topic = co_await catalog.get(name);
    SH_CHECK(topic.has_value(), "known");
  }
}

/// With the accounting and the coroutine of each query.
void measure_queries(const Effort& effort, World& world) {
  const int count = effort.scaled(1'000'000);
  std::mt19937 random(2);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i)
    names.push_back(name_of(random() % static_cast<std::uint32_t>(world.topic_count)));
  const double used = best_of(effort, [&] {
    return processor_seconds_of([&] { world.run(get_all(world.catalog, names)); });
  });
  print({"cached queries/s", count / used, ">=1000000"});
}

/// 1,000 reads/s of topics under Zipf's law (s = 0.99), one topic changed a second.
void measure_hits(const Effort& effort, World& world) {
  std::vector<double> weights;
  for (int i = 1; i <= world.topic_count; ++i) weights.push_back(std::pow(i, -0.99));
  std::discrete_distribution<std::size_t> zipf(weights.begin(), weights.end());
  std::mt19937 random(3);
  const runtime::CacheUse before = world.catalog.use();
  const std::uint64_t statements = world.counts.count(metadata::MetadataFault::kNone);
  const int rounds = effort.scaled(300);
  std::uint64_t late = 0;
  for (int second = 0; second < rounds; ++second) {
    const std::size_t changed = zipf(random);
    world.change(changed, second);
    world.scheduler.run_for(milliseconds(510));  // the feed has told by then
    const auto& config = world.catalog.find(name_of(changed))->config;
    late += config.at("k") == std::to_string(second) ? 0 : 1;
    for (int i = 0; i < 1'000; ++i)
      SH_CHECK(world.run(world.catalog.get(name_of(zipf(random)))), "known");
    world.scheduler.run_for(milliseconds(490));
  }
  const runtime::CacheUse use = world.catalog.use();
  const auto asked = static_cast<double>(rounds) * 1'000;
  print({"hits, Zipf 0.99, a change a second, %",
         100 * static_cast<double>(use.hits - before.hits) / asked, ">=99"});
  print(
      {"reads that were stale after half a second", static_cast<double>(late + use.stale), "<=0"});
  const std::uint64_t now = world.counts.count(metadata::MetadataFault::kNone);
  print({"statements/s, at 1,000 reads/s", static_cast<double>(now - statements) / rounds});
}

void measure_all(const Effort& effort) {
  World world(effort.scaled(kTopics));
  world.fill();
  print({"10,000 topics and 100,000 leaders, MB", world.bytes / 1e6, "<=16"});
  measure_look_ups(effort, world);
  measure_queries(effort, world);
  measure_hits(effort, world);
}

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  streamhouse::bench::measure_all(streamhouse::bench::Effort::of(argc, argv));
}
