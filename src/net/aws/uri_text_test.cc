// Goal: what stands in a request is exactly what is signed.
// Method: known answers, and every byte there and back.
#include "net/aws/uri_text.h"

#include <gtest/gtest.h>

namespace streamhouse::net {
namespace {

TEST(UriTextTest, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(encode_uri_component("AZaz09-_.~"), "AZaz09-_.~");
  EXPECT_EQ(encode_uri_component("a b+c=d/e%\xc3\xa9"), "a%20b%2Bc%3Dd%2Fe%25%C3%A9");
  EXPECT_EQ(encode_uri_path("/a b/c"), "/a%20b/c");
}

TEST(UriTextTest, SortsQueriesAsTheyAreEncoded) {
  EXPECT_EQ(encode_query({}), "");
  EXPECT_EQ(encode_query({{"uploads", ""}}), "uploads=");
  EXPECT_EQ(encode_query({{"prefix", "a/"}, {"list-type", "2"}, {"a b", "="}, {"a!", "1"}}),
            "a%20b=%3D&a%21=1&list-type=2&prefix=a%2F");
}

TEST(UriTextTest, DecodesWhatItEncodes) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  EXPECT_EQ(decode_uri(encode_uri_component(every)), every);
  EXPECT_EQ(decode_uri("a+b%2bc"), "a b+c");
  EXPECT_EQ(decode_uri("100%"), "100%");
  EXPECT_EQ(decode_uri("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace streamhouse::net
