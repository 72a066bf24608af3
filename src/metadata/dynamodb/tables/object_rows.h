#pragma once
/// \file  Objects: live ones and dead ones stand apart, and are counted as they come and go.

#include <set>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/rows.h"

namespace streamhouse::metadata::dynamodb {

/// How the counts of objects change with a transaction.
class ObjectCounts {
 public:
  void add(const ObjectRow& row) { change(row, 1); }
  void remove(const ObjectRow& row) { change(row, -1); }
  /// Notes the change; comes last of what reads.
  Task<Status> store(Transaction& transaction) const;

  /// Those that are stored; none of flushed objects that live, which the logs count.
  static std::vector<ObjectCount> of(const Item* item);

 private:
  using Kind = std::pair<int, ObjectState>;
  struct Change {
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
  };
  void change(const ObjectRow& row, std::int64_t sign);

  std::map<Kind, Change> changes_;
};

Key object_counts_key();

/// Removes these segments' items and counts them off their objects; those that have none left are
/// dead. In several transactions: what was forgotten stays forgotten.
struct ForgottenSegment {
  Key key;
  std::string object_key;
};
Task<Status> forget_segments(Table& table, std::vector<ForgottenSegment> segments);

/// Counts the segments of an object anew, which are among `segments`; one that has none is dead.
/// Does nothing unless the object is live.
Task<Status> recount_segments(Table& table, std::string object_key, std::vector<Key> segments);

/// Which of the segments' objects are live: the others were never committed, or are gone.
Task<Result<std::set<std::string>>> live_objects(Table& table, std::vector<Item> segments);

}  // namespace streamhouse::metadata::dynamodb
