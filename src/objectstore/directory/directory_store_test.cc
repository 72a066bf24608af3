// Goal: the directory looks as docs/formats/directory_store.md says, and what others put into it
// neither shows nor leads the store astray.
// Method: a real directory, looked at and disturbed from outside.
#include "objectstore/directory/directory_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/hex.h"
#include "objectstore/directory/posix_file_system.h"
#include "tests/scratch_directory.h"

namespace streamhouse::objectstore {
namespace {

namespace fs = std::filesystem;

class DirectoryStoreTest : public testing::Test {
 protected:
  DirectoryStoreTest() : store_(open(1)) {}

  std::shared_ptr<DirectoryStore> open(std::uint64_t instance) {
    auto store = DirectoryStore::open(file_system_, root_, instance);
    EXPECT_TRUE(store) << to_string(store.error());
    return *std::move(store);
  }
  std::string put(const ObjectKey& key, const std::string& text) {
    return outcome(store_->put({key, {Bytes(std::string(text))}, nullptr}));
  }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(errc_name(result.error().code));
  }
  void write_file(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::string file(const fs::path& path) const {
    std::ifstream in(root_ / path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::set<std::string> names_in(const fs::path& path) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / path))
      names.insert(entry.path().filename());
    return names;
  }
  std::vector<ObjectKey> keys(const std::string& prefix = "") {
    const auto page = store_->list(prefix, "", 1000);
    EXPECT_TRUE(page) << to_string(page.error());
    std::vector<ObjectKey> keys;
    for (const auto& object : page->objects) keys.push_back(object.key);
    return keys;
  }
  static std::string lock_name(std::uint64_t instance) { return base::to_hex(instance) + ".lock"; }

  tests::ScratchDirectory scratch_;
  const fs::path root_ = scratch_.path() / "data/objects";
  PosixFileSystem file_system_;
  std::shared_ptr<DirectoryStore> store_;
};

TEST_F(DirectoryStoreTest, AnObjectIsTheFileOfItsKey) {
  EXPECT_EQ(put("ab/01/7", "content"), "ok");
  EXPECT_EQ(put("top", "more"), "ok");
  EXPECT_EQ(file("ab/01/7"), "content");
  EXPECT_EQ(names_in("."), (std::set<std::string>{".tmp", "ab", "top"}));
  EXPECT_EQ(names_in(".tmp"), std::set<std::string>{lock_name(1)});
}

TEST_F(DirectoryStoreTest, WhatIsNoObjectIsNotListed) {
  EXPECT_EQ(put("ab/7", "x"), "ok");
  write_file("lost+found/a", "x");
  write_file("README", "x");
  write_file("ab/.hidden", "x");
  write_file("ab/Upper", "x");
  fs::create_directory(root_ / "ab/empty");
  fs::create_symlink("7", root_ / "ab/link");
  EXPECT_EQ(keys(), std::vector<ObjectKey>{"ab/7"});
}

TEST_F(DirectoryStoreTest, NoLinkLeadsOutOfTheDirectory) {
  fs::create_directory(scratch_.path() / "outside");
  std::ofstream(scratch_.path() / "outside/secret") << "s";
  fs::create_symlink(scratch_.path() / "outside", root_ / "ab");
  fs::create_symlink(scratch_.path() / "outside/secret", root_ / "cd");
  EXPECT_EQ(put("ab/new", "x"), "invalid");
  EXPECT_EQ(outcome(store_->get("ab/secret", {0, 1})), "invalid");
  EXPECT_EQ(outcome(store_->get("cd", {0, 1})), "invalid");
  EXPECT_EQ(outcome(store_->remove("ab/secret")), "invalid");
  EXPECT_EQ(outcome(store_->list("ab/", "", 10)), "invalid");
  EXPECT_EQ(keys(), std::vector<ObjectKey>());
  const fs::directory_iterator outside(scratch_.path() / "outside");
  EXPECT_EQ(std::distance(outside, {}), 1);
}

TEST_F(DirectoryStoreTest, RemovesTheDirectoriesThatItLeavesEmpty) {
  for (const auto* key : {"ab/01/7", "ab/01/8", "ab/02/7"}) EXPECT_EQ(put(key, "x"), "ok");
  EXPECT_EQ(outcome(store_->remove("ab/01/7")), "ok");
  EXPECT_TRUE(fs::exists(root_ / "ab/01"));
  EXPECT_EQ(outcome(store_->remove("ab/01/8")), "ok");
  EXPECT_FALSE(fs::exists(root_ / "ab/01"));
  EXPECT_EQ(outcome(store_->remove("ab/02/7")), "ok");
  EXPECT_EQ(names_in("."), std::set<std::string>{".tmp"});
}

TEST_F(DirectoryStoreTest, AnObjectCannotLieBelowAnObject) {
  EXPECT_EQ(put("a/b/c", "x"), "ok");
  for (const auto* key : {"a", "a/b", "a/b/c/d", "a/b/c/d/e"}) {
    const auto refused = store_->put({key, {Bytes(std::string("x"))}, nullptr});
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().code, base::Errc::kInvalid);
    EXPECT_NE(refused.error().text.find(key), std::string::npos) << refused.error().text;
  }
  EXPECT_EQ(keys(), std::vector<ObjectKey>{"a/b/c"});
  EXPECT_EQ(names_in(".tmp"), std::set<std::string>{lock_name(1)});
}

