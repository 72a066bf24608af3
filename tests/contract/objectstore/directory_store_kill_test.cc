// Goal: real processes that share a real directory and are killed at any moment leave whole objects
// only, all that they acknowledged, and nothing that the next opening does not clean away; a sweep
// never takes a living process's temporary files.
// Method: children put objects as fast as they can and report each one over a pipe; SIGKILL comes
// at a random moment, while another child lives on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "objectstore/directory/directory_store.h"
#include "objectstore/directory/posix_file_system.h"
#include "tests/contract/objectstore/patterned_content.h"
#include "tests/scratch_directory.h"

namespace streamhouse::tests {
namespace {

using namespace objectstore;  // the store under test
using base::ByteRange;

constexpr int kRounds = 15;
constexpr std::size_t kSize = 20'000;

ObjectKey key_of(std::uint32_t writer, std::uint32_t number) {
  return "ab/" + std::to_string(writer) + "/" + std::to_string(number);
}

/// What a child runs; never returns. Reports the number of each acknowledged object.
[[noreturn]] void put_for_ever(const std::string& path, std::uint32_t writer, int report) {
  PosixFileSystem file_system;
  const auto store = DirectoryStore::open(file_system, path, writer);
  if (!store) ::_exit(3);
  std::shared_ptr<Directory> directory;
  for (std::uint32_t number = 0;; ++number) {
    const ObjectKey key = key_of(writer, number);
    auto put = (*store)->put({key, chunks_of(patterned_text(key, kSize), 4'096), directory});
    if (!put) ::_exit(4);
    directory = *std::move(put);
    if (::write(report, &number, sizeof number) != sizeof number) ::_exit(5);
  }
}

/// A child process that puts objects until it is killed.
class Writer {
 public:
  Writer(const std::string& path, std::uint32_t number) : number_(number) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    process_ = ::fork();
    if (process_ == 0) put_for_ever(path, number, ends[1]);
    ::close(ends[1]);
    reports_ = ends[0];
  }
  ~Writer() { ::close(reports_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::uint32_t number() const { return number_; }
  /// Waits for `count` more acknowledged objects.
  void await(std::uint32_t count) {
    for (std::uint32_t number = 0; count > 0 && next(number); --count) acknowledged_ = number + 1;
  }
  /// Kills it and returns how many objects it acknowledged.
  std::uint32_t kill() {
    EXPECT_EQ(::kill(process_, SIGKILL), 0);
    int status = 0;
    EXPECT_EQ(::waitpid(process_, &status, 0), process_);
    EXPECT_TRUE(WIFSIGNALED(status)) << "ended by itself with " << WEXITSTATUS(status);
    for (std::uint32_t number = 0; next(number);) acknowledged_ = number + 1;
    return acknowledged_;
  }

 private:
  bool next(std::uint32_t& number) {
    return ::read(reports_, &number, sizeof number) == sizeof number;
  }

  std::uint32_t number_;
  pid_t process_ = -1;
  int reports_ = -1;
  std::uint32_t acknowledged_ = 0;
};

void expect_whole(const DirectoryStore& store, const ObjectKey& key) {
  const auto info = store.head(key);
  ASSERT_TRUE(info) << "lost: " << to_string(info.error());
  const auto bytes = store.get(key, ByteRange{0, info->size});
  ASSERT_TRUE(bytes) << to_string(bytes.error());
  ASSERT_EQ(base::to_string(*bytes), patterned_text(key, kSize)) << key;
}

/// All of `count` acknowledged objects are there, and at most one that was not.
void expect_objects(const DirectoryStore& store, std::uint32_t writer, std::uint32_t count) {
  for (std::uint32_t number = 0; number < count; ++number)
    expect_whole(store, key_of(writer, number));
  if (store.head(key_of(writer, count))) expect_whole(store, key_of(writer, count));
  EXPECT_FALSE(store.head(key_of(writer, count + 1)));
}

std::size_t entries_in(const std::filesystem::path& path) {
  const std::filesystem::directory_iterator begin(path);
  return static_cast<std::size_t>(std::distance(begin, {}));
}

TEST(DirectoryStoreKillTest, LosesNothingThatWasAcknowledgedAndCleansUp) {
  const ScratchDirectory scratch;
  PosixFileSystem file_system;
  runtime::Random random(1);
  Writer survivor(scratch.path(), 0);
  survivor.await(1);
  for (std::uint32_t round = 1; round <= kRounds; ++round) {
    Writer victim(scratch.path(), round);
    victim.await(1 + static_cast<std::uint32_t>(random.below(5)));
    ::usleep(static_cast<useconds_t>(random.below(5'000)));
    const std::uint32_t acknowledged = victim.kill();
    const auto store = DirectoryStore::open(file_system, scratch.path(), 1'000);
    ASSERT_TRUE(store) << to_string(store.error());
    expect_objects(**store, round, acknowledged);
    EXPECT_LE(entries_in(scratch.path() / ".tmp"), 3u) << "two locks and the survivor's file";
    if (HasFailure()) break;
  }
  survivor.await(3);
  const std::uint32_t acknowledged = survivor.kill();
  EXPECT_GT(acknowledged, 3u) << "it lived through all sweeps";
  const auto store = DirectoryStore::open(file_system, scratch.path(), 1'000);
  ASSERT_TRUE(store);
  expect_objects(**store, 0, acknowledged);
  EXPECT_EQ(entries_in(scratch.path() / ".tmp"), 1u);
}

}  // namespace
}  // namespace streamhouse::tests
