#pragma once
/// \file  ObjectStoreContract: what object_store.h promises, as one suite for every store and every
/// wrapper. A test binary includes this once and instantiates it with its kinds of store.
// Goal: callers cannot tell one store from another.
// Method: every test begins with an empty store and uses the ObjectStore interface only.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/task_group.h"
#include "tests/contract/objectstore/store_under_test.h"

namespace streamhouse::tests {

using base::ByteRange;
using base::Bytes;
using base::Errc;
using base::Status;
using objectstore::Chunks;
using objectstore::ObjectKey;
using objectstore::ObjectPage;
using runtime::Task;

class ObjectStoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  using Keys = std::vector<ObjectKey>;

  ObjectStoreContract() : under_test_(GetParam().make()), store_(under_test_->store()) {}

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    under_test_->run(keep(std::move(task), &result));
    return *std::move(result);
  }
  /// Runs all tasks at once.
  void run_together(std::vector<Task<void>> tasks) {
    under_test_->run(together(under_test_->runtime(), std::move(tasks)));
  }
  /// "ok", or the error's name.
  template <class T>
  static std::string outcome(const base::Result<T>& result) {
    return result ? "ok" : std::string(errc_name(result.error().code));
  }

  std::string put(const ObjectKey& key, const std::string& text) {
    return outcome(wait(store_.put(key, {Bytes(std::string(text))})));
  }
  void put_all(const Keys& keys) {
    for (const auto& key : keys) ASSERT_EQ(put(key, key), "ok") << key;
  }
  /// The bytes, or the error's name.
  std::string get(const ObjectKey& key, std::uint64_t position, std::uint64_t length) {
    const auto bytes = wait(store_.get(key, ByteRange{position, length}));
    return bytes ? base::to_string(*bytes) : outcome(bytes);
  }
  std::string content(const ObjectKey& key) {
    const auto info = wait(store_.head(key));
    return info ? get(key, 0, info->size) : outcome(info);
  }
  std::string remove(const ObjectKey& key) { return outcome(wait(store_.remove(key))); }
  /// What remove() would answer for each.
  Keys remove_many(const Keys& keys) {
    const auto removed = wait(store_.remove_many(keys));
    if (!removed) return {outcome(removed)};
    Keys outcomes;
    for (const Status& one : *removed) outcomes.push_back(outcome(one));
    return outcomes;
  }

  ObjectPage list(const std::string& prefix, const ObjectKey& start_after, std::size_t limit) {
    auto page = wait(store_.list(prefix, start_after, limit));
    EXPECT_TRUE(page) << to_string(page.error());
    return page ? *std::move(page) : ObjectPage();
  }
  static Keys keys_of(const ObjectPage& page) {
    Keys keys;
    for (const auto& object : page.objects) keys.push_back(object.key);
    return keys;
  }
  Keys keys(const std::string& prefix, const ObjectKey& start_after = "") {
    return keys_of(list(prefix, start_after, 1000));
  }
  /// All keys, by pages; each page but the last must be full.
  Keys keys_by_pages(const std::string& prefix, std::size_t limit) {
    Keys all;
    for (ObjectPage page{{}, true}; page.more;) {
      page = list(prefix, all.empty() ? "" : all.back(), limit);
      EXPECT_TRUE(!page.more || page.objects.size() == limit);
      std::ranges::copy(keys_of(page), std::back_inserter(all));
    }
    return all;
  }

  Task<void> put_into(ObjectKey key, std::string text, Status* result) {
    Chunks chunks{Bytes(std::move(text))};
    *result = co_await store_.put(std::move(key), std::move(chunks));
  }
  /// Puts every key whose place in `keys` is `first` plus a multiple of `step`.
  Task<void> put_every(const Keys* keys, std::size_t first, std::size_t step, int* failures) {
    for (std::size_t i = first; i < keys->size(); i += step) {
      Chunks chunks{Bytes(std::string((*keys)[i]))};
      const Status put = co_await store_.put((*keys)[i], std::move(chunks));
      if (!put) ++*failures;
    }
  }

  std::unique_ptr<StoreUnderTest> under_test_;
  objectstore::ObjectStore& store_;

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>* result) {
    result->emplace(co_await std::move(task));
  }
  static Task<void> together(runtime::Runtime& runtime, std::vector<Task<void>> tasks) {
    runtime::TaskGroup group(runtime);
    for (auto& task : tasks) group.spawn(std::move(task));
    co_await group.close();
  }
};

TEST_P(ObjectStoreContract, GivesBackTheBytesOfAllChunksInOrder) {
  const Chunks chunks{Bytes(std::string("one ")), Bytes(), Bytes(std::string("two ")),
                      Bytes(std::string("three"))};
  ASSERT_EQ(outcome(wait(store_.put("ab/01/7", chunks))), "ok");
  EXPECT_EQ(wait(store_.head("ab/01/7"))->key, "ab/01/7");
  EXPECT_EQ(wait(store_.head("ab/01/7"))->size, 13u);
  EXPECT_EQ(content("ab/01/7"), "one two three");
}

