// Goal: on the real file system readers never see a part of an object, and writers whose
// directories others remove as empty lose nothing.
// Method: threads that share one directory, through one store and through several; run under thread
// sanitizer too.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "objectstore/directory/directory_store.h"
#include "objectstore/directory/posix_file_system.h"
#include "objectstore/object_key.h"
#include "tests/contract/objectstore/patterned_content.h"
#include "tests/scratch_directory.h"

namespace streamhouse::tests {
namespace {

using namespace objectstore;  // the store under test
using base::ByteRange;
using base::Errc;

constexpr std::size_t kLarge = 200'000;

class DirectoryStoreThreadsTest : public testing::Test {
 protected:
  std::shared_ptr<DirectoryStore> open(std::uint64_t instance) {
    auto store = DirectoryStore::open(file_system_, scratch_.path(), instance);
    EXPECT_TRUE(store) << to_string(store.error());
    return *std::move(store);
  }

  ScratchDirectory scratch_;
  PosixFileSystem file_system_;
};

/// Lists and reads everything, and counts what is not whole.
int read_all(const DirectoryStore& store) {
  int torn = 0;
  const auto page = store.list("", "", 1000);
  if (!page) return 1;
  for (const auto& object : page->objects) {
    const auto bytes = store.get(object.key, ByteRange{0, object.size});
    if (!bytes || base::to_string(*bytes) != patterned_text(object.key, kLarge)) ++torn;
  }
  return torn;
}

TEST_F(DirectoryStoreThreadsTest, ReadersSeeWholeObjectsOnly) {
  constexpr int kWriters = 3;
  constexpr int kObjects = 12;
  const auto store = open(1);
  const auto other_store = open(2);
  std::atomic<int> writing = kWriters;
  std::atomic<int> torn = 0;
  std::atomic<int> rounds = 0;
  const auto read = [&](const DirectoryStore& from) {
    while (writing > 0) {
      torn += read_all(from);
      ++rounds;
    }
  };
  const auto write = [&](int writer) {
    for (int i = 0; i < kObjects; ++i) {
      const ObjectKey key = "ab/" + std::to_string(i) + "/" + std::to_string(writer);
      EXPECT_TRUE(store->put({key, chunks_of(patterned_text(key, kLarge), 8'192), nullptr}));
    }
    --writing;
  };
  std::vector<std::thread> threads;
  threads.emplace_back(read, std::cref(*store));
  threads.emplace_back(read, std::cref(*other_store));
  for (int writer = 0; writer < kWriters; ++writer) threads.emplace_back(write, writer);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(rounds, 1);
  EXPECT_EQ(store->list("", "", 1000)->objects.size(), std::size_t{kWriters * kObjects});
  EXPECT_EQ(read_all(*store), 0);
}

/// Puts and removes keys of its own in directories that it shares with others; keeps the
/// directories that puts return, as FileObjectStore does.
class Churner {
 public:
  Churner(std::shared_ptr<DirectoryStore> store, unsigned number)
      : store_(std::move(store)), name_(std::to_string(number)), random_(number) {}

  void run(int turns) {
    for (int i = 0; i < turns; ++i) {
      const ObjectKey key = "d/" + std::to_string(random_.below(3)) + "/" + name_;
      if (present_[key])
        remove(key);
      else
        put(key);
    }
  }
  void expect_own_objects() {
    for (const auto& [key, present] : present_)
      EXPECT_EQ(store_->head(key).has_value(), present) << key;
  }

 private:
  void put(const ObjectKey& key) {
    auto& directory = directories_[split_key(key).directory];
    auto done = store_->put({key, {base::Bytes(std::string(key))}, directory});
    ASSERT_TRUE(done) << to_string(done.error());
    directory = *std::move(done);
    present_[key] = true;
    EXPECT_TRUE(store_->head(key)) << key;
  }
  void remove(const ObjectKey& key) {
    const auto done = store_->remove(key);
    ASSERT_TRUE(done) << to_string(done.error());
    present_[key] = false;
  }

  std::shared_ptr<DirectoryStore> store_;
  std::string name_;
  runtime::Random random_;
  std::map<ObjectKey, bool> present_;
  std::map<std::string, std::shared_ptr<Directory>> directories_;
};

TEST_F(DirectoryStoreThreadsTest, WritersSurviveTheRemovalOfTheirDirectories) {
  const std::vector<std::shared_ptr<DirectoryStore>> stores{open(1), open(2)};
  std::vector<Churner> churners;
  for (unsigned i = 0; i < 4; ++i) churners.emplace_back(stores[i % 2], i);
  std::vector<std::thread> threads;
  for (auto& churner : churners) threads.emplace_back([&churner] { churner.run(150); });
  for (auto& thread : threads) thread.join();
  for (auto& churner : churners) churner.expect_own_objects();
}

}  // namespace
}  // namespace streamhouse::tests
