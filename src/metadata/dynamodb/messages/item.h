#pragma once
/// \file  Item: what one row of a DynamoDB table holds, and Key: where it stands.

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace streamhouse::metadata::dynamodb {

/// Partition key and sort key; neither is ever empty.
struct Key {
  std::string pk;
  std::string sk;
  auto operator<=>(const Key&) const = default;
};

/// DynamoDB's types N, S and B. Numbers are whole.
using Value = std::variant<std::int64_t, std::string, base::Bytes>;

/// Attributes by name, the key's among them once it was read.
class Item {
 public:
  Item() = default;
  Item(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  void set(const std::string& name, Value value) { values_[name] = std::move(value); }
  bool has(const std::string& name) const { return values_.contains(name); }
  void erase(const std::string& name) { values_.erase(name); }

  /// What an absent attribute, or one of another type, is taken for: 0, and nothing.
  std::int64_t number(const std::string& name) const { return get<std::int64_t>(name); }
  std::string text(const std::string& name) const { return get<std::string>(name); }
  base::Bytes bytes(const std::string& name) const { return get<base::Bytes>(name); }

  const std::map<std::string, Value>& values() const { return values_; }
  friend bool operator==(const Item&, const Item&) = default;

 private:
  template <class T>
  T get(const std::string& name) const {
    const auto found = values_.find(name);
    const T* const value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
    return value ? *value : T{};
  }

  std::map<std::string, Value> values_;
};

inline constexpr char kPartitionKey[] = "pk";
inline constexpr char kSortKey[] = "sk";
/// Another random number each time an item is written: an item that still has it is unchanged.
inline constexpr char kRevision[] = "r";

}  // namespace streamhouse::metadata::dynamodb