TEST_P(ObjectStoreContract, KeepsEmptyObjects) {
  ASSERT_EQ(outcome(wait(store_.put("none", {}))), "ok");
  ASSERT_EQ(outcome(wait(store_.put("some", {Bytes(), Bytes()}))), "ok");
  EXPECT_EQ(content("none"), "");
  EXPECT_EQ(wait(store_.head("some"))->size, 0u);
  EXPECT_EQ(get("some", 0, 1), "invalid_offset");
  EXPECT_EQ(put("none", ""), "ok");
  EXPECT_EQ(put("none", "x"), "exists");
}

TEST_P(ObjectStoreContract, APutMayBeRepeatedHoweverItIsCut) {
  ASSERT_EQ(put("a/b", "content"), "ok");
  EXPECT_EQ(put("a/b", "content"), "ok");
  const Chunks chunks{Bytes(std::string("con")), Bytes(std::string("tent"))};
  EXPECT_EQ(outcome(wait(store_.put("a/b", chunks))), "ok");
  EXPECT_EQ(content("a/b"), "content");
}

TEST_P(ObjectStoreContract, APutNeverChangesWhatIsThere) {
  ASSERT_EQ(put("a/b", "content"), "ok");
  for (const auto* other : {"", "c", "conten", "contenu", "Content", "contents"})
    EXPECT_EQ(put("a/b", other), "exists") << other;
  EXPECT_EQ(content("a/b"), "content");
  const auto refused = wait(store_.put("a/b", {}));
  EXPECT_NE(refused.error().text.find("a/b"), std::string::npos) << "the error names the object";
}

TEST_P(ObjectStoreContract, PutsOfEqualBytesAtOnceAllSucceed) {
  std::vector<Status> results(16, Status(Errc::kInternal, "never ran"));
  std::vector<Task<void>> tasks;
  for (auto& result : results) tasks.push_back(put_into("a/b/c", "same", &result));
  run_together(std::move(tasks));
  for (const auto& result : results) EXPECT_EQ(outcome(result), "ok");
  EXPECT_EQ(content("a/b/c"), "same");
}

TEST_P(ObjectStoreContract, OfPutsOfOtherBytesAtOnceExactlyOneWins) {
  for (int round = 0; round < 20; ++round) {
    const ObjectKey key = "ab/" + std::to_string(round);
    std::vector<Status> results(8, Status(Errc::kInternal, "never ran"));
    std::vector<Task<void>> tasks;
    for (std::size_t i = 0; i < results.size(); ++i)
      tasks.push_back(put_into(key, std::to_string(i), &results[i]));
    run_together(std::move(tasks));
    std::string winners;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i]) winners += std::to_string(i);
      EXPECT_TRUE(results[i] || results[i].error().code == Errc::kExists) << outcome(results[i]);
    }
    EXPECT_EQ(content(key), winners);
  }
}

TEST_P(ObjectStoreContract, GetsExactlyTheRange) {
  ASSERT_EQ(put("a", "0123456789"), "ok");
  EXPECT_EQ(get("a", 0, 10), "0123456789");
  EXPECT_EQ(get("a", 0, 1), "0");
  EXPECT_EQ(get("a", 9, 1), "9");
  EXPECT_EQ(get("a", 3, 4), "3456");
  EXPECT_EQ(get("a", 0, 0), "");
  EXPECT_EQ(get("a", 10, 0), "");
}

TEST_P(ObjectStoreContract, RefusesRangesPastTheEnd) {
  constexpr std::uint64_t kMost = UINT64_MAX;
  ASSERT_EQ(put("a", "0123456789"), "ok");
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {
      {0, 11},    {9, 2},     {10, 1},        {11, 0},    {kMost, 0},
      {kMost, 1}, {1, kMost}, {5, kMost - 4}, {0, kMost}, {kMost, kMost}};
  for (const auto& [position, length] : ranges)
    EXPECT_EQ(get("a", position, length), "invalid_offset") << position << "+" << length;
}

TEST_P(ObjectStoreContract, WhatIsNotThereIsNotFound) {
  ASSERT_EQ(put("ab/01/7", "x"), "ok");
  for (const auto* key : {"b", "ab", "ab/01", "ab/01/70", "ab/01/7/8", "ab/02/7"}) {
    EXPECT_EQ(get(key, 0, 0), "not_found") << key;
    EXPECT_EQ(content(key), "not_found") << key;
    const auto missing = wait(store_.head(key));
    EXPECT_NE(missing.error().text.find(key), std::string::npos) << missing.error().text;
  }
}

