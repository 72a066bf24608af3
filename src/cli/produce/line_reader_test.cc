// Goal: every line becomes exactly one record, byte for byte, however the bytes arrive.
// Method: real pipes, written in pieces that fall everywhere within lines.
#include "cli/produce/line_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

namespace streamhouse::cli {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

class LineReaderTest : public testing::Test {
 protected:
  LineReaderTest() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    reader_.emplace(ends_[0], "pipe");
  }
  ~LineReaderTest() override {
    ::close(ends_[0]);
    end_input();
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      const auto count = ::write(ends_[1], text.data(), text.size());
      ASSERT_GT(count, 0);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void end_input() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::vector<std::string> rest() {
    std::vector<std::string> lines;
    for (;;) {
      const auto item = reader_->next(std::nullopt);
      EXPECT_TRUE(item);
      if (!item || !std::holds_alternative<LineReader::Line>(*item)) return lines;
      const auto& line = std::get<LineReader::Line>(*item);
      lines.push_back(line.text);
      EXPECT_EQ(line.number, static_cast<std::int64_t>(lines.size()));
    }
  }

  std::array<int, 2> ends_{-1, -1};
  std::optional<LineReader> reader_;
};

TEST_F(LineReaderTest, CutsLinesAtLfAlone) {
  write(std::string_view("a\n\nb\r\nc\0d\n", 10));
  end_input();
  EXPECT_THAT(rest(), ElementsAre("a", "", "b\r", std::string("c\0d", 3)));
}

TEST_F(LineReaderTest, TakesALastLineWithoutLf) {
  write("a\nlast");
  end_input();
  EXPECT_THAT(rest(), ElementsAre("a", "last"));
}

TEST_F(LineReaderTest, FindsNoLineInAnEmptyInput) {
  end_input();
  EXPECT_THAT(rest(), ElementsAre());
}

TEST_F(LineReaderTest, PutsLinesTogetherFromAnyPieces) {
  const std::string text = "one\n\ntwo\nthree\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    LineReader reader(ends[0], "pipe");
    std::vector<std::string> lines;
    const auto take = [&] {
      for (auto item = reader.next(milliseconds(0));
           item && std::holds_alternative<LineReader::Line>(*item);
           item = reader.next(milliseconds(0))) {
        lines.push_back(std::get<LineReader::Line>(*item).text);
      }
    };
    ASSERT_EQ(::write(ends[1], text.data(), cut), static_cast<ssize_t>(cut));
    take();
    ASSERT_EQ(::write(ends[1], text.data() + cut, text.size() - cut),
              static_cast<ssize_t>(text.size() - cut));
    take();
    EXPECT_THAT(lines, ElementsAre("one", "", "two", "three")) << cut;
    ::close(ends[0]);
    ::close(ends[1]);
  }
}

TEST_F(LineReaderTest, SaysWhenThePipeFallsSilent) {
  write("a\nhalf");
  EXPECT_TRUE(std::holds_alternative<LineReader::Line>(*reader_->next(milliseconds(1))));
  EXPECT_TRUE(std::holds_alternative<LineReader::Idle>(*reader_->next(milliseconds(1))));
  write(" a line\n");
  const auto item = reader_->next(milliseconds(1));
  EXPECT_EQ(std::get<LineReader::Line>(*item).text, "half a line");
}

TEST_F(LineReaderTest, ReadsLinesLongerThanABlock) {
  const std::string longer(3 << 20, 'x');
  std::thread writer([&] {
    write(longer + "\nshort\n");
    end_input();
  });
  EXPECT_THAT(rest(), ElementsAre(longer, "short"));
  EXPECT_EQ(reader_->bytes_read(), static_cast<std::int64_t>(longer.size()) + 7);
  writer.join();
}

TEST_F(LineReaderTest, RefusesALineWithoutEnd) {
  const int zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  LineReader reader(zero, "/dev/zero");
  const auto refused = reader.next(std::nullopt);
  EXPECT_EQ(refused.error().code, base::Errc::kTooLarge);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("line 1 of /dev/zero"));
  ::close(zero);
}

TEST_F(LineReaderTest, NamesWhatItCannotRead) {
  const int folder = ::open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  LineReader reader(folder, "the folder");
  EXPECT_THAT(reader.next(std::nullopt).error().text, testing::HasSubstr("the folder"));
  ::close(folder);
}

}  // namespace
}  // namespace streamhouse::cli
