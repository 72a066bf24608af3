// What the PostgreSQL store does, beside the same statements sent by libpq alone to the same server
// in the same run. The server is a process of its own on this machine, with a disk that it syncs.
// Then once more in the dialect of CockroachDB, in a database of 100,000 partitions: a server of
// PostgreSQL whose transactions are serializable stands in for it, so the figures say what the
// statements cost, and nothing of what CockroachDB takes for them.
// Usage: postgres_bench [--smoke]
#include <libpq-fe.h>

#include <cstdio>
#include <random>

#include "bench/figure.h"
#include "metadata/cockroach/cockroach_dialect.h"
#include "metadata/postgres/postgres_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "segment/span.h"
#include "tests/metadata/postgres_server.h"

namespace streamhouse::bench {
namespace {

using namespace metadata;

constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr SessionId kSession{0x1234};
constexpr std::int32_t kPartitions = 10'000;

TopicPartition partition(std::int32_t index) {
  return {model::TopicNo(1), model::PartitionIndex(index)};
}

base::Bytes span_table(std::int32_t spans, std::int64_t base) {
  segment::SpanTable table;
  for (std::int32_t i = 0; i < spans; ++i)
    table.push_back({.partition = partition(i * (kPartitions / spans)),
                     .epoch = LeaderEpoch(1),
                     .offsets = {Offset(base), Offset(base + 10)},
                     .length = 1000,
                     .batch_count = 1,
                     .max_timestamp = kNow + base});
  segment::place_spans(table, 64);
  return base::Bytes(segment::encode_span_table(table));
}

/// libpq and nothing else: one prepared statement, its parameters as text but for a blob.
class BareStatement {
 public:
  BareStatement(PGconn* server, std::string name, const char* sql)
      : server_(server), name_(std::move(name)) {
    clear(PQprepare(server_, name_.c_str(), sql, 0, nullptr));
  }

  void run(const std::vector<std::string>& values, base::BytesView blob = {}) {
    std::vector<const char*> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const std::string& value : values) {
      pointers.push_back(value.c_str());
      lengths.push_back(static_cast<int>(value.size()));
      formats.push_back(0);
    }
    if (!blob.empty()) {
      pointers.push_back(base::as_text(blob).data());
      lengths.push_back(static_cast<int>(blob.size()));
      formats.push_back(1);
    }
    clear(PQexecPrepared(server_, name_.c_str(), static_cast<int>(pointers.size()), pointers.data(),
                         lengths.data(), formats.data(), 1));
  }

 private:
  static void clear(PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    SH_CHECK(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "a bare statement works");
    PQclear(result);
  }

