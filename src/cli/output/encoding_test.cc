// Goal: any bytes can be shown, and text is recognised exactly.
// Method: the boundaries of UTF-8's forms, every remainder of base64, the published test vectors.
#include "cli/output/encoding.h"

#include <gtest/gtest.h>

namespace streamhouse::cli {
namespace {

TEST(EncodingTest, AcceptsEveryFormOfUtf8AtItsLimits) {
  for (const auto* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << to_base64(text);
  }
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(EncodingTest, RefusesWhatIsNoUtf8) {
  for (const auto* bytes : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
                            "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_utf8(bytes)) << to_base64(bytes);
  }
}

TEST(EncodingTest, WritesBase64WithPadding) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64("\xff\xfe\xfd"), "//79");
}

TEST(EncodingTest, WritesControlCharactersAsEscapes) {
  EXPECT_EQ(one_line("a\nb\tc\rd\x1b\x7f é"), "a\\nb\\tc\\x0dd\\x1b\\x7f é");
}

}  // namespace
}  // namespace streamhouse::cli