TEST_P(ObjectStoreContract, RefusesMalformedKeysEverywhere) {
  const Keys bad{"",
                 "/",
                 "/a",
                 "a/",
                 "a//b",
                 ".",
                 "..",
                 "../a",
                 "a/../b",
                 "a/.",
                 ".a",
                 "a/.b",
                 "A",
                 "a b",
                 "a\\b",
                 "a%b",
                 "a\n",
                 "\xc3\xa9",
                 "a:b",
                 std::string("a\0b", 3),
                 std::string(513, 'a'),
                 std::string(256, 'a')};
  for (const auto& key : bad) {
    EXPECT_EQ(put(key, "x"), "invalid") << key;
    EXPECT_EQ(get(key, 0, 0), "invalid") << key;
    EXPECT_EQ(outcome(wait(store_.head(key))), "invalid") << key;
    EXPECT_EQ(remove(key), "invalid") << key;
  }
  EXPECT_EQ(keys(""), Keys());
}

TEST_P(ObjectStoreContract, TakesTheLongestKeys) {
  const std::string component(255, 'z');
  const ObjectKey longest = component + "/" + std::string(254, 'y') + "/x";
  ASSERT_EQ(longest.size(), 512u);
  ASSERT_EQ(put(longest, "x"), "ok");
  EXPECT_EQ(content(longest), "x");
  EXPECT_EQ(keys(component), Keys{longest});
}

TEST_P(ObjectStoreContract, ListsInByteOrderAcrossDirectories) {
  // '-' and '.' are smaller than '/', digits and letters greater.
  const Keys expected{"a-b", "a.b",  "a/-", "a/0",  "a/b-c", "a/b/c", "a/b/d", "a/b0",   "a/b_",
                      "a/c", "a0/x", "a_",  "ab/0", "b",     "seg/0", "seg/1", "seg/10", "seg/2"};
  Keys reversed = expected;
  std::ranges::reverse(reversed);
  put_all(reversed);
  EXPECT_EQ(keys(""), expected);
  for (const std::size_t limit : {1u, 2u, 3u, 5u, 17u, 18u, 19u, 1000u})
    EXPECT_EQ(keys_by_pages("", limit), expected) << limit;
  const ObjectPage page = list("", "", 1000);
  for (const auto& object : page.objects) EXPECT_EQ(object.size, object.key.size());
}

TEST_P(ObjectStoreContract, ListsEveryPrefix) {
  const Keys all{"a-b", "a/b", "a/b-c", "a/bc/d", "a/bc/e", "a/c", "ab/0", "b"};
  put_all(all);
  for (const auto* prefix : {"a", "a-", "a/", "a/b", "a/b-", "a/bc", "a/bc/", "a/bc/d", "a/bc/d0",
                             "a/bc/d/", "ab", "b", "c", "b/", "a/x/y", "0"}) {
    Keys expected;
    std::ranges::copy_if(all, std::back_inserter(expected),
                         [&](const auto& key) { return key.starts_with(prefix); });
    EXPECT_EQ(keys(prefix), expected) << prefix;
    EXPECT_EQ(keys_by_pages(prefix, 1), expected) << prefix;
  }
}

TEST_P(ObjectStoreContract, ListsWhatIsGreaterThanAnyStart) {
  const Keys all{"a-b", "a/b", "a/b-c", "a/bc/d", "a/bc/e", "a/c", "ab/0", "b"};
  put_all(all);
  for (const std::string start : {"", "a", "a-b", "a/", "a/b", "a/b/zz", "a/bc", "a/bc/", "a/bc/d",
                                  "a/bc/e", "a/bc/f", "a/c", "a/zz", "ab", "b", "zz", "-"})
    for (const std::string prefix : {"", "a/", "a/bc/"}) {
      Keys expected;
      std::ranges::copy_if(all, std::back_inserter(expected),
                           [&](const auto& key) { return key > start && key.starts_with(prefix); });
      EXPECT_EQ(keys(prefix, start), expected) << prefix << " after " << start;
    }
}

TEST_P(ObjectStoreContract, SaysExactlyWhetherMoreFollows) {
  put_all({"a/1", "a/2", "b/1"});
  EXPECT_TRUE(list("a/", "", 1).more);
  EXPECT_FALSE(list("a/", "", 2).more);
  EXPECT_FALSE(list("a/", "a/1", 1).more);
  EXPECT_TRUE(list("", "", 2).more);
  EXPECT_FALSE(list("", "", 3).more);
  EXPECT_FALSE(list("c", "", 1).more);
}

TEST_P(ObjectStoreContract, RefusesListsThatCannotBe) {
  for (const std::size_t limit : {0u, 1001u})
    EXPECT_EQ(outcome(wait(store_.list("", "", limit))), "invalid") << limit;
  for (const auto* prefix : {"/", "../", ".tmp", "a/.", "a//", "A"})
    EXPECT_EQ(outcome(wait(store_.list(prefix, "", 10))), "invalid") << prefix;
}

