#pragma once
/// \file  DynamoDB's messages: requests as JSON texts, answers as values (API version 2012-08-10).
/// The only file that knows the JSON library. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "metadata/dynamodb/messages/item.h"
#include "metadata/dynamodb/messages/refusal.h"
#include "net/http/http_message.h"

namespace streamhouse::metadata::dynamodb {

// DynamoDB's own bounds.
inline constexpr std::size_t kTransactionItemsMax = 100;
inline constexpr std::size_t kGetItemsMax = 100;
inline constexpr std::size_t kBatchWritesMax = 25;

/// What an item must be for a write to happen.
struct Guard {
  enum class Kind : std::uint8_t { kNone, kAbsent, kPresent, kRevision };
  Kind kind = Kind::kNone;
  std::string revision = {};  ///< With kRevision.
  friend bool operator==(const Guard&, const Guard&) = default;
};

struct Write {
  enum class Kind : std::uint8_t { kPut, kRemove, kCheck };
  Kind kind = Kind::kPut;
  Key key = {};
  Item item = {};  ///< Of a put, without its key.
  Guard guard = {};
};

/// Items with one partition key, by sort key.
struct Range {
  enum class Kind : std::uint8_t { kWhole, kAfter, kBetween, kPrefix };
  enum class Order : std::uint8_t { kForward, kBackward };
  std::string pk = {};
  Kind kind = Kind::kWhole;
  std::string low = {};   ///< kAfter: greater than it; kBetween: from it on; kPrefix: begins so.
  std::string high = {};  ///< kBetween: up to and including it.
  std::size_t limit = SIZE_MAX;
  Order order = Order::kForward;

  static Range whole(std::string pk) { return {.pk = std::move(pk)}; }
  static Range after(std::string pk, std::string low) {
    return {.pk = std::move(pk), .kind = Kind::kAfter, .low = std::move(low)};
  }
  static Range between(std::string pk, std::string low, std::string high) {
    return {.pk = std::move(pk),
            .kind = Kind::kBetween,
            .low = std::move(low),
            .high = std::move(high)};
  }
  static Range prefix(std::string pk, std::string low) {
    return {.pk = std::move(pk), .kind = Kind::kPrefix, .low = std::move(low)};
  }
  Range limited(std::size_t most) && {
    limit = most;
    return std::move(*this);
  }
  Range backward() && {
    order = Order::kBackward;
    return std::move(*this);
  }
};

// Requests. Errors: kInvalid for a text that is not UTF-8.
using Body = base::Result<std::string>;
Body get_items_body(const std::string& table, const std::vector<Key>& keys);
Body query_body(const std::string& table, const Range& range, const std::optional<Key>& after);
Body put_body(const std::string& table, const Write& write);
Body transaction_body(const std::string& table, const std::vector<Write>& writes,
                      const std::string& token);
/// Puts and removals without guards.
Body batch_write_body(const std::string& table, const std::vector<Write>& writes);
Body describe_table_body(const std::string& table);
/// Keys `pk` and `sk`, billed on demand.
Body create_table_body(const std::string& table);

// Answers. Errors: kUnavailable if an answer is not what it should be.
struct Items {
  std::vector<Item> items = {};
  std::vector<Key> unprocessed = {};  ///< Of a batch: to be asked for again.
  std::optional<Key> last = {};       ///< Of a query: there may be more after it.
};
base::Result<Items> parse_items(const std::string& table, base::BytesView answer);
base::Result<Items> parse_page(base::BytesView answer);
/// The writes that are to be sent again.
base::Result<std::vector<Write>> parse_unprocessed(const std::string& table,
                                                   base::BytesView answer);

struct TableDescription {
  std::string status = {};  ///< `ACTIVE`, `CREATING`, ...
  bool has_our_keys = false;
  bool has_local_indexes = false;
  std::size_t replicas = 0;  ///< In other regions.
};
base::Result<TableDescription> parse_description(base::BytesView answer);

Refusal parse_refusal(const net::ClientResponse& response);

}  // namespace streamhouse::metadata::dynamodb
