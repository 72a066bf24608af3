// Goal: the simulated disk loses exactly what a real one may lose, and dies, fails and fills up
// where it is told to.
// Method: many seeds of one short script, with the set of outcomes that must and may be seen.
#include "objectstore/simulation/sim_file_system.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <vector>

namespace streamhouse::objectstore {
namespace {

using base::Errc;

constexpr std::uint64_t kSeeds = 300;

std::unique_ptr<Directory> open_root(FileSystem& file_system) {
  return *file_system.open_root("data");
}

void append(File& file, const std::string& text) {
  const Chunks pieces{Bytes::copy_of(base::as_bytes(text))};
  ASSERT_TRUE(file.append(pieces));
}

/// The file's content after a restart; "absent" if there is no such file.
std::string content(SimDisk& disk, const std::string& name) {
  SimFileSystem restarted(disk);
  const auto file = open_root(restarted)->open_file(name);
  return file ? base::to_string(*(*file)->read({0, 1 << 20})) : "absent";
}

TEST(SimFileSystemTest, SyncedBytesUnderASyncedNameSurvive) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    const auto root = open_root(process);
    const auto file = *root->create_file("f");
    append(*file, "kept");
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(root->sync());
    append(*file, " or not");
    disk.lose_power();
    ASSERT_TRUE(content(disk, "f").starts_with("kept")) << seed;
  }
}

TEST(SimFileSystemTest, UnsyncedBytesAreLostTornOrKept) {
  const std::string text(2000, 'x');
  std::set<std::string> seen;
  SimDisk::Counts sum;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    const auto root = open_root(process);
    append(**root->create_file("f"), text);
    ASSERT_TRUE(root->sync());
    disk.lose_power();
    const std::string found = content(disk, "f");
    EXPECT_EQ(disk.bytes_used(), found.size());
    const bool has_holes = found.find('\0') != std::string::npos;
    if (found.empty()) seen.insert("lost");
    if (found == text) seen.insert("kept");
    if (has_holes) seen.insert("holes");
    if (!found.empty() && found.size() < text.size()) seen.insert("prefix");
    sum.torn_files += disk.counts().torn_files;
    sum.cut_files += disk.counts().cut_files;
  }
  EXPECT_EQ(seen, (std::set<std::string>{"lost", "kept", "holes", "prefix"}));
  EXPECT_GT(sum.torn_files, kSeeds / 4);
  EXPECT_GT(sum.cut_files, kSeeds / 8);
}

TEST(SimFileSystemTest, AnUnsyncedRenameLeavesEitherNameBothOrNone) {
  std::set<std::pair<bool, bool>> seen;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    const auto root = open_root(process);
    const auto file = *root->create_file("from");
    append(*file, "x");
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(root->sync());
    ASSERT_TRUE(root->publish("from", *root, "to"));
    disk.lose_power();
    const std::string from = content(disk, "from");
    const std::string to = content(disk, "to");
    EXPECT_TRUE(from == "x" || from == "absent");
    EXPECT_TRUE(to == "x" || to == "absent");
    seen.emplace(from == "x", to == "x");
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(SimFileSystemTest, WhatLiesInALostDirectoryIsLostWithIt) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    const auto root = open_root(process);
    ASSERT_TRUE(root->create_directory("d"));
    const auto child = *root->open_directory("d");
    ASSERT_TRUE(child->create_file("f"));
    ASSERT_TRUE(child->sync());
    disk.lose_power();
    SimFileSystem restarted(disk);
    const auto found = open_root(restarted)->open_directory("d");
    seen.insert(!found ? "lost" : (*found)->file_size("f") ? "whole" : "empty");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"lost", "whole"}));
}

TEST(SimFileSystemTest, AKilledProcessLosesNothingThatWasWritten) {
  SimDisk disk(1);
  SimFileSystem process(disk);
  const auto root = open_root(process);
  const auto file = *root->create_file("f");
  append(*file, "unsynced");
  ASSERT_EQ(*file->try_lock(), LockOutcome::kLocked);
  process.kill();
  EXPECT_EQ(content(disk, "f"), "unsynced");
  SimFileSystem restarted(disk);
  EXPECT_EQ(*(*open_root(restarted)->open_file("f"))->try_lock(), LockOutcome::kLocked);
  const auto late = file->size();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::kStopped);
  EXPECT_FALSE(root->remove_file("f"));
  EXPECT_EQ(content(disk, "f"), "unsynced");
}