TEST_P(ObjectStoreContract, RemovalIsIdempotentAndFreesTheName) {
  put_all({"a/b/c", "a/b/d"});
  EXPECT_EQ(remove("a/b/c"), "ok");
  EXPECT_EQ(content("a/b/c"), "not_found");
  EXPECT_EQ(content("a/b/d"), "a/b/d");
  EXPECT_EQ(keys(""), Keys{"a/b/d"});
  EXPECT_EQ(remove("a/b/c"), "ok");
  EXPECT_EQ(remove("never/was/here"), "ok");
  EXPECT_EQ(put("a/b/c", "other"), "ok");
  EXPECT_EQ(content("a/b/c"), "other");
}

TEST_P(ObjectStoreContract, RemovesManyAndSaysWhatBecameOfEach) {
  put_all({"a/b/c", "a/b/d", "a/e", "f"});
  EXPECT_EQ(remove_many({"a/b/c", "never/was/here", "f"}), Keys({"ok", "ok", "ok"}));
  EXPECT_EQ(keys(""), Keys({"a/b/d", "a/e"}));
  EXPECT_EQ(remove_many({"a/b/d", "Not A Key", "f"}), Keys({"ok", "invalid", "ok"}));
  EXPECT_EQ(keys(""), Keys({"a/e"}));
  EXPECT_EQ(remove_many({}), Keys());
  EXPECT_EQ(put("a/b/c", "other"), "ok") << "the name is free";
  const std::size_t at_once = store_.removals_per_request();
  EXPECT_TRUE(at_once >= 1 && at_once <= objectstore::kRemovalsMax) << at_once;
}

TEST_P(ObjectStoreContract, RemovingTheNameOfADirectoryRemovesNothing) {
  put_all({"a/b/c"});
  EXPECT_EQ(remove("a/b"), "ok");
  EXPECT_EQ(remove("a/b/c/d"), "ok");
  EXPECT_EQ(keys(""), Keys{"a/b/c"});
}

TEST_P(ObjectStoreContract, WhatWasADirectoryMayBecomeAnObject) {
  put_all({"a/b/c"});
  ASSERT_EQ(remove("a/b/c"), "ok");
  EXPECT_EQ(put("a/b", "object"), "ok");
  EXPECT_EQ(keys(""), Keys{"a/b"});
  ASSERT_EQ(remove("a/b"), "ok");
  EXPECT_EQ(put("a/b/c", "again"), "ok");
  EXPECT_EQ(content("a/b/c"), "again");
}

TEST_P(ObjectStoreContract, KeepsLargeObjects) {
  constexpr std::uint64_t kSize = std::uint64_t{64} << 20;
  constexpr std::uint64_t kChunk = std::uint64_t{1} << 20;
  Chunks chunks;
  for (std::uint64_t i = 0; i < kSize / kChunk; ++i)
    chunks.emplace_back(std::string(kChunk, static_cast<char>(i)));
  ASSERT_EQ(outcome(wait(store_.put("large", chunks))), "ok");
  EXPECT_EQ(wait(store_.head("large"))->size, kSize);
  const auto whole = wait(store_.get("large", ByteRange{0, kSize}));
  ASSERT_TRUE(whole);
  for (std::uint64_t i = 0; i < chunks.size(); ++i)
    ASSERT_EQ(whole->slice(i * kChunk, kChunk), chunks[i]) << i;
  EXPECT_EQ(get("large", 3 * kChunk - 1, 2), std::string("\x02\x03"));
  EXPECT_EQ(get("large", kSize - 1, 1), std::string(1, 63));
  EXPECT_EQ(outcome(wait(store_.put("large", chunks))), "ok");
  chunks.back() = Bytes(std::string(kChunk, 0));
  EXPECT_EQ(outcome(wait(store_.put("large", chunks))), "exists");
}

TEST_P(ObjectStoreContract, KeepsManyObjectsPutAtOnce) {
  constexpr std::size_t kWriters = 32;
  Keys expected;
  for (std::size_t i = 0; i < GetParam().many; ++i)
    expected.push_back((i % 3 == 0 ? "ab/01/" : "ab/02/") + std::to_string(i));
  int failures = 0;
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < kWriters; ++i)
    tasks.push_back(put_every(&expected, i, kWriters, &failures));
  run_together(std::move(tasks));
  EXPECT_EQ(failures, 0);
  std::ranges::sort(expected);
  EXPECT_EQ(keys_by_pages("", 1000), expected);
  EXPECT_EQ(content("ab/02/499"), "ab/02/499");
}

}  // namespace streamhouse::tests
