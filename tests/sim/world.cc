#include "world.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "checker/stored_groups.h"
#include "objectstore/file_object_store.h"
#include "segment/object_key.h"

namespace streamhouse::sim {
namespace {

constexpr metadata::DatabaseMs kEpochMs = 1'700'000'000'000;

std::int64_t elapsed_ms(const runtime::SimScheduler& scheduler) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(scheduler.elapsed()).count();
}

/// A process's way to its directory.
struct Mount {
  Mount(objectstore::SimDisk& disk, runtime::SimRuntime& runtime, std::uint64_t instance)
      : files(disk), pool(runtime, {.workers = 4}) {
    auto opened = objectstore::DirectoryStore::open(files, "objects", instance);
    SH_CHECK(opened.has_value(), "the simulated directory opens");
    store = std::make_unique<objectstore::FileObjectStore>(*std::move(opened), pool, 16);
  }
  objectstore::SimFileSystem files;
  runtime::SimBlockingPool pool;
  std::unique_ptr<objectstore::FileObjectStore> store;
};

}  // namespace

struct World::Disk {
  explicit Disk(std::uint64_t seed) : disk(seed) {}
  objectstore::SimDisk disk;
  std::vector<std::unique_ptr<Mount>> mounts;
  std::unique_ptr<objectstore::SimFileSystem> auditor;
  std::shared_ptr<objectstore::DirectoryStore> view;
};

World::World(std::uint64_t seed, Scenario scenario)
    : scenario_(std::move(scenario)),
      scheduler_({.seed = seed}),
      carrier_(scheduler_.add_runtime("network")),
      client_(scheduler_.add_runtime("client")),
      tables_([this] { return kEpochMs + elapsed_ms(scheduler_); }, model::TopicId{}),
      disk_(scenario_.disk ? std::make_unique<Disk>(seed) : nullptr),
      store_faults_(carrier_, seed ^ 0x53746f7265),
      truth_([this](const std::string& key) { return stored_object(key); }, violations_),
      database_{.tables = tables_,
                .truth = truth_,
                .violations = violations_,
                .faults = faults_,
                .carrier = carrier_,
                .rates = scenario_.database,
                .deletion_grace = scenario_.deletion_grace,
                .session_timeout = scenario_.session_timeout},
      newest_(static_cast<std::size_t>(scenario_.agents), nullptr) {
  store_faults_.set_rates(scenario_.store);
  store_faults_.set_times({.stall_max = std::chrono::seconds(8)});
  truth_.on_seal([this](model::SessionId session) {
    const auto alive = [session](const Process* process) {
      return const_cast<Process*>(process)->core().session_id() == session;
    };
    const auto processes = up();
    if (std::ranges::any_of(processes, alive)) faults_.count(Fault::kSealOfLiveWriter);
  });
  note("seed " + std::to_string(seed) + " " + std::string(kind_name(scenario_.kind)));
}

World::~World() {
  for (const auto& process : processes_) process->crash();
}

