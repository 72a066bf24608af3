// Goal: whatever dies between any two calls of the file system, and whichever of them fails, an
// object is afterwards absent or whole, an acknowledged put is there, an acknowledged removal is
// not undone, and nothing else is left behind.
// Method: one script of puts and removals is run once for each of its steps, with a crash or an
// error in that step, over many seeds of what the disk keeps; then the store is opened anew and
// looked at, and the script is run again.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "objectstore/directory/directory_store.h"
#include "objectstore/object_key.h"
#include "objectstore/simulation/sim_file_system.h"
#include "tests/contract/objectstore/patterned_content.h"

namespace streamhouse::tests {
namespace {

using namespace objectstore;  // the store under test
using base::ByteRange;
using base::Errc;

constexpr const char* kRoot = "data/objects";
constexpr std::uint64_t kSeeds = 6;
constexpr std::size_t kSize = 1500;

enum class Death : std::uint8_t { kProcess, kPower };

struct Operation {
  enum Kind : std::uint8_t { kPut, kRemove } kind;
  ObjectKey key;
};

const std::vector<Operation>& script() {
  static const std::vector<Operation> operations = {
      {Operation::kPut, "ab/01/1"},      {Operation::kPut, "ab/01/2"},
      {Operation::kPut, "ab/01/1"},      {Operation::kPut, "seg/x/y/0"},
      {Operation::kPut, "top"},          {Operation::kRemove, "ab/01/2"},
      {Operation::kRemove, "ab/01/1"},   {Operation::kPut, "ab/01/3"},
      {Operation::kRemove, "seg/x/y/0"}, {Operation::kPut, "ab/02/1"}};
  return operations;
}

/// What a key's user knows about it.
struct Knowledge {
  bool may_be_there = false;
  bool may_be_absent = true;
};

/// One life of a process that runs the script, and what it was told.
class Life {
 public:
  using Known = std::map<ObjectKey, Knowledge>;

  explicit Life(SimDisk& disk, Known known = {}) : process_(disk), known_(std::move(known)) {}

  SimFileSystem& process() { return process_; }
  const Known& known() const { return known_; }

  base::Status open(std::uint64_t instance) {
    SH_TRY(store_, DirectoryStore::open(process_, kRoot, instance));
    return {};
  }
  /// Runs the script to its end or the process's. An operation that fails is made again, as a
  /// retrying caller does.
  void run_script() {
    for (const auto& operation : script())
      for (int attempt = 0; attempt < 3 && process_.is_alive(); ++attempt)
        if (run(operation)) break;
  }
  DirectoryStore& store() { return *store_; }

 private:
  bool run(const Operation& operation) {
    Knowledge& known = known_[operation.key];
    const bool is_put = operation.kind == Operation::kPut;
    (is_put ? known.may_be_there : known.may_be_absent) = true;
    const base::Status done = is_put ? put(operation.key) : store_->remove(operation.key);
    if (done) known = {.may_be_there = is_put, .may_be_absent = !is_put};
    if (!done) expect_retriable(operation.key, done.error());
    return done.has_value();
  }
  void expect_retriable(const ObjectKey& key, const base::Error& error) const {
    if (!process_.is_alive()) return;
    EXPECT_TRUE(error.code == Errc::kUnavailable || error.code == Errc::kUnknownOutcome)
        << key << ": " << to_string(error);
  }
  base::Status put(const ObjectKey& key) {
    const std::string path = split_key(key).directory;
    SH_TRY(directories_[path],
           store_->put({key, chunks_of(patterned_text(key, kSize), 700), directories_[path]}));
    return {};
  }