TEST(SimFileSystemTest, LosingPowerEndsEveryProcess) {
  SimDisk disk(1);
  SimFileSystem first(disk);
  SimFileSystem second(disk);
  EXPECT_TRUE(first.is_alive() && second.is_alive());
  disk.lose_power();
  EXPECT_FALSE(first.is_alive() || second.is_alive());
  EXPECT_TRUE(SimFileSystem(disk).is_alive());
}

TEST(SimFileSystemTest, DiesInTheStepItIsToldTo) {
  std::set<std::size_t> written;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    bool crashed = false;
    process.crash_at(3, [&] { crashed = true; });
    const auto root = open_root(process);
    const auto file = *root->create_file("f");
    EXPECT_FALSE(crashed);
    const Chunks pieces{Bytes(std::string("0123456789"))};
    EXPECT_FALSE(file->append(pieces));
    EXPECT_TRUE(crashed);
    EXPECT_FALSE(process.is_alive());
    EXPECT_EQ(process.steps(), 3u);
    written.insert(content(disk, "f").size());
  }
  EXPECT_GT(written.size(), 5u) << "a write that dies leaves some prefix";
}

TEST(SimFileSystemTest, MayTakeThePowerWithIt) {
  std::set<std::size_t> written;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    process.crash_at(5, [&] { disk.lose_power(); });
    const auto root = open_root(process);
    const auto file = *root->create_file("f");
    ASSERT_TRUE(root->sync());
    append(*file, "0123456789");
    const Chunks pieces{Bytes(std::string(1000, 'x'))};
    EXPECT_FALSE(file->append(pieces));
    EXPECT_EQ(disk.bytes_used(), content(disk, "f").size());
    written.insert(content(disk, "f").size());
  }
  EXPECT_TRUE(written.contains(0)) << "nothing was synced, so all may be lost";
  EXPECT_GT(written.size(), 20u) << "or any part of it kept";
}

TEST(SimFileSystemTest, AFailedSyncIsNotCuredByAnother) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    process.fail_at(4, EIO);
    const auto root = open_root(process);
    const auto file = *root->create_file("f");
    append(*file, "x");
    const auto failed = file->sync();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().text, "sync data/f: Input/output error");
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(root->sync());
    disk.lose_power();
    lost = lost || content(disk, "f").empty();
  }
  EXPECT_TRUE(lost);
}

TEST(SimFileSystemTest, AFullDiskTakesWhatFitsAndIsCuredByRemoving) {
  SimDisk disk(1);
  SimFileSystem process(disk);
  const auto root = open_root(process);
  disk.set_capacity(4);
  const Chunks pieces{Bytes(std::string("0123456789"))};
  const auto full = (*root->create_file("f"))->append(pieces);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::kUnavailable);
  EXPECT_TRUE(full.error().text.starts_with("disk full")) << full.error().text;
  EXPECT_EQ(content(disk, "f"), "0123");
  EXPECT_FALSE(root->create_directory("d"));
  ASSERT_TRUE(root->remove_file("f"));
  ASSERT_TRUE(root->sync());
  EXPECT_EQ(disk.bytes_used(), 0u);
  EXPECT_TRUE(root->create_directory("d"));
  EXPECT_GE(disk.counts().full_errors, 1u);
}

TEST(SimFileSystemTest, ErrorsComeAtTheGivenRateAndAlikeForASeed) {
  const auto run = [](std::uint64_t seed) {
    SimDisk disk(seed);
    SimFileSystem process(disk);
    const auto root = open_root(process);
    disk.set_error_rate(0.2);
    std::vector<bool> outcomes;
    for (int i = 0; i < 1000; ++i)
      outcomes.push_back(root->create_file(std::to_string(i)).has_value());
    EXPECT_NEAR(static_cast<double>(disk.counts().io_errors), 200, 60);
    return outcomes;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace streamhouse::objectstore
