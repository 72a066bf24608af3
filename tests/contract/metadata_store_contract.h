#pragma once
/// \file  The contract of every MetadataStore: one suite, run over each backend.
///
/// A backend's binding (tests/contract/metadata/*_backend.cc) makes an empty database and
/// instantiates the suite: INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataStoreContract, ...).

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "metadata/metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"

namespace streamhouse::metadata::contract {

/// One empty database, as a binding makes it.
class MetadataBackend {
 public:
  virtual ~MetadataBackend() = default;
  virtual MetadataStore& store() = 0;
  /// Another way into the same database, that works beside store(): a connection and a thread of
  /// its own where the backend has such.
  virtual MetadataStore& second_store() { return store(); }
  /// Sets the database's clock, which stands still otherwise. It begins with kStart.
  virtual void set_now(DatabaseMs now) = 0;
};

constexpr DatabaseMs kStart = 1'700'000'000'000;
/// The timeout of sessions that open() opens.
constexpr std::int64_t kTimeout = 1'000;

struct BackendCase {
  std::string name;
  /// The database lives until the backend is destroyed.
  std::function<std::unique_ptr<MetadataBackend>(runtime::AsioRuntime&)> make;
  /// How many of a hundred random rounds are made: fewer on a slow server.
  int rounds_of_hundred = 100;
  /// A writer that races with sealers pauses up to so many times as long as its append took: where
  /// a seal takes several requests, it would lose for seconds otherwise.
  int pause_max = 0;

  int rounds(int all) const { return std::max(1, all * rounds_of_hundred / 100); }
};

/// How gtest prints and names a case.
inline std::ostream& operator<<(std::ostream& out, const BackendCase& backend) {
  return out << backend.name;
}

/// `must` makes a call that has to succeed, `outcome` one whose success or failure is the question.
/// Its parts are public, so that the steps that several tests share can be plain functions.
class MetadataStoreContract : public ::testing::TestWithParam<BackendCase> {
 public:
  MetadataStore& store() { return backend_->store(); }
  MetadataBackend& backend() { return *backend_; }
  runtime::AsioRuntime& runtime() { return runtime_; }
  /// An empty database in the place of the present one.
  void start_anew();

  /// The database's clock.
  DatabaseMs now() const { return now_; }
  void pass_time(DatabaseMs duration) { backend_->set_now(now_ += duration); }

  /// The value of a call that has to succeed; ends the test otherwise.
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = runtime::run_task(runtime_, std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  /// "ok", or the error's name.
  template <class T>
  std::string outcome(Task<Result<T>> task) {
    const Result<T> result = runtime::run_task(runtime_, std::move(task));
    return result ? "ok" : std::string(base::errc_name(result.error().code));
  }
  /// The text of a call that has to fail.
  template <class T>
  std::string refusal(Task<Result<T>> task) {
    const Result<T> result = runtime::run_task(runtime_, std::move(task));
    return result ? "" : result.error().text;
  }

  // Steps that many tests begin with.
  Topic create(const std::string& name, std::int32_t partitions = 1);
  /// Deletes the live topic of that name.
  Topic delete_topic(const std::string& name);
  void open(SessionId session, const std::string& agent = "agent");
  /// Makes `session` lead `key` under the next epoch; spans may follow from `since` on.
  Partition lead(SessionId session, TopicPartition key, Seq since = Seq(1));
  /// Appends row `seq` and expects it to be new.
  void append(SessionId session, std::int64_t seq, LogEntry entry);
  /// Seals `session`, frees what it owns as it stands, and finishes its recovery.
  void take_over(SessionId session);
  /// Rows of the log that readers see, as `C1 R2 S3`.
  std::string rows(SessionId session);
  /// Base and next of all visible spans and segments of `key`, as `[0,5) [5,7)`.
  std::string spans(TopicPartition key);
  Session session_row(SessionId session) { return must(store().get_session(session)); }
  Partition partition(TopicPartition key) { return must(store().get_partition(key)); }
  std::vector<Change> changes_after(std::int64_t version);
  std::int64_t newest_change() { return must(store().watch_changes(0, 0)).latest; }

 private:
  runtime::AsioRuntime runtime_{1};
  DatabaseMs now_ = kStart;
  std::unique_ptr<MetadataBackend> backend_ = GetParam().make(runtime_);
};

// Short names for what the tests are full of.
inline constexpr SessionId kFirst{0x0123456789abcdef};
inline constexpr SessionId kSecond{0xfedcba9876543210};  // Beyond the range of int64.
inline constexpr SessionId kThird{3};

model::TopicId topic_id(std::uint64_t number);
NewTopic new_topic(const std::string& name, std::int32_t partitions = 1);
TopicPartition key_of(const Topic& topic, std::int32_t index = 0);
segment::Span span(TopicPartition key, std::int64_t base, std::int64_t next,
                   std::int32_t epoch = 1);
/// A commit of these spans, sorted here; `salt` makes otherwise equal objects differ.
CommitEntry commit(std::vector<segment::Span> spans, std::uint32_t salt = 0);
/// A commit whose spans are of no topic that exists.
CommitEntry any_commit(std::uint32_t salt = 0);
segment::PartitionCheckpoint entry(TopicPartition key, std::int32_t epoch,
                                   std::int64_t high_watermark, std::int64_t log_start = 0);
ReleaseEntry release(segment::CheckpointTable partitions);

}  // namespace streamhouse::metadata::contract
