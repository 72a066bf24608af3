// Goal: a store URL names one directory, or the error says why not.
// Method: a table of each.
#include "objectstore/store_url.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhouse::objectstore {
namespace {

TEST(StoreUrlTest, NamesADirectory) {
  EXPECT_EQ(*directory_of_url("file:./data/objects"), "./data/objects");
  EXPECT_EQ(*directory_of_url("file:data"), "data");
  EXPECT_EQ(*directory_of_url("file:/srv/objects"), "/srv/objects");
  EXPECT_EQ(*directory_of_url("file:///srv/objects"), "/srv/objects");
}

TEST(StoreUrlTest, RefusesEverythingElseByName) {
  const std::pair<std::string, const char*> refused[] = {
      {"", "does not begin with file:"},
      {"./data", "does not begin with file:"},
      {"s3://bucket", "does not begin with file:"},
      {"FILE:/x", "does not begin with file:"},
      {"file:", "has no path"},
      {"file://", "names a host"},
      {"file://host/x", "names a host"},
      {std::string("file:a\0b", 8), "has a zero byte"}};
  for (const auto& [url, reason] : refused) {
    const auto result = directory_of_url(url);
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code, base::Errc::kInvalid);
    EXPECT_NE(result.error().text.find(reason), std::string::npos) << result.error().text;
  }
}

}  // namespace
}  // namespace streamhouse::objectstore
