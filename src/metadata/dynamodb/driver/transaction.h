#pragma once
/// \file  Transaction: one serialisable transaction over items, by optimistic concurrency: what was
/// read is unchanged when what is written is written, or nothing is.

#include <map>
#include <optional>
#include <vector>

#include "metadata/dynamodb/driver/table.h"
#include "runtime/retry/backoff.h"

namespace streamhouse::metadata::dynamodb {

/// Each item that was read takes part in the commit, as a write's guard or as a check by itself; so
/// a transaction touches at most kTransactionItemsMax items. What is read by Table's own functions
/// beside it is not guarded: only what never changes again, or only in one way, is read so.
/// Lifetime:  of one attempt; the table outlives it.
/// Threading: the runtime's executor.
class Transaction {
 public:
  explicit Transaction(Table& table) : table_(table) {}

  /// Reads those of `keys` that were not read yet.
  Task<Status> load(std::vector<Key> keys);
  /// nullptr if there is none. Requires: load() of the key. What is written here is not seen.
  const Item* find(const Key& key) const;
  /// load() and find() of one.
  Task<Result<const Item*>> get(Key key);

  /// Guarded by what was read, if the key was.
  void put(const Key& key, Item item);
  /// Requires that there is no such item.
  void put_new(const Key& key, Item item);
  void remove(const Key& key);

  enum class Writes : std::uint8_t { kApply, kDrop };
  /// kDrop: only checks that everything that was read is still so, and was so at one moment; that
  /// needs no request if it was one item.
  Task<Result<Written>> commit(Writes writes);

  /// Items that take part so far.
  std::size_t size() const { return entries_.size(); }
  Table& table() { return table_; }
  runtime::WallMs now() const { return table_.now(); }

 private:
  struct Entry {
    std::optional<Item> read = {};
    bool was_read = false;
    std::optional<Write> write = {};
  };
  Guard guard_of(const Entry& entry) const;

  Table& table_;
  std::map<Key, Entry> entries_;
};

/// What was tried of the same before.
enum class Earlier : std::uint8_t { kNothing, kMayBeApplied };

/// Runs `op`, an object whose run(Transaction&) reads, decides and notes its writes, until its
/// transaction is committed; for an error it answers, until that is known to be right. `op` may be
/// run several times. Errors: those of run(); kUnavailable if others were always faster;
/// kUnknownOutcome in place of kUnavailable and kThrottled where an attempt that was lost may have
/// been applied.
template <class Op>
auto transact(Table& table, Op op, Earlier earlier = Earlier::kNothing)
    -> decltype(op.run(std::declval<Transaction&>()));

/// Waits between attempts that were lost.
class Contention {
 public:
  explicit Contention(Table& table) : table_(table), started_(table.runtime().now()) {}
  /// Whether another attempt is to be made; if so, after a pause.
  Task<bool> wait();
  static base::Error given_up();

 private:
  Table& table_;
  runtime::MonoTime started_;
  runtime::Backoff backoff_{
      {.first = std::chrono::milliseconds(4), .longest = std::chrono::milliseconds(400)}};
};

/// Whether an answer says something about what is stored.
bool tells(base::Errc code);
/// The error of a step behind another that was, or may have been, applied: kUnknownOutcome in place
/// of what says that nothing was.
base::Error behind_applied(base::Error error);

template <class Op>
auto transact(Table& table, Op op, Earlier earlier)
    -> decltype(op.run(std::declval<Transaction&>())) {
  Contention contention(table);
  const auto settled = [&earlier](base::Error error) {
    return earlier == Earlier::kNothing ? error : behind_applied(std::move(error));
  };
  while (true) {
    Transaction transaction(table);
    auto task = op.run(transaction);
    auto answer = co_await std::move(task);
    if (!answer && !tells(answer.error().code)) co_return settled(answer.error());
    const auto writes = answer ? Transaction::Writes::kApply : Transaction::Writes::kDrop;
    const auto written = co_await transaction.commit(writes);
    if (!written) co_return settled(written.error());
    if (*written == Written::kDone) co_return answer;
    if (*written == Written::kLostOrDone) earlier = Earlier::kMayBeApplied;
    const bool again = co_await contention.wait();
    if (!again) co_return settled(Contention::given_up());
  }
}

}  // namespace streamhouse::metadata::dynamodb
