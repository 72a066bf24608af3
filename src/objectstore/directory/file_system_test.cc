// Goal: the real and the simulated file system keep what file_system.h promises, so that what is
// proved on the simulated one holds on the real one.
// Method: one suite over both, and over both calls by which the real one publishes.
#include "objectstore/directory/file_system.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "objectstore/directory/posix_file_system.h"
#include "objectstore/simulation/sim_file_system.h"
#include "tests/scratch_directory.h"

namespace streamhouse::objectstore {
namespace {

using base::Errc;

/// A file system and a second process's view of it.
struct FileSystemUnderTest {
  virtual ~FileSystemUnderTest() = default;
  virtual FileSystem& file_system() = 0;
  virtual FileSystem& other_process() = 0;
  virtual std::string root_path() const = 0;
};

class RealFiles : public FileSystemUnderTest {
 public:
  explicit RealFiles(PublishCall call) : file_system_(call) {}
  FileSystem& file_system() override { return file_system_; }
  FileSystem& other_process() override { return file_system_; }
  std::string root_path() const override { return scratch_.path() / "a" / "root"; }

 private:
  tests::ScratchDirectory scratch_;
  PosixFileSystem file_system_;
};

class SimulatedFiles : public FileSystemUnderTest {
 public:
  FileSystem& file_system() override { return first_; }
  FileSystem& other_process() override { return second_; }
  std::string root_path() const override { return "a/root"; }

 private:
  SimDisk disk_{7};
  SimFileSystem first_{disk_};
  SimFileSystem second_{disk_};
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<FileSystemUnderTest>()> make;
};

class FileSystemTest : public testing::TestWithParam<Kind> {
 protected:
  FileSystemTest() : files_(GetParam().make()), root_(open_root(files_->file_system())) {}

  std::unique_ptr<Directory> open_root(FileSystem& file_system) const {
    auto root = file_system.open_root(files_->root_path());
    EXPECT_TRUE(root) << to_string(root.error());
    return *std::move(root);
  }
  std::unique_ptr<Directory> make_directory(const std::string& name) {
    EXPECT_TRUE(root_->create_directory(name));
    return *root_->open_directory(name);
  }
  static void write(Directory& directory, const std::string& name, std::string text) {
    const auto file = directory.create_file(name);
    ASSERT_TRUE(file) << to_string(file.error());
    const Chunks pieces{Bytes(std::move(text))};
    ASSERT_TRUE((*file)->append(pieces));
  }
  static std::string read(const Directory& directory, const std::string& name) {
    const auto file = directory.open_file(name);
    if (!file) return std::string(errc_name(file.error().code));
    return base::to_string(*(*file)->read({0, 1000}));
  }
  static std::map<std::string, EntryKind> entries(const Directory& directory) {
    std::map<std::string, EntryKind> found;
    EXPECT_TRUE(directory.scan([&](const Entry& entry) { found[entry.name] = entry.kind; }));
    return found;
  }

  std::unique_ptr<FileSystemUnderTest> files_;
  std::unique_ptr<Directory> root_;
};

template <class T>
Errc code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? Errc::kInternal : result.error().code;
}

TEST_P(FileSystemTest, AppendsPiecesInOrderAndReadsRanges) {
  const auto file = *root_->create_file("f");
  const Chunks first{Bytes(std::string("hel")), Bytes(), Bytes(std::string("lo"))};
  const Chunks second{Bytes(std::string(" world"))};
  ASSERT_TRUE(file->append(first));
  ASSERT_TRUE(file->append(second));
  ASSERT_TRUE(file->append({}));
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(*file->size(), 11u);
  EXPECT_EQ(*root_->file_size("f"), 11u);
  EXPECT_EQ(base::as_text(*file->read({3, 4})), "lo w");
  EXPECT_EQ(base::as_text(*file->read({9, 10})), "ld");
  EXPECT_TRUE(file->read({11, 5})->empty());
  EXPECT_TRUE(file->read({500, 5})->empty());
}

TEST_P(FileSystemTest, WritesMorePiecesThanOneSystemCallTakes) {
  Chunks pieces;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    pieces.emplace_back(std::to_string(i));
    expected += std::to_string(i);
  }
  const auto file = *root_->create_file("f");
  ASSERT_TRUE(file->append(pieces));
  EXPECT_EQ(base::to_string(*file->read({0, 100000})), expected);
}

TEST_P(FileSystemTest, CreatingNeverTouchesWhatIsThere) {
  write(*root_, "f", "old");
  EXPECT_EQ(code_of(root_->create_file("f")), Errc::kExists);
  EXPECT_EQ(code_of(root_->create_directory("f")), Errc::kExists);
  EXPECT_EQ(read(*root_, "f"), "old");
  const auto directory = make_directory("d");
  EXPECT_EQ(code_of(root_->create_file("d")), Errc::kExists);
  EXPECT_EQ(code_of(root_->create_directory("d")), Errc::kExists);
}

