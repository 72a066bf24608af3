// Goal: an object is kept once, as long as something refers to it, and its memory is counted.
// Method: references are made, copied, moved and dropped by hand.

#include "partition/index/object_table.h"

#include <gtest/gtest.h>

namespace streamhouse::partition {
namespace {

class ObjectTableTest : public testing::Test {
 protected:
  std::shared_ptr<ObjectTable> table_ = ObjectTable::make();
};

TEST_F(ObjectTableTest, KeepsAnObjectOnceHoweverOftenItIsAdded) {
  const ObjectRef first = table_->add("a", 10);
  const ObjectRef second = table_->add("a", 10);
  const ObjectRef other = table_->add("b", 20);
  EXPECT_EQ(first.slot(), second.slot());
  EXPECT_NE(first.slot(), other.slot());
  EXPECT_EQ(table_->size(), 2u);
  EXPECT_EQ(second->key, "a");
  EXPECT_EQ((*other).size, 20u);
}

TEST_F(ObjectTableTest, ForgetsAnObjectWithItsLastReference) {
  const std::size_t empty = table_->bytes();
  ObjectRef first = table_->add("a", 10);
  ObjectRef copy = first;
  const ObjectRef moved = std::move(first);
  EXPECT_GT(table_->bytes(), empty);
  first = {};
  copy = {};
  EXPECT_EQ(table_->size(), 1u) << "one is left";
  copy = moved;
  EXPECT_EQ(copy->key, "a");
  {
    const ObjectRef last = std::move(copy);
    EXPECT_EQ(last->key, "a");
  }
  EXPECT_EQ(table_->size(), 1u);
  EXPECT_EQ(moved->size, 10u);
}

TEST_F(ObjectTableTest, GivesASlotToTheNextObjectWhenItIsFree) {
  std::uint32_t slot = 0;
  {
    const ObjectRef gone = table_->add("gone", 1);
    slot = gone.slot();
  }
  EXPECT_EQ(table_->size(), 0u);
  EXPECT_EQ(table_->bytes(), 0u);
  const ObjectRef next = table_->add("a key that is too long to lie within its string", 2);
  EXPECT_EQ(next.slot(), slot);
  EXPECT_EQ(table_->add("gone", 3)->size, 3u) << "it is a new one";
}

TEST_F(ObjectTableTest, StaysWhileAReferenceToAnObjectDoes) {
  const ObjectRef kept = table_->add("a", 10);
  table_.reset();
  EXPECT_EQ(kept->key, "a");
}

TEST_F(ObjectTableTest, FindsEveryOneOfManyObjects) {
  std::vector<ObjectRef> refs;
  for (std::uint64_t i = 0; i < 10'000; ++i) refs.push_back(table_->add(std::to_string(i), i));
  for (std::uint64_t i = 0; i < refs.size(); ++i) {
    ASSERT_EQ(refs[i]->key, std::to_string(i));
    ASSERT_EQ(table_->at(refs[i].slot()).size, i);
  }
  EXPECT_EQ(table_->size(), refs.size());
}

}  // namespace
}  // namespace streamhouse::partition
