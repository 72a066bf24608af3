#pragma once
/// \file  StoreUnderTest: an object store of some kind, with the runtime that drives it.

#include <functional>
#include <memory>
#include <string>

#include "objectstore/object_store.h"
#include "runtime/runtime.h"

namespace streamhouse::tests {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual objectstore::ObjectStore& store() = 0;
  virtual runtime::Runtime& runtime() = 0;
  /// Runs `task` until it has ended.
  virtual void run(runtime::Task<void> task) = 0;
};

struct StoreKind {
  std::string name;  ///< Letters and digits, as it stands in test names.
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  std::size_t many = 10'000;  ///< How many objects are many for it.
};

}  // namespace streamhouse::tests
