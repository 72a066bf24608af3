// Goal: bytes survive base64, and nothing else is taken for it.
// Method: the test vectors of RFC 4648, all lengths, broken texts.
#include "metadata/dynamodb/messages/base64.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata::dynamodb {
namespace {

TEST(Base64Test, WritesTheVectorsOfTheStandard) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(base::as_bytes(plain)), coded);
    EXPECT_EQ(from_base64(coded), base::to_vector(base::as_bytes(plain)));
  }
}

TEST(Base64Test, ReadsBackBytesOfEveryValueAndLength) {
  base::ByteVector bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
}

TEST(Base64Test, RefusesOtherTexts) {
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9-", "Zm 9v", "Zm9v\n"})
    EXPECT_FALSE(from_base64(text).has_value()) << text;
}

TEST(Base64Test, EveryDigitStandsForItsSixBitsAndNothingElseDoes) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int c = 0; c < 256; ++c) {
    const auto digit = static_cast<char>(c);
    const auto bytes = from_base64(std::string{'A', 'A', 'A', digit});
    const auto value = digits.find(digit);
    if (value == std::string::npos) {
      EXPECT_EQ(bytes.has_value(), digit == '=') << c << ": only padding ends a group early";
      continue;
    }
    ASSERT_TRUE(bytes.has_value()) << c;
    EXPECT_EQ(*bytes, (base::ByteVector{0, 0, static_cast<std::uint8_t>(value)}));
  }
}

TEST(Base64Test, ADamagedTextIsNeverReadAsMoreThanItHolds) {
  const std::string whole = to_base64(base::as_bytes("a text of some length"));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto bytes = from_base64(whole.substr(0, size));
    EXPECT_EQ(bytes.has_value(), size % 4 == 0) << size;
    if (bytes) EXPECT_LE(bytes->size(), size / 4 * 3);
  }
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