  PGconn* server_;
  std::string name_;
};

/// What is measured on.
struct Database {
  const char* name;
  const postgres::Dialect* dialect;
  int other_topics;  ///< Of as many partitions as the one that is measured.
};

/// CockroachDB's dialect on a server of PostgreSQL, whose planner needs what the other dialect
/// tells it.
const postgres::Dialect& stand_in_dialect() {
  static const std::string settings =
      std::string(cockroach::cockroach_dialect().session_settings) +
      "; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off";
  static const postgres::Dialect made = [] {
    postgres::Dialect dialect = cockroach::cockroach_dialect();
    dialect.session_settings = settings;
    dialect.check_server = [](postgres::Connection&, postgres::AsyncStandbys) { return Status(); };
    return dialect;
  }();
  return made;
}

class Bench {
 public:
  Bench(Effort effort, const Database& database)
      : effort_(effort),
        name_(database.name),
        other_topics_(database.other_topics),
        dialect_(database.dialect),
        bare_(PQconnectdb(server_.url().c_str()), PQfinish) {
    const NewSession session{.id = kSession, .agent = {.agent_id = "bench"}, .timeout_ms = 600'000};
    SH_CHECK(db_.open_session(session).has_value(), "opened a session");
    BareStatement(bare_.get(), "open",
                  "INSERT INTO sh_commits VALUES (77, 0, 'O', 0, 0, 0, '', 0, 0)")
        .run({});
  }

  void run() {
    create_topic();
    append(100, "<=3");
    append(625, "<=5");
    append(5'000, "<=10");
    look_up();
    find_segments();
    commit_offsets(10, "<=5");
    commit_offsets(100, "<=10");
    beat();
    take_over();
    through_the_store();
  }

 private:
  /// Seconds of one bare statement, which is planned before.
  double bare(const char* sql, base::BytesView blob = {}) {
    BareStatement statement(bare_.get(), "once" + std::to_string(++bare_statements_), sql);
    return seconds([&] { statement.run({}, blob); });
  }
  /// Rows of partitions that only bare statements use: topic 500 of as many, led by nobody.
  double bare_create() {
    return bare(
        "INSERT INTO sh_partitions SELECT 500, g, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        " FROM generate_series(0, 9999) g");
  }

  void create_topic() {
    const NewTopic wide{.name = "wide", .id = {{2}}, .partition_count = kPartitions};
    const double created =
        seconds([&] { SH_CHECK(db_.create_topic(wide).has_value(), "created"); });
    print({name_ + ": create topic of 10,000 partitions, ms", created * 1e3, "<=250",
           bare_create() * 1e3});
    for (int i = 0; i < other_topics_; ++i) {
      const NewTopic other{.name = "other" + std::to_string(i),
                           .id = {{3, static_cast<std::uint8_t>(i)}},
                           .partition_count = kPartitions};
      SH_CHECK(db_.create_topic(other).has_value(), "created");
    }
    SH_CHECK(connection_->run_script("ANALYZE").has_value(), "as autovacuum does");
    const double listed = seconds(
        [&] { SH_CHECK(db_.list_partitions(model::TopicNo(1))->size() == kPartitions, "listed"); });
    const double bare_listed = bare(
        "SELECT p.*, r.snapshot FROM sh_partitions p LEFT JOIN sh_partition_producers r"
        " ON r.topic_no = p.topic_no AND r.partition = p.partition WHERE p.topic_no = 500"
        " ORDER BY p.partition");
    print({name_ + ": list 10,000 partitions, ms", listed * 1e3, "<=50", bare_listed * 1e3});
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 1000; i < kPartitions; ++i)
      requests.push_back({.key = partition(i), .expected_epoch = {}, .since_seq = Seq(1)});
    const double acquired =
        seconds([&] { SH_CHECK(db_.acquire_leases(kSession, requests).has_value(), "acquired"); });
    const double bare_acquired = bare(
        "UPDATE sh_partitions SET owner_session = 77, leader_epoch = 1, since_seq = 1,"
        " acquired_at = 1, updated_at = 1 WHERE topic_no = 500 AND partition >= 1000"
        " AND owner_session + 0 = 0");
    print({name_ + ": acquire 9,000 leases, ms", acquired * 1e3, "<=250", bare_acquired * 1e3});
    const std::vector<double> times = measure(1000, [&] {
      const AcquireRequest request{.key = partition(leased_one_by_one_++), .since_seq = Seq(1)};
      SH_CHECK(db_.acquire_leases(kSession, {request})->front().has_value(), "acquired");
    });
    BareStatement lease(bare_.get(), "lease",
                        "UPDATE sh_partitions SET owner_session = 77, leader_epoch = 1 WHERE"
                        " topic_no = 500 AND partition = $1 AND owner_session + 0 = 0");
    int leased = 0;
    const std::vector<double> bare_times =
        measure(1000, [&] { lease.run({std::to_string(leased++)}); });
    print({name_ + ": acquire a lease, p99 ms", percentile(times, 0.99) * 1e3, "<=10",
           percentile(bare_times, 0.99) * 1e3});
  }

  void append(std::int32_t span_count, const char* goal) {
    const base::Bytes spans = span_table(span_count, 0);
    const std::vector<double> times = measure(2000, [&] {
      const CommitEntry commit{.object_size = 1, .object_crc = 7, .spans = spans};
      SH_CHECK(db_.append(kSession, next_seq_, commit).has_value(), "appended");
      ++next_seq_;
    });
    BareStatement insert(bare_.get(), "append" + std::to_string(span_count),
                         "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at,"
                         " payload, total_objects, total_bytes)"
                         " SELECT 77, $1::int8, 'C', 7, 1, 5, $2::bytea,"
                         " total_objects + 1, total_bytes + 1 FROM sh_commits WHERE session = 77"
                         " AND seq = $1::int8 - 1 AND kind <> 'S' ON CONFLICT DO NOTHING");
    const std::vector<double> bare =
        measure(2000, [&] { insert.run({std::to_string(++bare_seq_)}, spans); });
    const std::string name = name_ + ": append of " + std::to_string(span_count) + " spans, ";
    print({name + "p50 ms", percentile(times, 0.5) * 1e3, "-", percentile(bare, 0.5) * 1e3});
    print({name + "p99 ms", percentile(times, 0.99) * 1e3, goal, percentile(bare, 0.99) * 1e3});
  }

  void look_up() {
    std::mt19937 random(1);
    const auto any = [&] { return static_cast<std::int32_t>(random() % kPartitions); };
    const std::vector<double> times =
        measure(10'000, [&] { SH_CHECK(db_.get_partition(partition(any())).has_value(), "read"); });
    BareStatement select(bare_.get(), "select",
                         "SELECT p.*, r.snapshot FROM sh_partitions p"
                         " LEFT JOIN sh_partition_producers r ON r.topic_no = p.topic_no"
                         " AND r.partition = p.partition"
                         " WHERE p.topic_no = $1 AND p.partition = $2");
    const std::vector<double> bare =
        measure(10'000, [&] { select.run({"1", std::to_string(any())}); });
    print({name_ + ": get_partition, p99 ms", percentile(times, 0.99) * 1e3, "<=3",
           percentile(bare, 0.99) * 1e3});
    const std::vector<double> topics =
        measure(2000, [&] { SH_CHECK(db_.get_topic("wide").has_value(), "read"); });
    BareStatement select_topic(bare_.get(), "topic",
                               "SELECT * FROM sh_topics WHERE name = $1 AND state = 0");
    const std::vector<double> bare_topics = measure(2000, [&] { select_topic.run({"wide"}); });
    print({name_ + ": get_topic, p99 ms", percentile(topics, 0.99) * 1e3, "<=3",
           percentile(bare_topics, 0.99) * 1e3});
  }

  /// Ten segments in each partition.
  void find_segments() {
    const int partitions = effort_.scaled(kPartitions);
    const std::string fill =
        "INSERT INTO sh_segments SELECT 1, p, (s + 1) * 100, s * 100, 'object', 0, 1, 1, 100, 1, 1,"
        " 1 FROM generate_series(0, " +
        std::to_string(partitions - 1) + ") p, generate_series(0, 9) s";
    SH_CHECK(connection_->run_script(fill).has_value(), "filled");
    std::mt19937 random(1);
    const auto any = [&] { return static_cast<int>(random() % static_cast<unsigned>(partitions)); };
    const auto offset = [&] { return static_cast<std::int64_t>(random() % 1000); };
    const std::vector<double> times = measure(5'000, [&] {
      SH_CHECK(db_.find_segment(partition(any()), Offset(offset())).has_value(), "found");
    });
    BareStatement select(bare_.get(), "segment",
                         "SELECT * FROM sh_segments WHERE topic_no = 1 AND partition = $1"
                         " AND next_offset > $2 ORDER BY next_offset LIMIT 1");
    const std::vector<double> bare =
        measure(5'000, [&] { select.run({std::to_string(any()), std::to_string(offset())}); });
    print({name_ + ": find_segment among 100,000, p99 ms", percentile(times, 0.99) * 1e3, "<=5",
           percentile(bare, 0.99) * 1e3});
  }

  void commit_offsets(std::int32_t count, const char* goal) {
    const ShardGuard guard{.shard = partition(0), .owner = kSession, .epoch = LeaderEpoch(1)};
    std::vector<CommittedOffset> offsets;
    for (std::int32_t i = 0; i < count; ++i)
      offsets.push_back({.key = partition(i * 10), .offset = Offset(i), .metadata = "m"});
    const std::string group = "group" + std::to_string(count);
    std::int64_t commit_no = 0;
    const std::vector<double> times = measure(1000, [&] {
      SH_CHECK(db_.commit_offsets(guard, group, ++commit_no, offsets).has_value(), "committed");
    });
    BareStatement upsert(
        bare_.get(), "offsets" + std::to_string(count),
        "INSERT INTO sh_offsets (group_id, topic_no, partition, committed_offset,"
        " leader_epoch, metadata, committed_at) SELECT 'bare', 500, g, 1, 1, 'm', 1"
        " FROM generate_series(1, $1::int) g ON CONFLICT"
        " (group_id, topic_no, partition) DO UPDATE SET"
        " committed_offset = excluded.committed_offset,"
        " committed_at = excluded.committed_at");
    const std::vector<double> bare_times =
        measure(1000, [&] { upsert.run({std::to_string(count)}); });
    print({name_ + ": commit " + std::to_string(count) + " offsets, p99 ms",
           percentile(times, 0.99) * 1e3, goal, percentile(bare_times, 0.99) * 1e3});
  }

  void beat() {
    const std::vector<double> times = measure(1000, [&] {
      SH_CHECK(db_.heartbeat(kSession, 600'000, ListOwned::kNo).has_value(), "beaten");
    });
    bare("INSERT INTO sh_agents VALUES ('bare', 77, '', '', '', '{}', 0, 0, 0)");
    BareStatement update(bare_.get(), "beat",
                         "UPDATE sh_agents SET last_heartbeat = last_heartbeat + 1,"
                         " expires_at = expires_at + 1 WHERE agent_id = $1");
    const std::vector<double> bare_times = measure(1000, [&] { update.run({"bare"}); });
    print({name_ + ": heartbeat, p99 ms", percentile(times, 0.99) * 1e3, "<=2",
           percentile(bare_times, 0.99) * 1e3});
  }

  void take_over() {
    segment::CheckpointTable table;
    for (std::int32_t i = 0; i < kPartitions; ++i)
      table.push_back(
          {.partition = partition(i), .epoch = LeaderEpoch(1), .high_watermark = Offset(1)});
    const double checked = seconds([&] {
      SH_CHECK(db_.checkpoint(kSession, next_seq_ - 11, table).has_value(), "checkpointed");
    });
    const double bare_checked =
        bare("INSERT INTO sh_checkpoints (session, upto_seq, payload) VALUES (77, 1, $1::bytea)",
             base::Bytes(segment::encode_checkpoint(table)));
    print({name_ + ": checkpoint of 10,000 partitions, ms", checked * 1e3, "<=60",
           bare_checked * 1e3});
    const double taken = seconds([&] {
      SH_CHECK(db_.seal_session(kSession).has_value(), "sealed");
      SH_CHECK(db_.load_recovery(kSession)->rows.size() == 10, "rows after the checkpoint");
      const auto recovered = static_cast<std::int32_t>(*db_.recover_partitions(kSession, table));
      SH_CHECK(recovered == kPartitions - 1000 + leased_one_by_one_, "recovered");
      SH_CHECK(db_.finish_recovery(kSession).has_value(), "finished");
    });
    const double bare_freed = bare(
        "UPDATE sh_partitions SET owner_session = 0, leader_epoch = leader_epoch + 1,"
        " high_watermark = 1 WHERE topic_no = 500");
    print({name_ + ": take over 10,000 partitions, ms", taken * 1e3, "<=500", bare_freed * 1e3});
  }

  /// The same from the core's side: executor, worker and back.
  void through_the_store() {
    runtime::AsioRuntime runtime;
    runtime::ThreadPool workers(runtime, {.name = "postgres", .threads = 4});
    PostgresMetadataStore store(runtime, workers, pool_);
    const std::vector<double> times = measure(5'000, [&] {
      SH_CHECK(runtime::run_task(runtime, store.get_partition(partition(7))).has_value(), "read");
    });
    print({name_ + ": get_partition from the executor, p99 ms", percentile(times, 0.99) * 1e3,
           "<=3"});
  }

  /// Seconds of each of that many runs.
  template <class Work>
  std::vector<double> measure(int times, Work work) const {
    std::vector<double> samples;
    for (int i = 0; i < effort_.scaled(times); ++i) samples.push_back(seconds(work));
    return samples;
  }

  Effort effort_;
  std::string name_;
  int other_topics_;
  const postgres::Dialect* dialect_;
  tests::PostgresServer server_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> bare_;
  std::shared_ptr<postgres::ConnectionPool> pool_ =
      open_postgres(
          {.connection = {.url = server_.url(), .dialect = dialect_}, .new_cluster_id = {{1}}})
          .value();
  std::unique_ptr<postgres::Connection> connection_ = pool_->take().value();
  PostgresMetadata db_{*connection_};
  std::int32_t leased_one_by_one_ = 0;
  Seq next_seq_{1};
  std::int64_t bare_seq_ = 0;
  int bare_statements_ = 0;
};

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  using namespace streamhouse;
  if (const std::string why = tests::PostgresServer::missing(); !why.empty()) {
    std::fprintf(stderr, "skipped: %s\n", why.c_str());
    return 77;
  }
  const bench::Effort effort = bench::Effort::of(argc, argv);
  for (const bench::Database& database :
       {bench::Database{"PostgreSQL", &metadata::postgres::postgres_dialect(), 0},
        bench::Database{"CockroachDB's stand-in, 100,000 partitions", &bench::stand_in_dialect(),
                        9}})
    bench::Bench(effort, database).run();
  return 0;
}
