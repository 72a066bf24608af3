// Leaves behind what an agent that was killed leaves: a metadata database with a topic, its leases
// and a long log of commits, of which the last ones came after the newest checkpoint.
// Usage: restart_fill DATABASE PARTITIONS COMMITS COMMITS_AFTER_CHECKPOINT
#include <cstdlib>

#include "bench/bare_database.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "segment/checkpoint.h"
#include "segment/span.h"

namespace streamhouse::bench {
namespace {

using namespace metadata;

constexpr SessionId kSession{0x1234};
constexpr DatabaseMs kNow = 1'700'000'000'000;
constexpr std::int32_t kSpansPerCommit = 10;
constexpr std::int64_t kRecordsPerSpan = 10;

struct Amount {
  std::int32_t partitions = 0;
  std::int64_t commits = 0;
  std::int64_t after_checkpoint = 0;
};

class Filler {
 public:
  Filler(std::string path, Amount amount) : path_(std::move(path)), amount_(amount) {
    SH_CHECK(amount_.partitions % kSpansPerCommit == 0, "every commit is as large");
  }

  void run() {
    const SqliteOptions options{.path = path_, .new_cluster_id = {{1}}};
    const auto metadata = SqliteMetadata::open(options, kNow).value();
    const NewSession session{.id = kSession, .agent = {.agent_id = "killed"}, .timeout_ms = 60'000};
    SH_CHECK(metadata->open_session(session).has_value(), "opened a session");
    const NewTopic topic{.name = "bench", .id = {{2}}, .partition_count = amount_.partitions};
    SH_CHECK(metadata->create_topic(topic).has_value(), "created");
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < amount_.partitions; ++i)
      requests.push_back({.key = partition(i), .expected_epoch = {}, .since_seq = Seq(1)});
    SH_CHECK(metadata->acquire_leases(kSession, requests).has_value(), "acquired");
    append(1, amount_.commits - amount_.after_checkpoint);
    const Seq upto(amount_.commits - amount_.after_checkpoint);
    SH_CHECK(metadata->checkpoint(kSession, upto, state_after(upto)).has_value(), "checkpointed");
    append(upto.value() + 1, amount_.commits);
  }

 private:
  static TopicPartition partition(std::int32_t index) {
    return {model::TopicNo(1), model::PartitionIndex(index)};
  }
  std::int32_t groups() const { return amount_.partitions / kSpansPerCommit; }

  /// Commits take turns over the partitions, ten at a time.
  base::Bytes spans_of(std::int64_t seq) const {
    const auto group = static_cast<std::int32_t>((seq - 1) % groups());
    const std::int64_t base = (seq - 1) / groups() * kRecordsPerSpan;
    segment::SpanTable table;
    for (std::int32_t i = 0; i < kSpansPerCommit; ++i)
      table.push_back({.partition = partition(group * kSpansPerCommit + i),
                       .epoch = LeaderEpoch(1),
                       .offsets = {Offset(base), Offset(base + kRecordsPerSpan)},
                       .length = 1000,
                       .batch_count = 1,
                       .max_timestamp = kNow + seq});
    segment::place_spans(table, 64);
    return base::Bytes(segment::encode_span_table(table));
  }

  segment::CheckpointTable state_after(Seq upto) const {
    segment::CheckpointTable table;
    for (std::int32_t i = 0; i < amount_.partitions; ++i) {
      const std::int32_t group = i / kSpansPerCommit;
      const std::int64_t spans = (upto.value() - group + groups() - 1) / groups();
      table.push_back({.partition = partition(i),
                       .epoch = LeaderEpoch(1),
                       .high_watermark = Offset(spans * kRecordsPerSpan)});
    }
    return table;
  }

  /// Behind the store's back, in one transaction.
  void append(std::int64_t first, std::int64_t last) {
    BareDatabase database(path_);
    BareStatement insert(database.handle(),
                         "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at,"
                         " payload) VALUES (?1, ?2, 'C', 7, 10064, ?3, ?4)");
    database.run("BEGIN IMMEDIATE");
    for (std::int64_t seq = first; seq <= last; ++seq)
      insert.integer(1, static_cast<std::int64_t>(kSession.value()))
          .integer(2, seq)
          .integer(3, kNow)
          .blob(4, spans_of(seq))
          .run();
    database.run("COMMIT");
  }

  std::string path_;
  Amount amount_;
};

}  // namespace
}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const streamhouse::bench::Amount amount{.partitions = std::atoi(argv[2]),
                                          .commits = std::atoll(argv[3]),
                                          .after_checkpoint = std::atoll(argv[4])};
  streamhouse::bench::Filler(argv[1], amount).run();
}
