// Goal: no link planted below the root leads the store out of it, what is no regular file is
// refused, and the operating system's errors arrive typed and named.
// Method: prepared directories of the real file system, and a file size limit that the kernel
// keeps.
#include "objectstore/directory/posix_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "objectstore/directory/file_error.h"
#include "tests/scratch_directory.h"

namespace streamhouse::objectstore {
namespace {

using base::Errc;

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() : root_path_(scratch_.path() / "root") {
    std::filesystem::create_directory(root_path_);
    root_ = *PosixFileSystem().open_root(root_path_);
  }
  static std::string code(const auto& result) {
    return result ? "ok" : std::string(errc_name(result.error().code));
  }

  tests::ScratchDirectory scratch_;
  std::filesystem::path root_path_;
  std::unique_ptr<Directory> root_;
};

TEST_F(PosixFileSystemTest, FollowsNoLinkBelowTheRoot) {
  std::ofstream(scratch_.path() / "secret") << "s";
  std::filesystem::create_directory(scratch_.path() / "outside");
  std::filesystem::create_symlink("../secret", root_path_ / "file");
  std::filesystem::create_symlink("../outside", root_path_ / "folder");
  std::filesystem::create_symlink("../new", root_path_ / "dangling");
  EXPECT_EQ(code(root_->open_file("file")), "invalid");
  EXPECT_EQ(code(root_->file_size("file")), "not_found");
  EXPECT_EQ(code(root_->open_directory("folder")), "invalid");
  EXPECT_EQ(code(root_->create_file("dangling")), "exists");
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "new"));
}

TEST_F(PosixFileSystemTest, RefusesPipesWithoutWaitingForTheirWriter) {
  ASSERT_EQ(::mkfifo((root_path_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(code(root_->open_file("pipe")), "invalid");
  ASSERT_TRUE(root_->scan([](const Entry& entry) { EXPECT_EQ(entry.kind, EntryKind::kOther); }));
}

TEST_F(PosixFileSystemTest, OpensARootThroughALinkAndCreatesWhatIsMissing) {
  std::filesystem::create_symlink("root", scratch_.path() / "link");
  const auto opened = PosixFileSystem().open_root(scratch_.path() / "link/./a//b/");
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_TRUE(std::filesystem::is_directory(root_path_ / "a/b"));
}

TEST_F(PosixFileSystemTest, RefusesARootThatIsNoDirectory) {
  std::ofstream(scratch_.path() / "file") << "x";
  const auto opened = PosixFileSystem().open_root(scratch_.path() / "file/objects");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kInvalid);
  EXPECT_NE(opened.error().text.find("file/objects"), std::string::npos) << opened.error().text;
  EXPECT_EQ(code(PosixFileSystem().open_root("")), "invalid");
  EXPECT_EQ(code(PosixFileSystem().open_root(std::string("a\0b", 3))), "invalid");
}

TEST_F(PosixFileSystemTest, AWriteThatTheKernelCutsShortIsAnError) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto file = *root_->create_file("f");
  const Chunks pieces{Bytes(std::string(600, 'a')), Bytes(std::string(600, 'b'))};
  EXPECT_EQ(code(file->append(pieces)), "too_large");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(*file->size(), 1000u);
}

TEST(FileErrorTest, AFullDiskIsUnavailableAndSaysSo) {
  for (const int error_number : {ENOSPC, EDQUOT}) {
    const auto error = file_error(error_number, "write", "objects/a");
    EXPECT_EQ(error.code, Errc::kUnavailable);
    EXPECT_TRUE(error.text.starts_with("disk full: write objects/a: ")) << error.text;
  }
}

TEST(FileErrorTest, OtherErrorsAreTyped) {
  const std::pair<int, Errc> expected[] = {
      {ENOENT, Errc::kNotFound},    {EISDIR, Errc::kNotFound},    {EEXIST, Errc::kExists},
      {ENOTEMPTY, Errc::kConflict}, {ENOTDIR, Errc::kInvalid},    {ELOOP, Errc::kInvalid},
      {EFBIG, Errc::kTooLarge},     {EIO, Errc::kUnavailable},    {EACCES, Errc::kUnavailable},
      {EROFS, Errc::kUnavailable},  {EMFILE, Errc::kUnavailable}, {ENAMETOOLONG, Errc::kInvalid}};
  for (const auto& [error_number, code] : expected)
    EXPECT_EQ(file_error(error_number, "x", "y").code, code) << error_number;
  EXPECT_EQ(file_error(EIO, "read", "objects/a").text, "read objects/a: Input/output error");
}

}  // namespace
}  // namespace streamhouse::objectstore