  SimFileSystem process_;
  std::shared_ptr<DirectoryStore> store_;
  std::map<std::string, std::shared_ptr<Directory>> directories_;  ///< As FileObjectStore keeps.
  Known known_;
};

/// What a directory of the disk holds, as a new process sees it.
std::vector<std::string> names_in(SimDisk& disk, const std::string& path) {
  SimFileSystem process(disk);
  std::vector<std::string> names;
  const auto directory = *process.open_root(path);
  EXPECT_TRUE(directory->scan([&](const Entry& entry) { names.push_back(entry.name); }));
  return names;
}

void expect_as_known(DirectoryStore& store, const Life::Known& known) {
  const auto page = store.list("", "", 1000);
  ASSERT_TRUE(page) << to_string(page.error());
  std::map<ObjectKey, std::uint64_t> listed;
  for (const auto& object : page->objects) listed[object.key] = object.size;
  for (const auto& [key, knowledge] : known) {
    if (!listed.contains(key)) {
      EXPECT_TRUE(knowledge.may_be_absent) << key << " is lost";
      continue;
    }
    EXPECT_TRUE(knowledge.may_be_there) << key << " came back";
    const auto bytes = store.get(key, ByteRange{0, listed[key]});
    ASSERT_TRUE(bytes) << to_string(bytes.error());
    EXPECT_EQ(base::to_string(*bytes), patterned_text(key, kSize)) << key << " is not whole";
    listed.erase(key);
  }
  EXPECT_TRUE(listed.empty()) << "the list shows what was never put";
}

/// Opens the store after a crash, looks, runs the script again, and looks again.
void expect_recovery(SimDisk& disk, const Life::Known& known) {
  Life second(disk, known);
  const auto opened = second.open(2);
  ASSERT_TRUE(opened) << to_string(opened.error());
  expect_as_known(second.store(), known);
  EXPECT_EQ(names_in(disk, std::string(kRoot) + "/.tmp").size(), 1u) << "only its own lock";
  second.run_script();
  for (const auto& [key, knowledge] : second.known())
    EXPECT_NE(knowledge.may_be_there, knowledge.may_be_absent) << key;
  disk.lose_power();
  Life third(disk, second.known());
  ASSERT_TRUE(third.open(3));
  expect_as_known(third.store(), second.known());
}

/// Steps of the script when nothing goes wrong.
std::uint64_t script_steps() {
  SimDisk disk(0);
  Life life(disk);
  EXPECT_TRUE(life.open(1));
  life.run_script();
  return life.process().steps();
}

class DirectoryStoreCrashTest : public testing::TestWithParam<Death> {};

TEST_P(DirectoryStoreCrashTest, KeepsItsPromisesInEveryStep) {
  const std::uint64_t last_step = script_steps();
  ASSERT_GT(last_step, 100u);
  SimDisk::Counts sum;
  for (std::uint64_t step = 1; step <= last_step + 1; ++step)
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE("step " + std::to_string(step) + " seed " + std::to_string(seed));
      SimDisk disk(seed * 1000 + step);
      Life first(disk);
      first.process().crash_at(step);
      if (first.open(1)) first.run_script();
      EXPECT_EQ(first.process().is_alive(), step > last_step);
      if (GetParam() == Death::kPower) disk.lose_power();
      first.process().kill();
      expect_recovery(disk, first.known());
      sum.torn_files += disk.counts().torn_files;
      sum.lost_changes += disk.counts().lost_changes;
      if (HasFailure()) return;
    }
  if (GetParam() == Death::kPower) {
    EXPECT_GT(sum.torn_files, 10u) << "or else the test proves less than it says";
    EXPECT_GT(sum.lost_changes, 1000u);
  }
}

TEST_P(DirectoryStoreCrashTest, KeepsItsPromisesWhenRecoveryDiesToo) {
  const std::uint64_t last_step = script_steps();
  for (std::uint64_t step = 1; step <= last_step; step += 5)
    for (std::uint64_t recovery_step = 1; recovery_step <= 12; ++recovery_step) {
      SCOPED_TRACE("steps " + std::to_string(step) + " and " + std::to_string(recovery_step));
      SimDisk disk(step * 100 + recovery_step);
      Life first(disk);
      first.process().crash_at(step);
      if (first.open(1)) first.run_script();
      if (GetParam() == Death::kPower) disk.lose_power();
      Life second(disk, first.known());
      second.process().crash_at(recovery_step);
      static_cast<void>(second.open(7));
      if (GetParam() == Death::kPower) disk.lose_power();
      second.process().kill();
      expect_recovery(disk, first.known());
      if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryStoreCrashTest,
                         testing::Values(Death::kProcess, Death::kPower), [](const auto& info) {
                           return info.param == Death::kPower ? "Power" : "Process";
                         });

class DirectoryStoreErrorTest : public testing::TestWithParam<int> {};

TEST_P(DirectoryStoreErrorTest, EveryFailedCallIsReportedAndCanBeMadeAgain) {
  const std::uint64_t last_step = script_steps();
  for (std::uint64_t step = 1; step <= last_step; ++step)
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE("step " + std::to_string(step) + " seed " + std::to_string(seed));
      SimDisk disk(seed * 1000 + step);
      Life life(disk);
      life.process().fail_at(step, GetParam());
      if (!life.open(1)) {
        ASSERT_TRUE(life.open(1));
      }
      life.run_script();
      for (const auto& [key, knowledge] : life.known())
        EXPECT_NE(knowledge.may_be_there, knowledge.may_be_absent) << key << " never succeeded";
      disk.lose_power();
      expect_recovery(disk, life.known());
      if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryStoreErrorTest, testing::Values(EIO, ENOSPC),
                         [](const auto& info) { return info.param == EIO ? "Io" : "DiskFull"; });

TEST(DirectoryStoreFullDiskTest, ResumesWhenSpaceIsBack) {
  SimDisk disk(1);
  Life life(disk);
  ASSERT_TRUE(life.open(1));
  ASSERT_TRUE(life.store().put({"a/1", chunks_of(patterned_text("a/1", kSize), kSize), nullptr}));
  disk.set_capacity(disk.bytes_used() + kSize / 2);
  const PutRequest request{"a/2", chunks_of(patterned_text("a/2", kSize), 700), nullptr};
  for (int i = 0; i < 3; ++i) {
    const auto full = life.store().put(request);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Errc::kUnavailable);
    EXPECT_TRUE(full.error().text.starts_with("disk full: ")) << full.error().text;
    EXPECT_EQ(disk.bytes_used(), kSize) << "a put that failed leaves nothing";
  }
  disk.set_capacity(UINT64_MAX);
  EXPECT_TRUE(life.store().put(request));
  EXPECT_EQ(life.store().list("", "", 10)->objects.size(), 2u);
}

}  // namespace
}  // namespace streamhouse::tests