void World::note(const std::string& text) {
  trace_ += std::to_string(scheduler_.elapsed().count() / 1'000) + "us " + text + "\n";
}

agent::CoreConfig World::core_config(int agent) const {
  const std::string id = "agent-" + std::to_string(agent);
  agent::CoreConfig config{.agent = {.agent_id = id, .address = id + ":9090"}};
  config.agent.metadata[kafka::kKafkaAddressKey] = id + ":9092";
  config.session = {.heartbeat_interval = scenario_.session_timeout / 6,
                    .session_timeout = scenario_.session_timeout};
  config.scope.writer.flush = {.object_bytes_max = scenario_.object_bytes_max,
                               .interval = scenario_.flush_interval};
  config.scope.writer.uploads_max = 4;
  config.scope.writer.overdue_after = std::chrono::seconds(5);
  config.scope.checkpoint = {.interval = scenario_.checkpoint_interval,
                             .rows_max = scenario_.checkpoint_rows};
  config.scope.tail_bytes_max = scenario_.tail_bytes_max;
  config.scope.index_bytes_max = scenario_.index_bytes_max;
  config.scope.lease_interval = std::chrono::milliseconds(200);
  config.scope.groups.snapshot_interval = std::chrono::seconds(5);
  config.upkeep = {.grace = scenario_.deletion_grace,
                   .interval = scenario_.upkeep_interval,
                   .sweep_again_first = std::chrono::seconds(5),
                   .sweep_again_longest = std::chrono::seconds(20)};
  config.buffer_limit = scenario_.buffer_limit;
  config.produce_timeout = std::chrono::seconds(10);
  return config;
}

Process& World::start_process(int agent) {
  const std::string name =
      "agent-" + std::to_string(agent) + "." + std::to_string(processes_.size());
  runtime::SimRuntime& runtime = scheduler_.add_runtime(name);
  const runtime::Duration latency_max = scenario_.store_latency_max;
  processes_.push_back(std::make_unique<Process>(
      Process::Ports{.runtime = runtime,
                     .database = database_,
                     .store = store_for(runtime),
                     .store_faults = store_faults_,
                     .latency = {.min = latency_max / 10, .max = latency_max}},
      core_config(agent)));
  newest_[static_cast<std::size_t>(agent)] = processes_.back().get();
  note(name + " starts");
  return *processes_.back();
}

objectstore::ObjectStore& World::store_for(runtime::SimRuntime& runtime) {
  if (!disk_) return memory_store_;
  disk_->mounts.push_back(
      std::make_unique<Mount>(disk_->disk, runtime, scheduler_.random().next()));
  Mount& mount = *disk_->mounts.back();
  if (!faults_stopped_ &&
      scheduler_.random().chance(0.7)) {  // dies between two calls of the file system
    const std::uint64_t step = mount.files.steps() + scheduler_.random().below(300) + 1;
    mount.files.crash_at(step, [this, &runtime] {
      note(runtime.name() + " dies in the file system");
      kill(process_of(runtime));
    });
  }
  return *mount.store;
}

std::vector<Process*> World::up() const {
  std::vector<Process*> processes;
  for (const auto& process : processes_) {
    if (process->is_up()) processes.push_back(process.get());
  }
  return processes;
}

void World::crash(int agent) {
  Process& process = newest(agent);
  if (!process.is_up()) return;
  note(process.runtime().name() + " crashes");
  kill(process);
}

Process& World::process_of(const runtime::SimRuntime& runtime) {
  const auto has_it = [&runtime](const auto& process) { return &process->runtime() == &runtime; };
  const auto found = std::ranges::find_if(processes_, has_it);
  SH_CHECK(found != processes_.end(), "only what has started runs");
  return **found;
}

void World::kill(Process& process) {
  faults_.count(Fault::kCrash);
  process.crash();
  if (disk_) disk_->disk.lose_power();
  const model::SessionId session = process.core().session_id();
  const auto& sessions = tables_.tables().sessions;
  const auto record = sessions.find(session);
  if (record != sessions.end() &&
      stored_object(segment::object_key(session, record->second.newest() + 1))) {
    faults_.count(Fault::kCrashBeforeCommit);
  }
}

void World::check_memory() {
  if (memory_was_exceeded_) return;
  const auto exceeds = [this](const auto& process) {
    if (!process->is_up()) return false;
    const auto scope = process->core().scope().get();
    const std::size_t tail_bytes = scope ? (*scope)->partitions().tail_bytes() : 0;
    return process->core().budget().used() > scenario_.buffer_limit ||
           tail_bytes > scenario_.tail_bytes_max;
  };
  memory_was_exceeded_ = std::ranges::any_of(processes_, exceeds);
  if (memory_was_exceeded_) violations_.add("Z1", "buffered batches or tails above their limit");
}

void World::fail_over(const Standby& standby) {
  note("the database fails over to a standby that lacks commits");
  has_lost_commits_ = true;
  tables_.restore(standby.tables);
  std::destroy_at(&truth_);
  std::construct_at(&truth_, standby.truth);
}

void World::stop_faults() {
  faults_stopped_ = true;
  database_.rates = {.latency_max = scenario_.database.latency_max};
  store_faults_.stop();
  if (disk_) {
    for (const auto& mount : disk_->mounts) mount->files.crash_at(0);
  }
  note("faults stop");
}

void World::collect_faults() {
  using objectstore::StoreFault;
  constexpr std::pair<Fault, StoreFault> kOfTheStore[] = {
      {Fault::kStoreRefused, StoreFault::kRefused},
      {Fault::kStoreThrottled, StoreFault::kThrottled},
      {Fault::kStoreBurst, StoreFault::kBurst},
      {Fault::kStoreReplyLost, StoreFault::kReplyLost},
      {Fault::kStoreLatePut, StoreFault::kAppliedLate},
      {Fault::kStoreStall, StoreFault::kStalled},
      {Fault::kDamagedRead, StoreFault::kCorrupted},
      {Fault::kShortRead, StoreFault::kTruncated}};
  for (const auto& [fault, of_store] : kOfTheStore)
    faults_.count(fault, store_faults_.count(of_store));
  if (disk_) faults_.count(Fault::kTornWrite, disk_->disk.counts().torn_files);
}

objectstore::DirectoryStore& World::disk_view() {
  if (!disk_->auditor || !disk_->auditor->is_alive()) {
    disk_->auditor = std::make_unique<objectstore::SimFileSystem>(disk_->disk);
    auto opened = objectstore::DirectoryStore::open(*disk_->auditor, "objects", 1);
    SH_CHECK(opened.has_value(), "the simulated directory opens");
    disk_->view = *std::move(opened);
  }
  return *disk_->view;
}

std::optional<base::Bytes> World::stored_object(const std::string& key) {
  if (!disk_) return memory_store_.peek(key);
  const objectstore::DirectoryStore& view = disk_view();
  const auto info = view.head(key);
  if (!info) return std::nullopt;
  auto bytes = view.get(key, {.position = 0, .length = info->size});
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

std::vector<std::string> World::stored_keys() {
  if (!disk_) return memory_store_.keys();
  std::vector<std::string> keys;
  for (bool more = true; more;) {
    const auto page = disk_view().list("", keys.empty() ? "" : keys.back(), 1'000);
    SH_CHECK(page.has_value(), "the simulated directory lists");
    for (const objectstore::ObjectInfo& object : page->objects) keys.push_back(object.key);
    more = page->more;
  }
  return keys;
}

std::map<std::string, base::Bytes> World::stored_objects() {
  std::map<std::string, base::Bytes> objects;
  for (const std::string& key : stored_keys()) objects.emplace(key, stored_object(key).value());
  return objects;
}

bool World::is_ready_for_rebuild() {
  const metadata::MemoryTables& tables = tables_.tables();
  const auto topic_is_stored = [this](const auto& entry) { return truth_.is_stored(entry.second); };
  return std::ranges::all_of(tables.topics, topic_is_stored) &&
         groups_are_stored(tables, stored_keys(),
                           [this](const std::string& key) { return stored_object(key); });
}

std::string World::garbage() {
  const std::vector<std::string> keys = stored_keys();
  const auto is_garbage = [this](const std::string& key) {
    return Truth::is_garbage(tables_.tables(), key, scenario_.store.applied_late > 0);
  };
  const auto found = std::ranges::find_if(keys, is_garbage);
  return found == keys.end() ? std::string() : *found;
}

}  // namespace streamhouse::sim
