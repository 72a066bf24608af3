#include "metadata/dynamodb/driver/table.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "metadata/dynamodb/driver/take_front.h"
#include "net/aws/sha256.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

namespace {

/// 16 MB of items, in base64.
constexpr std::size_t kBatchAnswerMax = 32u << 20;
/// 1 MB of items, with names and quotes.
constexpr std::size_t kPageAnswerMax = 8u << 20;
constexpr std::size_t kTokenBytes = 32;  // 36 at most
/// Reads of so few items are over soon, or their connection is dead.
constexpr std::size_t kFewItems = 8;
constexpr runtime::Duration kFewMax = std::chrono::seconds(2);
constexpr runtime::Duration kManyMax = std::chrono::seconds(10);

runtime::Duration time_for(std::size_t items) { return items <= kFewItems ? kFewMax : kManyMax; }
/// Of a batch of writes. DynamoDB takes 16 MB; but what it leaves over comes back in the answer.
constexpr std::size_t kBatchBytesMax = 2u << 20;

/// About as many as the write has on its way, before base64.
std::size_t bytes_of(const Write& write) {
  constexpr std::size_t kOthers = 64;
  std::size_t bytes = kOthers + write.key.pk.size() + write.key.sk.size();
  for (const auto& [name, value] : write.item.values()) {
    bytes += kOthers + name.size();
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    if (const auto* data = std::get_if<base::Bytes>(&value)) bytes += data->size();
  }
  return bytes;
}

/// How many of the first a batch takes; at least one.
std::size_t batch_size(std::span<const Write> writes) {
  std::size_t size = 0;
  for (std::size_t bytes = 0; size < std::min(writes.size(), kBatchWritesMax); ++size) {
    bytes += bytes_of(writes[size]);
    if (size > 0 && bytes > kBatchBytesMax) break;
  }
  return size;
}

/// Waits before what was left out of a batch, which is what throttling looks like there, is sent
/// again: ever longer while nothing of it passes.
class LeftOut {
 public:
  explicit LeftOut(Client& client) : client_(client) { note_progress(); }
  void note_progress() {
    retry_.emplace(client_.retries());
    since_ = client_.runtime().now();
  }
  /// Whether it is to be sent again.
  Task<bool> wait() { co_return co_await client_.wait(*retry_, Failure::kThrottled, since_); }

 private:
  Client& client_;
  std::optional<RetryPolicy> retry_;
  runtime::MonoTime since_;
};

}  // namespace

Status Table::check_access() const {
  if (access_ == Access::kReadWrite) return {};
  return {Errc::kUnsupported, "table " + name_ + " is opened for reading only"};
}

std::string Table::new_revision() { return base::to_hex(client_.runtime().random().next()); }

/// Tokens are known to a whole account, so the table's name is in them.
std::string Table::new_token() {
  const std::string text = name_ + new_revision() + new_revision();
  return base::to_hex(base::BytesView(net::sha256(base::as_bytes(text)))).substr(0, kTokenBytes);
}

void Table::stamp(Write& write) {
  if (write.kind != Write::Kind::kPut) return;
  for (const char* name : {kPartitionKey, kSortKey}) write.item.erase(name);
  write.item.set(kRevision, new_revision());
}

Task<Result<std::vector<Item>>> Table::get_all(std::vector<Key> keys) {
  std::vector<Item> found;
  LeftOut left(client_);
  while (!keys.empty()) {
    const std::size_t size = std::min(keys.size(), kGetItemsMax);
    const auto first = keys.end() - static_cast<std::ptrdiff_t>(size);
    const std::vector<Key> some(first, keys.end());
    keys.erase(first, keys.end());
    SH_CO_TRY(std::string body, get_items_body(name_, some));
    Request request{.operation = "BatchGetItem",
                    .body = std::move(body),
                    .answer_bytes_max = kBatchAnswerMax,
                    .time_max = time_for(size)};
    const Answer answer = co_await client_.call(std::move(request));
    if (!answer.body) co_return answer.body.error();
    SH_CO_TRY(Items items, parse_items(name_, *answer.body));
    std::ranges::move(items.items, std::back_inserter(found));
    if (items.unprocessed.size() < size) left.note_progress();
    if (items.unprocessed.empty()) continue;
    std::ranges::move(items.unprocessed, std::back_inserter(keys));
    const bool again = co_await left.wait();
    if (!again)
      co_return base::make_error(Errc::kThrottled, "table " + name_ + " is read too much");
  }
  co_return found;
}

