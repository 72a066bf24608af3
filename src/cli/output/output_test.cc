// Goal: output leaves whole and in order; a reader that has gone is told from a device that fails.
// Method: real pipes, files and /dev/full.
#include "cli/output/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "cli/output/progress.h"
#include "cli/output/record_text.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {
namespace {

class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    ::signal(SIGPIPE, SIG_IGN);
  }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  int writer() const { return ends_[1]; }
  void close_reader() { close(0); }
  void close_writer() { close(1); }
  std::string read_all() {
    std::string all;
    std::array<char, 4096> block;
    for (ssize_t count = 0; (count = ::read(ends_[0], block.data(), block.size())) > 0;) {
      all.append(block.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST(OutputTest, WritesEverythingInOrder) {
  Pipe pipe;
  std::string read;
  std::thread reader([&] { read = pipe.read_all(); });
  Output output(OutputFormat::kTable, pipe.writer());
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    const auto line = std::to_string(i) + "\n";
    expected += line;
    ASSERT_TRUE(output.write(line));
  }
  ASSERT_TRUE(output.flush());
  pipe.close_writer();
  reader.join();
  EXPECT_EQ(read, expected);
}

TEST(OutputTest, NoticesThatItsReaderHasGone) {
  Pipe pipe;
  Output output(OutputFormat::kTable, pipe.writer());
  EXPECT_FALSE(output.check_closed());
  pipe.close_reader();
  EXPECT_TRUE(output.check_closed());
  Output other(OutputFormat::kTable, pipe.writer());
  ASSERT_TRUE(other.write("x"));
  EXPECT_EQ(other.flush().error().code, base::Errc::kStopped);
  EXPECT_TRUE(other.closed());
}

TEST(OutputTest, ReportsADeviceThatRefuses) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  Output output(OutputFormat::kTable, full);
  ASSERT_TRUE(output.write("x"));
  const auto refused = output.flush();
  EXPECT_EQ(refused.error().code, base::Errc::kUnavailable);
  EXPECT_NE(refused.error().text.find("No space left"), std::string::npos);
  EXPECT_FALSE(output.closed());
  ::close(full);
}

v1::ConsumedRecord record(const std::string& value) {
  v1::ConsumedRecord consumed;
  consumed.set_offset(7);
  consumed.mutable_record()->set_timestamp_ms(1700000000000);
  consumed.mutable_record()->set_value(value);
  return consumed;
}

TEST(OutputTest, PrintsRawValuesAsLines) {
  EXPECT_EQ(record_text(record("a\xff"), ""), "a\xff\n");
  auto keyed = record("v");
  EXPECT_EQ(record_text(keyed, ":"), ":v\n");
  keyed.mutable_record()->set_key("k");
  EXPECT_EQ(record_text(keyed, ":"), "k:v\n");
  EXPECT_EQ(record_text(v1::ConsumedRecord(), ""), "\n");
}

TEST(OutputTest, DumpsRecordsInColumns) {
  EXPECT_EQ(dump_header(), "      OFFSET      TIMESTAMP  KEY               VALUE\n");
  EXPECT_EQ(dump_text(record("a\nb")), "           7  1700000000000  -                 a\\nb\n");
  EXPECT_EQ(dump_text(record("\xff")), "           7  1700000000000  -                 /w==\n");
}

TEST(OutputTest, DrawsABarWhereTheEndIsKnown) {
  EXPECT_EQ(progress_line("5 records", std::nullopt), "5 records");
  EXPECT_EQ(progress_line("x", 0.5), " 50% [===============               ] x");
  EXPECT_EQ(progress_line("x", 0), "  0% [                              ] x");
  EXPECT_EQ(progress_line("x", 1.2), "100% [==============================] x");
}

}  // namespace
}  // namespace streamhouse::cli
