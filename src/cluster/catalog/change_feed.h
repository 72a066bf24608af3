#pragma once
/// \file  ChangeFeed: what others changed, told to the caches of this agent within half a second.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "metadata/metadata_store.h"
#include "runtime/task_group.h"

namespace streamhouse::cluster {

/// What was read of the feed at once.
struct ChangeBatch {
  std::vector<metadata::Change> changes;
  /// More than these may have changed, and what was known may even be newer than what is there: the
  /// feed is read for the first time, or some changes are not kept any more, or it went back.
  bool missed_some = false;
};
using ChangeBatchPtr = std::shared_ptr<const ChangeBatch>;

/// The topic that a change of a topic or a lease concerns; nullopt if its key names none.
std::optional<model::TopicNo> topic_of(const metadata::Change& change);

class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  /// Nothing that was read before one of these changes may be seen once this has returned well.
  /// Each is told twice, seconds apart. Errors: it did not work; it is called again with all of it,
  /// and more.
  virtual runtime::Task<base::Status> apply(ChangeBatchPtr batch) = 0;
};

/// Threading: the core's executor.
class ChangeFeed {
 public:
  ChangeFeed(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
             runtime::TaskGroup& group)
      : runtime_(runtime), metadata_(metadata), group_(group) {}

  /// Before run(). Outlives it. Listeners are told one after the other, in this order.
  void add(ChangeListener& listener) { listeners_.push_back(&listener); }
  /// Reads the feed until the group stops.
  runtime::Task<void> run();
  /// Whether everything that was committed some seconds ago was told: what is cached is a hint only
  /// while it was not.
  bool fresh() const { return runtime_.now() < told_at_ + kLateAfter; }

 private:
  static constexpr runtime::Duration kLateAfter = std::chrono::seconds(5);

  runtime::Task<base::Result<bool>> read_on();
  runtime::Task<base::Status> tell(ChangeBatchPtr batch);
  void note_to_tell_again(ChangeBatchPtr batch);
  runtime::Task<base::Status> tell_again();

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  runtime::TaskGroup& group_;
  std::vector<ChangeListener*> listeners_;
  /// Of the newest change that was told; -1 = the feed was never read.
  std::int64_t version_ = -1;
  runtime::MonoTime told_at_ = runtime::MonoTime::min();
  struct Again {
    runtime::MonoTime due;
    ChangeBatchPtr batch;
  };
  std::deque<Again> again_;  ///< Told, and to be told once more.
};

}  // namespace streamhouse::cluster