Task<Result<std::optional<Item>>> Table::get(Key key) {
  SH_CO_TRY(auto items, co_await get_all({std::move(key)}));
  if (items.empty()) co_return std::optional<Item>();
  co_return std::optional(std::move(items.front()));
}

Task<Result<std::vector<Item>>> Table::page(Range range, std::optional<Key>& after) {
  if (range.kind == Range::Kind::kBetween && range.low > range.high) {  // refused otherwise
    after.reset();
    co_return std::vector<Item>();
  }
  SH_CO_TRY(std::string body, query_body(name_, range, after));
  Request request{.operation = "Query",
                  .body = std::move(body),
                  .answer_bytes_max = kPageAnswerMax,
                  .time_max = time_for(range.limit)};
  const Answer answer = co_await client_.call(std::move(request));
  if (!answer.body) co_return answer.body.error();
  SH_CO_TRY(Items items, parse_page(*answer.body));
  after = std::move(items.last);
  co_return std::move(items.items);
}

Task<Result<std::vector<Item>>> Table::query(Range range) {
  std::vector<Item> found;
  std::optional<Key> after;
  std::size_t left = range.limit;
  while (left > 0) {
    range.limit = left;
    SH_CO_TRY(auto items, co_await page(range, after));
    if (left != SIZE_MAX) left -= std::min(left, items.size());
    std::ranges::move(items, std::back_inserter(found));
    if (!after) break;
  }
  co_return found;
}

Result<Written> Table::outcome(const Answer& answer, std::size_t rows) {
  if (answer.failure == Failure::kLost)
    return answer.is_open ? Written::kLostOrDone : Written::kLost;
  if (!answer.body) return answer.body.error();
  count(rows);
  return Written::kDone;
}

Task<Result<Written>> Table::transact(std::vector<Write> writes) {
  SH_CO_TRY_OK(check_access());
  std::size_t rows = 0;
  for (Write& write : writes) {
    stamp(write);
    rows += write.kind == Write::Kind::kCheck ? 0 : 1;
  }
  const std::string token = new_token();
  SH_CO_TRY(std::string body, transaction_body(name_, writes, token));
  Request request{
      .operation = "TransactWriteItems", .body = std::move(body), .effect = Effect::kWrite};
  const Answer answer = co_await client_.call(std::move(request));
  co_return outcome(answer, rows);
}

Task<Result<Written>> Table::put(Write write) {
  SH_CO_TRY_OK(check_access());
  stamp(write);
  SH_CO_TRY(std::string body, put_body(name_, write));
  Request request{.operation = "PutItem", .body = std::move(body), .effect = Effect::kWrite};
  const Answer answer = co_await client_.call(std::move(request));
  co_return outcome(answer, 1);
}

Task<Status> Table::write_batch(std::vector<Write> writes) {
  LeftOut left(client_);
  while (true) {
    SH_CO_TRY(std::string body, batch_write_body(name_, writes));
    Request request{
        .operation = "BatchWriteItem", .body = std::move(body), .effect = Effect::kWrite};
    const Answer answer = co_await client_.call(std::move(request));
    const std::size_t sent = writes.size();
    if (answer.body) {
      SH_CO_TRY(writes, parse_unprocessed(name_, *answer.body));
    } else if (answer.failure != Failure::kLost) {  // a transaction has one of them for a moment
      co_return answer.body.error();
    }
    count(sent - std::min(sent, writes.size()));
    if (writes.empty()) co_return Status{};
    if (writes.size() < sent) left.note_progress();
    const bool again = co_await left.wait();
    if (!again)
      co_return base::make_error(Errc::kThrottled, "table " + name_ + " is written too much");
  }
}

Task<Status> Table::write_all(std::vector<Write> writes) {
  SH_CO_TRY_OK(check_access());
  for (Write& write : writes) stamp(write);
  std::span<const Write> rest(writes);
  while (!rest.empty()) SH_CO_TRY_OK(co_await write_batch(take_front(rest, batch_size(rest))));
  co_return Status{};
}

}  // namespace streamhouse::metadata::dynamodb