TEST_F(DirectoryStoreTest, AnEmptyDirectoryGivesWayToAnObject) {
  fs::create_directories(root_ / "ab/01");
  EXPECT_EQ(put("ab/01", "x"), "ok");
  EXPECT_EQ(file("ab/01"), "x");
}

TEST_F(DirectoryStoreTest, SweepsTheDeadAndLeavesTheLivingAndTheUnknown) {
  const std::string dead = base::to_hex(std::uint64_t{0xdead});
  write_file(".tmp/" + dead + ".lock", "");
  write_file(".tmp/" + dead + "-0", "half an obj");
  write_file(".tmp/" + base::to_hex(std::uint64_t{0xfeed}) + "-3", "its lock is missing");
  write_file(".tmp/" + base::to_hex(std::uint64_t{1}) + "-99", "the living's");
  write_file(".tmp/notes", "not ours");
  const auto second = open(2);
  const std::set<std::string> expected{lock_name(1), lock_name(2), "notes",
                                       base::to_hex(std::uint64_t{1}) + "-99"};
  EXPECT_EQ(names_in(".tmp"), expected);
  store_.reset();
  const auto third = open(3);
  EXPECT_EQ(names_in(".tmp"), (std::set<std::string>{lock_name(2), lock_name(3), "notes"}));
}

TEST_F(DirectoryStoreTest, TwoOpeningsOfOneNumberDoNotMeet) {
  const auto second = open(1);
  EXPECT_EQ(names_in(".tmp"), (std::set<std::string>{lock_name(1), lock_name(2)}));
  EXPECT_EQ(put("a", "x"), "ok");
  EXPECT_TRUE(second->put({"b", {Bytes(std::string("y"))}, nullptr}));
  EXPECT_EQ(keys(), (std::vector<ObjectKey>{"a", "b"}));
}

TEST_F(DirectoryStoreTest, AStaleDirectoryIsFoundOutAndReplaced) {
  auto directory = *store_->put({"ab/1", {Bytes(std::string("x"))}, nullptr});
  ASSERT_TRUE(store_->remove("ab/1"));
  ASSERT_FALSE(fs::exists(root_ / "ab"));
  ASSERT_TRUE(store_->put({"ab/2", {Bytes(std::string("y"))}, directory}));
  EXPECT_EQ(file("ab/2"), "y");
}

TEST_F(DirectoryStoreTest, ListsADirectoryLargerThanAPage) {
  std::vector<ObjectKey> expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back("ab/" + std::to_string(i));
    write_file(expected.back(), "x");
  }
  for (int i = 0; i < 20; ++i) fs::create_directory(root_ / ("ab/" + std::to_string(i) + "-e"));
  std::ranges::sort(expected);
  std::vector<ObjectKey> found;
  for (bool more = true; more;) {
    const auto page = store_->list("ab/", found.empty() ? "" : found.back(), 7);
    ASSERT_TRUE(page);
    for (const auto& object : page->objects) found.push_back(object.key);
    more = page->more;
  }
  EXPECT_EQ(found, expected);
}

TEST_F(DirectoryStoreTest, ListsWhenObjectsWereWritten) {
  write_file("ab/1", "x");
  const std::int64_t before = store_->list("ab/", "", 1)->objects.at(0).modified_ms;
  EXPECT_GT(before, 1'700'000'000'000);
  const fs::path file = root_ / "ab/1";
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  EXPECT_EQ(store_->list("ab/", "", 1)->objects.at(0).modified_ms, before - 3'600'000);
}

}  // namespace
}  // namespace streamhouse::objectstore
