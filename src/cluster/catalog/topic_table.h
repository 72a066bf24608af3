#pragma once
/// \file  TopicTable: topics as they were last read, in whatever order reads of the store end.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metadata/topics.h"

namespace streamhouse::cluster {

using TopicPtr = std::shared_ptr<const metadata::Topic>;
using TopicList = std::vector<TopicPtr>;

/// Topics and lists of them are immutable: who holds one keeps what it was.
/// Invariant: while a topic is known it does not go back to an earlier version. One that was
/// removed never comes back, nor does one that was missing when all were read, unless a read that
/// began later has found it.
/// Cost:      about 220 bytes a topic beside the topic itself; list() is made once a change.
class TopicTable {
 public:
  /// Orders what happens here: noted when a read of the store begins, it says what the read knows.
  using Moment = std::uint64_t;
  Moment now() { return ++moment_; }

  /// A read that began at `begun` has found this. What this process has just written: now().
  void learn(TopicPtr topic, Moment begun);
  /// A read that began at `begun` has found these and no others.
  void learn_all(const TopicList& topics, Moment begun);
  /// The topic is no more. Numbers are never given twice.
  void remove(model::TopicNo no);
  /// All that was known before `begun` may be wrong, in its versions too: the database went back.
  void distrust_before(Moment begun);

  /// Live ones only, of both kinds; nullptr if not known.
  TopicPtr find(std::string_view name) const;
  TopicPtr find(model::TopicNo no) const;
  TopicPtr find(const model::TopicId& id) const;
  /// Live user topics by name.
  std::shared_ptr<const TopicList> list() const;
  TopicList deleting() const;

 private:
  struct Known {
    TopicPtr topic;
    Moment read_at = 0;  ///< Begin of the latest read that found it.
  };
  using Topics = std::map<model::TopicNo, Known>;

  void show(const TopicPtr& topic);
  void hide(const TopicPtr& topic);
  Topics::iterator forget(Topics::iterator known);

  Moment moment_ = 0;
  Moment all_read_at_ = 0;  ///< Begin of the latest read of all.
  Topics topics_;
  std::unordered_map<std::string_view, TopicPtr> live_;  ///< By their own names.
  std::map<model::TopicId, model::TopicNo> numbers_;
  std::set<model::TopicNo> deleting_;
  std::set<model::TopicNo> removed_;  ///< The latest kRemovedMax.
  std::deque<model::TopicNo> removed_order_;
  mutable std::shared_ptr<const TopicList> list_;  ///< nullptr after a change.
};

}  // namespace streamhouse::cluster
