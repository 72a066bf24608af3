// Goal: an archive appears under its name when it is complete and never before, and what is read is
// what was written, however it came. Method: files of a scratch directory; standard input that is a
// file of it.
#include "cli/direct/archive_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/scratch_directory.h"

namespace streamhouse::cli {
namespace {

using base::Errc;

class ArchiveFileTest : public testing::Test {
 protected:
  std::string path(const std::string& name = "archive") const { return scratch_.path() / name; }
  std::string part() const { return path() + ".part"; }
  static void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  static std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::shared_ptr<ArchiveTarget> created() const {
    auto target = create_archive(path());
    SH_CHECK(target.has_value(), "created");
    return *std::move(target);
  }
  /// In pieces of `size` bytes.
  static std::string read_all(metadata::ArchiveInput& input, std::size_t size = 7) {
    std::string all;
    base::ByteVector piece(size);
    while (true) {
      const auto read = input.read(piece);
      EXPECT_TRUE(read);
      if (!read || *read == 0) return all;
      all += base::to_string(base::BytesView(piece).first(*read));
    }
  }

  tests::ScratchDirectory scratch_;
};

TEST_F(ArchiveFileTest, AppearsUnderItsNameWhenItIsComplete) {
  const auto target = created();
  ASSERT_TRUE(target->restart());
  ASSERT_TRUE(target->write(base::as_bytes("some ")));
  ASSERT_TRUE(target->write(base::as_bytes("rows")));
  EXPECT_FALSE(std::filesystem::exists(path()));
  ASSERT_TRUE(target->close());
  EXPECT_EQ(content_of(path()), "some rows");
  EXPECT_FALSE(std::filesystem::exists(part()));
}

TEST_F(ArchiveFileTest, LeavesNothingIfItIsNeverComplete) {
  {
    const auto target = created();
    ASSERT_TRUE(target->restart());
    ASSERT_TRUE(target->write(base::as_bytes("some ")));
    EXPECT_TRUE(std::filesystem::exists(part()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path()));
}

TEST_F(ArchiveFileTest, AnOlderOneStaysUntilThen) {
  write_file(path(), "older");
  {
    ASSERT_TRUE(created()->write(base::as_bytes("never complete")));
  }
  EXPECT_EQ(content_of(path()), "older");
  const auto target = created();
  ASSERT_TRUE(target->write(base::as_bytes("newer")));
  ASSERT_TRUE(target->close());
  EXPECT_EQ(content_of(path()), "newer");
}

TEST_F(ArchiveFileTest, BeginsAgainWithNothing) {
  const auto target = created();
  ASSERT_TRUE(target->restart());
  ASSERT_TRUE(target->write(base::as_bytes("a long beginning")));
  ASSERT_TRUE(target->restart());
  ASSERT_TRUE(target->write(base::as_bytes("short")));
  ASSERT_TRUE(target->close());
  EXPECT_EQ(content_of(path()), "short");
}

TEST_F(ArchiveFileTest, NamesWhatCannotBeWritten) {
  const auto target = create_archive(path("no/such/folder"));
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, Errc::kUnavailable);
  EXPECT_NE(target.error().text.find(path("no/such/folder")), std::string::npos);
}

TEST_F(ArchiveFileTest, IsReadFromTheBeginningAsOftenAsNeeded) {
  const std::string content(1'000, 'x');
  write_file(path(), content + "end");
  const auto input = open_archive(path());
  ASSERT_TRUE(input);
  EXPECT_EQ(read_all(**input), content + "end");
  ASSERT_TRUE((*input)->rewind());
  EXPECT_EQ(read_all(**input, 600), content + "end");
}

TEST_F(ArchiveFileTest, WhatIsKeptIsReadAsItWasWrittenLast) {
  const auto kept = keep_archive();
  ASSERT_TRUE(kept);
  ASSERT_TRUE((*kept)->restart());
  ASSERT_TRUE((*kept)->write(base::as_bytes("a long beginning")));
  ASSERT_TRUE((*kept)->restart());
  ASSERT_TRUE((*kept)->write(base::as_bytes("short")));
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE((*kept)->rewind());
    EXPECT_EQ(read_all(**kept, 2), "short");
  }
}

TEST_F(ArchiveFileTest, NamesWhatIsNotThere) {
  const auto input = open_archive(path());
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().code, Errc::kNotFound);
  EXPECT_NE(input.error().text.find(path()), std::string::npos);
}

TEST_F(ArchiveFileTest, AFolderIsNoArchive) {
  const auto input = open_archive(scratch_.path());
  ASSERT_TRUE(input) << "the system opens it";
  base::ByteVector piece(7);
  const auto read = (*input)->read(piece);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::kUnavailable);
}

TEST_F(ArchiveFileTest, StandardInputIsReadTwiceAlthoughItCanBeReadOnce) {
  const std::string content(200'000, 'x');
  write_file(path(), content);
  const int kept = dup(STDIN_FILENO);
  const int file = open(path().c_str(), O_RDONLY);
  ASSERT_GE(file, 0);
  ASSERT_GE(dup2(file, STDIN_FILENO), 0);
  std::clearerr(stdin);
  const auto input = open_archive("-");
  dup2(kept, STDIN_FILENO);
  close(kept);
  close(file);
  ASSERT_TRUE(input);
  for (const std::size_t piece : {10'000u, 70'000u}) {
    ASSERT_TRUE((*input)->rewind());
    EXPECT_TRUE(read_all(**input, piece) == content) << "in pieces of " << piece;
  }
}

}  // namespace
}  // namespace streamhouse::cli
