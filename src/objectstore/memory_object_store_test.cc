// Goal: what the memory store promises beyond the contract suite.
// Method: direct calls.
#include "objectstore/memory_object_store.h"

#include <gtest/gtest.h>

#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::objectstore {
namespace {

class MemoryObjectStoreTest : public testing::Test {
 protected:
  Status put(const ObjectKey& key, const Bytes& content) {
    return runtime::run_task(process_, store_.put(key, {content}));
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& process_ = scheduler_.add_runtime("process");
  MemoryObjectStore store_;
};

TEST_F(MemoryObjectStoreTest, KeepsOneChunkWithoutACopy) {
  const Bytes content(std::string("a long enough content"));
  ASSERT_TRUE(put("a", content));
  const auto got = runtime::run_task(process_, store_.get("a", {2, 4}));
  EXPECT_EQ(got->data(), content.data() + 2);
}

TEST_F(MemoryObjectStoreTest, CountsObjectsAndBytes) {
  ASSERT_TRUE(put("a", Bytes(std::string("12345"))));
  ASSERT_TRUE(put("b", Bytes(std::string("67"))));
  ASSERT_TRUE(put("b", Bytes(std::string("67"))));
  EXPECT_EQ(store_.object_count(), 2u);
  EXPECT_EQ(store_.byte_count(), 7u);
  ASSERT_TRUE(runtime::run_task(process_, store_.remove("a")));
  EXPECT_EQ(store_.object_count(), 1u);
  EXPECT_EQ(store_.byte_count(), 2u);
}

TEST_F(MemoryObjectStoreTest, RefusesKeysThatADirectoryCannotHold) {
  ASSERT_TRUE(put("a/b/c", Bytes(std::string("x"))));
  for (const auto* key : {"a", "a/b", "a/b/c/d", "a/b/c/d/e"}) {
    const auto refused = put(key, Bytes(std::string("x")));
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().code, base::Errc::kInvalid);
    EXPECT_NE(refused.error().text.find(key), std::string::npos) << refused.error().text;
  }
  for (const auto* key : {"a/b-", "a/b.", "a/b0", "a/bc"})
    EXPECT_TRUE(put(key, Bytes(std::string("x")))) << key;
}

}  // namespace
}  // namespace streamhouse::objectstore
