// Goal: a URL names a table, or says how one does.
// Method: good and bad ones.
#include "metadata/dynamodb/dynamodb_url.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

TEST(DynamodbUrlTest, NamesATable) {
  EXPECT_EQ(*table_of_dynamodb_url("dynamodb://streamhouse"), "streamhouse");
  EXPECT_EQ(*table_of_dynamodb_url("dynamodb://a.B_9-"), "a.B_9-");
  EXPECT_TRUE(table_of_dynamodb_url("dynamodb://" + std::string(255, 'x')).has_value());
}

TEST(DynamodbUrlTest, RefusesWhatNoTableIsCalled) {
  for (const std::string& url :
       {std::string("dynamodb://"), std::string("dynamodb://ab"), std::string("dynamodb:table"),
        std::string("dynamodb://eu-west-1/table"), std::string("dynamodb://user:secret@table"),
        "dynamodb://" + std::string(256, 'x'), std::string("sqlite:./x.db")}) {
    const auto table = table_of_dynamodb_url(url);
    ASSERT_FALSE(table.has_value()) << url;
    EXPECT_EQ(table.error().code, base::Errc::kInvalid);
    EXPECT_FALSE(table.error().text.contains("secret"));
  }
}

TEST(DynamodbUrlTest, TakesEveryLetterThatTablesMayHaveAndNoOther) {
  for (int c = 0; c < 256; ++c) {
    const auto letter = static_cast<char>(c);
    const bool is_allowed = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                            (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' ||
                            letter == '.';
    const std::string url = std::string("dynamodb://tab") + letter + "le";
    EXPECT_EQ(table_of_dynamodb_url(url).has_value(), is_allowed) << c;
    EXPECT_TRUE(is_dynamodb_url(url));
  }
  EXPECT_FALSE(is_dynamodb_url("Dynamodb://table"));
  EXPECT_FALSE(is_dynamodb_url(""));
}

}  // namespace
}  // namespace streamhouse::metadata
