// Goal: every text comes back as it was, none is stored with a zero byte, and plain ones are stored
// as they are. Method: known answers; every text of up to five of the pieces that matter.
#include "metadata/postgres/driver/stored_text.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/utf8.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kZero("\0", 1);
const std::string kMark = "\xef\xb7\x90";

TEST(StoredTextTest, PlainTextIsStoredAsItIs) {
  for (const std::string_view text : {"", "note", "\\0 \xc3\xa9 \xef\xb7\x91", "0"}) {
    EXPECT_EQ(to_stored_text(text), text);
    EXPECT_EQ(from_stored_text(text), text);
  }
}

TEST(StoredTextTest, AZeroByteIsMarkedAndSoIsTheMark) {
  EXPECT_EQ(to_stored_text(std::string_view("a\0b", 3)), "a" + kMark + "0b");
  EXPECT_EQ(to_stored_text(kMark), kMark + kMark);
}

TEST(StoredTextTest, AMarkThatMarksNothingIsText) {
  EXPECT_EQ(from_stored_text(kMark), kMark);
  EXPECT_EQ(from_stored_text(kMark + "a"), kMark + "a");
}

TEST(StoredTextTest, EveryTextComesBack) {
  const std::array<std::string_view, 5> pieces = {kZero, "0", kMark, "a", "\xef\xbf\xbd"};
  std::vector<std::string> texts = {""};
  for (std::size_t next = 0; next < texts.size(); ++next) {
    const std::string text = texts[next];
    const std::string stored = to_stored_text(text);
    EXPECT_EQ(from_stored_text(stored), text);
    EXPECT_FALSE(stored.contains('\0'));
    EXPECT_TRUE(base::is_utf8(stored));
    if (text.size() < 5)
      for (const std::string_view piece : pieces) texts.push_back(text + std::string(piece));
  }
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
