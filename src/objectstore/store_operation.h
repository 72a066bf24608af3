#pragma once
/// \file  StoreOperation: the calls of an ObjectStore, as wrappers count and disturb them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhouse::objectstore {

enum class StoreOperation : std::uint8_t { kPut, kGet, kHead, kList, kDelete };

constexpr std::size_t kStoreOperationCount = 5;
constexpr std::array<StoreOperation, kStoreOperationCount> kStoreOperations = {
    StoreOperation::kPut, StoreOperation::kGet, StoreOperation::kHead, StoreOperation::kList,
    StoreOperation::kDelete};

/// `put`, `get`, `head`, `list`, `delete`.
constexpr std::string_view operation_name(StoreOperation operation) {
  constexpr std::array<std::string_view, kStoreOperationCount> kNames = {"put", "get", "head",
                                                                         "list", "delete"};
  return kNames[static_cast<std::size_t>(operation)];
}

/// A value for each operation.
template <class T>
class ByOperation {
 public:
  T& operator[](StoreOperation operation) { return values_[static_cast<std::size_t>(operation)]; }
  const T& operator[](StoreOperation operation) const {
    return values_[static_cast<std::size_t>(operation)];
  }
  void fill(const T& value) { values_.fill(value); }

 private:
  std::array<T, kStoreOperationCount> values_{};
};

}  // namespace streamhouse::objectstore
