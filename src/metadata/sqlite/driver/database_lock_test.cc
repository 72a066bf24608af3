// Goal: one process at a time holds a database; who comes second learns who holds it; a killed
// holder frees it.
// Method: real child processes that hold the lock until they are killed.
#include "metadata/sqlite/driver/database_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/scratch_directory.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

class DatabaseLockTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.path() / "metadata.db"; }

  /// A child that holds the lock; returns once it does.
  pid_t start_holder(const std::string& holder) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto lock = DatabaseLock::acquire(path(), holder);
      const char byte = lock ? 'y' : 'n';
      if (write(ready[1], &byte, 1) != 1) _exit(1);
      while (true) pause();
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
  }
  static void kill_and_wait(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }

  tests::ScratchDirectory directory_;
};

TEST_F(DatabaseLockTest, ASecondProcessIsRefusedAndToldWhoHoldsIt) {
  const pid_t child = start_holder("agent-7 at 127.0.0.1:9090");
  const auto refused = DatabaseLock::acquire(path(), "agent-8");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kConflict);
  const std::string holder = "agent-7 at 127.0.0.1:9090 pid " + std::to_string(child);
  EXPECT_NE(refused.error().text.find(holder), std::string::npos) << refused.error().text;
  EXPECT_NE(refused.error().text.find(path()), std::string::npos) << refused.error().text;
  kill_and_wait(child);
}

TEST_F(DatabaseLockTest, AKilledHolderFreesIt) {
  kill_and_wait(start_holder("agent-7"));
  EXPECT_TRUE(DatabaseLock::acquire(path(), "agent-8").has_value());
}

TEST_F(DatabaseLockTest, IsHeldThroughMovesAndFreedByDestruction) {
  {
    auto lock = DatabaseLock::acquire(path(), "a");
    ASSERT_TRUE(lock.has_value());
    const DatabaseLock moved = *std::move(lock);
    EXPECT_EQ(DatabaseLock::acquire(path(), "b").error().code, Errc::kConflict);
  }
  EXPECT_TRUE(DatabaseLock::acquire(path(), "b").has_value());
}

TEST_F(DatabaseLockTest, AShorterHolderReplacesALongerOneWhole) {
  ASSERT_TRUE(DatabaseLock::acquire(path(), std::string(300, 'x')).has_value());
  const auto lock = DatabaseLock::acquire(path(), "b");
  const auto refused = DatabaseLock::acquire(path(), "c");
  EXPECT_EQ(refused.error().text.find("xxx"), std::string::npos) << refused.error().text;
}

TEST_F(DatabaseLockTest, AFileThatCannotBeMadeIsUnavailable) {
  const auto refused = DatabaseLock::acquire("/proc/none/metadata.db", "a");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace streamhouse::metadata::sqlite
