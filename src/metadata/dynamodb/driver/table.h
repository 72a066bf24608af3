#pragma once
/// \file  Table: the items of one DynamoDB table, read consistently and written under conditions.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "metadata/dynamodb/driver/client.h"
#include "metadata/dynamodb/messages/messages.h"

namespace streamhouse::metadata::dynamodb {

/// Whether writes are made at all.
enum class Access : std::uint8_t { kReadWrite, kReadOnly };
/// kLost: a guard did not hold, or another transaction was faster; nothing was written.
/// kLostOrDone: the same, or an earlier attempt of this very write, whose answer was lost, was
/// applied: look.
enum class Written : std::uint8_t { kDone, kLost, kLostOrDone };

/// Every read sees all that was written before it began (ConsistentRead).
/// Lifetime:  outlives its calls; the client outlives it.
/// Threading: the runtime's executor.
/// Errors:    Client's; kUnsupported for a write through a table that is only read; kInvalid for a
///            text that is not UTF-8.
class Table {
 public:
  using Clock = std::function<runtime::WallMs()>;
  /// `clock`: empty for the service's own.
  Table(Client& client, std::string name, Access access, Clock clock = {})
      : client_(client), name_(std::move(name)), access_(access), clock_(std::move(clock)) {}

  /// Those that are there, in no order; any number of keys, none twice.
  Task<Result<std::vector<Item>>> get_all(std::vector<Key> keys);
  Task<Result<std::optional<Item>>> get(Key key);
  /// In the range's order, as many as its limit says.
  Task<Result<std::vector<Item>>> query(Range range);
  /// The next page of at most 1 MB; begins at `after`, and leaves there where it ended, or nothing.
  /// `after` outlives the call.
  Task<Result<std::vector<Item>>> page(Range range, std::optional<Key>& after);

  /// All or nothing. Requires: 1 to kTransactionItemsMax writes of different keys.
  Task<Result<Written>> transact(std::vector<Write> writes);
  /// One put under its guard.
  Task<Result<Written>> put(Write write);
  /// Puts and removals without guards, in no order, each by itself; repeatable as a whole.
  Task<Status> write_all(std::vector<Write> writes);

  runtime::WallMs now() const { return clock_ ? clock_() : client_.now(); }
  /// A number that no other write has, as text.
  std::string new_revision();
  runtime::Runtime& runtime() const { return client_.runtime(); }
  Client& client() const { return client_; }
  const std::string& name() const { return name_; }
  Access access() const { return access_; }
  /// Items put and removed.
  std::uint64_t rows_written() const { return rows_written_; }

 private:
  Task<Status> write_batch(std::vector<Write> writes);
  /// What came of a write of so many rows.
  Result<Written> outcome(const Answer& answer, std::size_t rows);
  Status check_access() const;
  std::string new_token();
  /// Puts get a revision.
  void stamp(Write& write);
  void count(std::size_t rows) { rows_written_ += rows; }

  Client& client_;
  const std::string name_;
  const Access access_;
  const Clock clock_;
  std::uint64_t rows_written_ = 0;
};

}  // namespace streamhouse::metadata::dynamodb
