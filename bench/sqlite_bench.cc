// What the SQLite store does a second, beside the bare driver running the same statements on the
// same disk in the same run. Usage: sqlite_bench [--smoke]
#include <filesystem>
#include <random>

#include "bench/bare_database.h"
#include "bench/figure.h"
#include "metadata/sqlite/sqlite_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "segment/span.h"

namespace streamhouse::bench {
namespace {

using namespace metadata;

constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr SessionId kSession{0x1234};

base::Bytes span_table(std::int32_t spans, std::int64_t base, std::int32_t partitions) {
  segment::SpanTable table;
  for (std::int32_t i = 0; i < spans; ++i)
    table.push_back(
        {.partition = {model::TopicNo(1), model::PartitionIndex(i * (partitions / spans))},
         .epoch = LeaderEpoch(1),
         .offsets = {Offset(base), Offset(base + 10)},
         .length = 1000,
         .batch_count = 1,
         .max_timestamp = kNow + base});
  segment::place_spans(table, 64);
  return base::Bytes(segment::encode_span_table(table));
}

class Bench {
 public:
  Bench(const std::filesystem::path& directory, Effort effort)
      : effort_(effort),
        path_((directory / "metadata.db").string()),
        bare_((directory / "bare.db").string()),
        metadata_(SqliteMetadata::open({.path = path_, .new_cluster_id = {{1}}}, kNow).value()) {
    const NewSession session{.id = kSession, .agent = {.agent_id = "bench"}, .timeout_ms = 60'000};
    SH_CHECK(metadata_->open_session(session).has_value(), "opened a session");
  }

  void run() {
    create_topic();
    copy_schema();
    insert_offsets();
    read_partitions();
    append();
    load();
    take_over();
    through_the_store();
  }

 private:
  void create_topic() {
    const NewTopic wide{.name = "wide", .id = {{2}}, .partition_count = 10'000};
    const double created =
        seconds([&] { SH_CHECK(metadata_->create_topic(wide).has_value(), "created"); });
    print({"create topic of 10,000 partitions, ms", created * 1e3, "<=250"});
    const double listed = seconds([&] {
      SH_CHECK(metadata_->list_partitions(model::TopicNo(1))->size() == 10'000, "listed");
    });
    print({"list 10,000 partitions, ms", listed * 1e3, "<=50"});
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < 10'000; ++i)
      requests.push_back({.key = partition(i), .expected_epoch = {}, .since_seq = Seq(1)});
    const double acquired = seconds(
        [&] { SH_CHECK(metadata_->acquire_leases(kSession, requests).has_value(), "acquired"); });
    print({"acquire 10,000 leases, ms", acquired * 1e3, "<=250"});
  }

  /// Gives the bare database the tables that its statements need.
  void copy_schema() {
    bare_.run(
        "CREATE TABLE sh_partitions (topic_no INTEGER, partition INTEGER, leader_epoch INTEGER,"
        " high_watermark INTEGER, PRIMARY KEY (topic_no, partition)) WITHOUT ROWID;"
        "CREATE TABLE sh_offsets (group_id TEXT, topic_no INTEGER, partition INTEGER,"
        " committed_offset INTEGER, leader_epoch INTEGER, metadata TEXT, committed_at INTEGER,"
        " expires_at INTEGER, PRIMARY KEY (group_id, topic_no, partition)) WITHOUT ROWID;"
        "CREATE TABLE sh_commits (session INTEGER, seq INTEGER, kind TEXT, crc INTEGER,"
        " object_size INTEGER, created_at INTEGER, payload BLOB, total_objects INTEGER,"
        " total_bytes INTEGER, PRIMARY KEY (session, seq)) WITHOUT ROWID;"
        "INSERT INTO sh_commits VALUES (1, 0, 'O', 0, 0, 0, x'', 0, 0);"
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO sh_partitions SELECT 1, i, 0, 0 FROM n;");
  }

  void insert_offsets() {
    const int transactions = effort_.scaled(50);
    constexpr int kRows = 1000;
    const ShardGuard guard{.shard = partition(0), .owner = kSession, .epoch = LeaderEpoch(1)};
    std::vector<CommittedOffset> offsets;
    for (std::int32_t i = 0; i < kRows; ++i)
      offsets.push_back({.key = partition(i * 10), .offset = Offset(i), .metadata = "m"});
    int groups = 0;  // rows that are there already would not be written again
    const double ours = best_seconds([&] {
      for (int i = 0; i < transactions; ++i)
        SH_CHECK(metadata_->commit_offsets(guard, "group" + std::to_string(groups++), 1, offsets)
                     .has_value(),
                 "committed");
    });
    BareStatement insert(bare_.handle(),
                         "INSERT OR REPLACE INTO sh_offsets SELECT ?1, topic_no, partition, ?4, -1,"
                         " ?6, ?7, NULL FROM sh_partitions WHERE topic_no = ?2 AND partition = ?3");
    const std::string metadata = "m";
    const double bare = best_seconds([&] {
      for (int transaction = 0; transaction < transactions; ++transaction) {
        const std::string group = "bare" + std::to_string(groups++);
        bare_.run("BEGIN IMMEDIATE");
        for (int i = 0; i < kRows; ++i)
          insert.text(1, group)
              .integer(2, 1)
              .integer(3, i * 10)
              .integer(4, i)
              .text(6, metadata)
              .integer(7, kNow)
              .run();
        bare_.run("COMMIT");
      }
    });
    const double inserts = transactions * kRows;
    print({"inserts in transactions of 1,000, /s", inserts / ours, ">=50000", inserts / bare});
  }

  void read_partitions() {
    const int reads = effort_.scaled(200'000);
    std::mt19937 random(1);
    const double ours = best_seconds([&] {
      for (int i = 0; i < reads; ++i)
        SH_CHECK(metadata_->get_partition(partition(random_partition(random))).has_value(), "read");
    });
    BareStatement select(bare_.handle(),
                         "SELECT leader_epoch FROM sh_partitions WHERE topic_no = ?1 AND"
                         " partition = ?2");
    const double bare = best_seconds([&] {
      for (int i = 0; i < reads; ++i)
        select.integer(1, 1).integer(2, random_partition(random)).run();
    });
    print({"point reads (get_partition), /s", reads / ours, ">=100000", reads / bare});
  }

  void append() {
    const int appends = effort_.scaled(1000);
    const base::Bytes spans = span_table(100, 0, 10'000);
    std::vector<double> times;
    const double ours = seconds([&] {
      for (int i = 0; i < appends; ++i) times.push_back(seconds([&] { append_one(spans); }));
    });
    BareStatement insert(bare_.handle(),
                         "INSERT INTO sh_commits SELECT ?1, ?2, 'C', ?3, ?4, ?5, ?6,"
                         " total_objects + 1, total_bytes + ?4 FROM sh_commits WHERE session = ?1 "
                         "AND seq = ?2 - 1 AND kind <> 'S'");
    std::vector<double> bare_times;
    const double bare = seconds([&] {
      for (int seq = 1; seq <= appends; ++seq)
        bare_times.push_back(seconds([&] {
          insert.integer(1, 1)
              .integer(2, seq)
              .integer(3, seq)
              .integer(4, 1)
              .integer(5, kNow)
              .blob(6, spans)
              .run();
        }));
    });
    print({"appends of 100 spans, synced, /s", appends / ours, "-", appends / bare});
    print({"append of 100 spans, p99 ms", percentile(times, 0.99) * 1e3, "<=5",
           percentile(bare_times, 0.99) * 1e3});
  }

  void append_one(const base::Bytes& spans) {
    const CommitEntry commit{.object_size = 1, .object_crc = 7, .spans = spans};
    const auto appended = metadata_->append(kSession, next_seq_, commit);
    SH_CHECK(appended && *appended == Appended::kNow, "appended");
    ++next_seq_;
  }

  /// 100,000 commits of 10 spans, behind the store's back: it would sync each of them.
  void fill_log() {
    BareDatabase other(path_);
    BareStatement insert(other.handle(),
                         "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at,"
                         " payload) VALUES (?1, ?2, 'C', 7, 1, ?3, ?4)");
    other.run("BEGIN IMMEDIATE");
    for (std::int64_t base = 10; next_seq_ <= Seq(effort_.scaled(100'000)); base += 10, ++next_seq_)
      insert.integer(1, kSession.value())
          .integer(2, next_seq_.value())
          .integer(3, kNow)
          .blob(4, span_table(10, base, 1000))
          .run();
    other.run("COMMIT");
  }

  void load() {
    fill_log();
    std::vector<TopicPartition> keys;
    for (std::int32_t i = 0; i < 1000; ++i) keys.push_back(partition(i));
    std::size_t spans = 0;
    const double loaded = seconds([&] {
      const auto answer = metadata_->load_partitions(keys);
      for (const auto& one : *answer) spans += one.spans.size();
    });
    print({"load 1,000 partitions, " + std::to_string(spans) + " spans of 100,000 commits, ms",
           loaded * 1e3, "<=500"});
  }

  /// What a restart does before it accepts writes.
  void take_over() {
    segment::CheckpointTable table;
    for (std::int32_t i = 0; i < 10'000; ++i)
      table.push_back({.partition = partition(i), .epoch = LeaderEpoch(1)});
    const Seq covered = next_seq_ - 101;
    const double checked = seconds([&] {
      SH_CHECK(metadata_->checkpoint(kSession, covered, table).has_value(), "checkpointed");
    });
    print({"checkpoint of 10,000 partitions, ms", checked * 1e3, "<=60"});
    const double taken = seconds([&] {
      SH_CHECK(metadata_->seal_session(kSession).has_value(), "sealed");
      const auto view = metadata_->load_recovery(kSession);
      SH_CHECK(view && view->rows.size() == 100, "only rows after the checkpoint");
      SH_CHECK(metadata_->recover_partitions(kSession, table).value() == 10'000, "recovered");
      SH_CHECK(metadata_->finish_recovery(kSession).has_value(), "finished");
    });
    print({"take over 10,000 partitions, 100,000 commits, ms", taken * 1e3, "<=1000"});
  }

  /// The same from the core's side: executor, worker and back.
  void through_the_store() {
    runtime::AsioRuntime runtime;
    runtime::ThreadPool pool(runtime, {.name = "sqlite"});
    SqliteMetadataStore store(pool, std::move(metadata_), [] { return kNow; });
    const int reads = effort_.scaled(20'000);
    std::vector<double> times;
    const double total = seconds([&] {
      for (int i = 0; i < reads; ++i)
        times.push_back(seconds([&] {
          SH_CHECK(runtime::run_task(runtime, store.get_partition(partition(i % 1000))).has_value(),
                   "read");
        }));
    });
    print({"point query from the executor, p99 ms", percentile(times, 0.99) * 1e3, "<=1"});
    print({"point queries one by one from the executor, /s", reads / total});
  }

  template <class Work>
  double best_seconds(Work work) const {
    return best_of(effort_, [&] { return seconds(work); });
  }
  static TopicPartition partition(std::int32_t index) {
    return {model::TopicNo(1), model::PartitionIndex(index)};
  }
  static std::int32_t random_partition(std::mt19937& random) {
    return static_cast<std::int32_t>(random() % 10'000);
  }

  Effort effort_;
  std::string path_;
  BareDatabase bare_;
  std::unique_ptr<SqliteMetadata> metadata_;
  Seq next_seq_{1};
};

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  const auto effort = streamhouse::bench::Effort::of(argc, argv);
  std::string directory = std::filesystem::temp_directory_path() / "streamhouse_bench_XXXXXX";
  SH_CHECK(mkdtemp(directory.data()) != nullptr, "made a directory");
  streamhouse::bench::Bench(directory, effort).run();
  std::filesystem::remove_all(directory);
}