TEST_P(FileSystemTest, TellsFilesDirectoriesAndNothingApart) {
  write(*root_, "f", "x");
  const auto directory = make_directory("d");
  EXPECT_EQ(code_of(root_->open_file("none")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->open_file("d")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->file_size("none")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->file_size("d")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->open_directory("none")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->open_directory("f")), Errc::kInvalid);
  EXPECT_EQ(code_of(root_->remove_file("none")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->remove_file("d")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->remove_directory("none")), Errc::kNotFound);
  EXPECT_EQ(code_of(root_->remove_directory("f")), Errc::kInvalid);
  const std::map<std::string, EntryKind> expected{{"d", EntryKind::kDirectory},
                                                  {"f", EntryKind::kFile}};
  EXPECT_EQ(entries(*root_), expected);
}

TEST_P(FileSystemTest, PublishMovesAFileAndNeverReplaces) {
  const auto target = make_directory("d");
  write(*root_, "one", "1");
  write(*root_, "two", "2");
  ASSERT_TRUE(root_->publish("one", *target, "x"));
  EXPECT_EQ(read(*target, "x"), "1");
  EXPECT_EQ(read(*root_, "one"), "not_found");
  EXPECT_EQ(code_of(root_->publish("two", *target, "x")), Errc::kExists);
  EXPECT_EQ(read(*target, "x"), "1");
  EXPECT_EQ(read(*root_, "two"), "2");
  EXPECT_EQ(code_of(root_->publish("two", *root_, "d")), Errc::kExists);
  EXPECT_EQ(code_of(root_->publish("one", *target, "y")), Errc::kNotFound);
}

TEST_P(FileSystemTest, ARemovedDirectoryTakesNothingMore) {
  const auto old = make_directory("d");
  write(*root_, "f", "x");
  ASSERT_TRUE(root_->remove_directory("d"));
  const auto fresh = make_directory("d");
  EXPECT_EQ(code_of(root_->publish("f", *old, "f")), Errc::kNotFound);
  EXPECT_EQ(code_of(old->create_file("g")), Errc::kNotFound);
  EXPECT_EQ(code_of(old->create_directory("g")), Errc::kNotFound);
  EXPECT_TRUE(entries(*fresh).empty());
  EXPECT_EQ(read(*root_, "f"), "x");
}

TEST_P(FileSystemTest, OnlyEmptyDirectoriesAreRemoved) {
  const auto directory = make_directory("d");
  write(*directory, "f", "x");
  EXPECT_EQ(code_of(root_->remove_directory("d")), Errc::kConflict);
  EXPECT_TRUE(directory->remove_file("f"));
  EXPECT_TRUE(root_->remove_directory("d"));
  EXPECT_TRUE(entries(*root_).empty());
}

TEST_P(FileSystemTest, AnOpenFileOutlivesItsName) {
  write(*root_, "f", "x");
  const auto file = *root_->open_file("f");
  EXPECT_TRUE(*file->is_linked());
  ASSERT_TRUE(root_->remove_file("f"));
  EXPECT_FALSE(*file->is_linked());
  EXPECT_EQ(base::as_text(*file->read({0, 10})), "x");
}

TEST_P(FileSystemTest, ALockHasOneHolderUntilItsFileIsClosed) {
  auto mine = *root_->create_file("lock");
  const auto other_root = open_root(files_->other_process());
  const auto theirs = *other_root->open_file("lock");
  const auto again = *root_->open_file("lock");
  EXPECT_EQ(*mine->try_lock(), LockOutcome::kLocked);
  EXPECT_EQ(*mine->try_lock(), LockOutcome::kLocked);
  EXPECT_EQ(*theirs->try_lock(), LockOutcome::kHeldElsewhere);
  EXPECT_EQ(*again->try_lock(), LockOutcome::kHeldElsewhere);
  mine.reset();
  EXPECT_EQ(*theirs->try_lock(), LockOutcome::kLocked);
  EXPECT_EQ(*again->try_lock(), LockOutcome::kHeldElsewhere);
}

TEST_P(FileSystemTest, OpeningTheRootAgainFindsWhatIsThere) {
  write(*root_, "f", "x");
  EXPECT_TRUE(root_->sync());
  EXPECT_EQ(read(*open_root(files_->other_process()), "f"), "x");
}

TEST_P(FileSystemTest, ErrorsNameThePath) {
  const auto missing = root_->open_file("none");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("root/none"), std::string::npos) << missing.error().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, FileSystemTest,
    testing::Values(Kind{"Rename",
                         [] { return std::make_unique<RealFiles>(PublishCall::kRename); }},
                    Kind{"Link", [] { return std::make_unique<RealFiles>(PublishCall::kLink); }},
                    Kind{"Simulated", [] { return std::make_unique<SimulatedFiles>(); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace streamhouse::objectstore
