// Goal: a killed agent loses nothing it acknowledged, and the next one gets in at once.
// Method: child processes that append flat out and report each acknowledgement through a pipe,
// killed by SIGKILL at random moments.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>

#include "metadata/sqlite/sqlite_metadata.h"
#include "tests/scratch_directory.h"

namespace streamhouse::metadata {
namespace {

constexpr SessionId kSession{5};

CommitEntry commit(Seq seq) {
  segment::SpanTable table{{.partition = {model::TopicNo(1), model::PartitionIndex(0)},
                            .offsets = {Offset(seq.value()), Offset(seq.value() + 1)},
                            .length = 10,
                            .batch_count = 1}};
  segment::place_spans(table, 64);
  return {.object_size = 100,
          .object_crc = static_cast<std::uint32_t>(seq.value()),
          .spans = base::Bytes(segment::encode_span_table(table))};
}

class SqliteCrashTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteMetadata> open(const std::string& holder) {
    auto metadata = SqliteMetadata::open(
        {.path = directory_.path() / "metadata.db", .holder = holder, .new_cluster_id = {{1}}}, 1);
    EXPECT_TRUE(metadata.has_value()) << to_string(metadata.error());
    return metadata ? *std::move(metadata) : nullptr;
  }

  std::unique_ptr<SqliteMetadata> open_read_only() {
    auto metadata = SqliteMetadata::open_read_only({.path = directory_.path() / "metadata.db"}, 1);
    EXPECT_TRUE(metadata.has_value()) << to_string(metadata.error());
    return metadata ? *std::move(metadata) : nullptr;
  }

  /// Appends from `first` on until it is killed.
  [[noreturn]] void append_for_ever(Seq first, int acknowledgements) {
    const auto metadata = open("child");
    for (Seq seq = first;; ++seq) {
      const auto appended = metadata->append(kSession, seq, commit(seq));
      if (!appended || *appended != Appended::kNow) _exit(1);
      if (write(acknowledgements, &seq, sizeof(seq)) != sizeof(seq)) _exit(1);
    }
  }

  /// Returns the last row that a child acknowledged before it was killed.
  Seq run_and_kill(Seq first, std::chrono::microseconds life) {
    int acknowledgements[2];
    EXPECT_EQ(pipe(acknowledgements), 0);
    const pid_t child = fork();
    if (child == 0) append_for_ever(first, acknowledgements[1]);
    close(acknowledgements[1]);
    Seq last = first - 1;
    if (read(acknowledgements[0], &last, sizeof(last)) == sizeof(last)) {  // it is under way
      usleep(static_cast<useconds_t>(life.count()));
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: an append failed";
    while (read(acknowledgements[0], &last, sizeof(last)) == sizeof(last)) {
    }
    close(acknowledgements[0]);
    return last;
  }

  tests::ScratchDirectory directory_;
};

TEST_F(SqliteCrashTest, EveryAcknowledgedAppendOutlivesTheProcess) {
  const NewSession session{.id = kSession, .agent = {.agent_id = "a"}, .timeout_ms = 1000};
  ASSERT_TRUE(open("parent")->open_session(session).has_value());
  std::mt19937 random(1);
  Seq next(1);
  for (int round = 0; round < 50; ++round) {
    SCOPED_TRACE(round);
    const Seq acknowledged = run_and_kill(next, std::chrono::microseconds(random() % 30'000));
    ASSERT_GE(acknowledged, next) << "the child never began";
    const auto seen = open_read_only()->tail(kSession, acknowledged - 1, 1);
    ASSERT_TRUE(seen && !seen->empty()) << "a reader needs no agent to recover the log for it";
    const auto rows = open("parent")->tail(kSession, next - 1, 1'000'000);
    ASSERT_TRUE(rows.has_value()) << to_string(rows.error());
    for (const LogRow& row : *rows) {
      ASSERT_EQ(row.seq, next);
      ASSERT_EQ(row.payload, commit(next).spans);
      ++next;
    }
    ASSERT_GT(next, acknowledged);
    ASSERT_LE(next, acknowledged + 2) << "one append at most was under way";
  }
}

}  // namespace
}  // namespace streamhouse::metadata
