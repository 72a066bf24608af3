// Goal: a URL names a bucket and a prefix, or is refused for a reason; buckets lie where AWS and
// other servers have them.
// Method: known answers.
#include "objectstore/s3/s3_location.h"

#include <gtest/gtest.h>

namespace streamhouse::objectstore {
namespace {

std::string parsed(std::string_view url) {
  const auto location = parse_s3_url(url);
  return location ? location->bucket + "|" + location->prefix : "refused";
}

std::string located(const base::Result<S3Endpoint>& endpoint) {
  return endpoint ? endpoint->scheme + "|" + endpoint->host + "|" + endpoint->base_path : "refused";
}

TEST(S3LocationTest, ReadsBucketAndPrefix) {
  EXPECT_EQ(parsed("s3://bucket"), "bucket|");
  EXPECT_EQ(parsed("s3://bucket/"), "bucket|");
  EXPECT_EQ(parsed("s3://my.bucket-1/a"), "my.bucket-1|a/");
  EXPECT_EQ(parsed("s3://bucket/a/b_c.d/"), "bucket|a/b_c.d/");
  EXPECT_EQ(parse_s3_url("s3://bucket/a/b/")->url(), "s3://bucket/a/b");
  EXPECT_EQ(parse_s3_url("s3://bucket/")->url(), "s3://bucket");
}

TEST(S3LocationTest, ABucketsNameAndAUrlMustAgree) {
  const auto together = [](std::string_view url, const std::string& name) {
    const auto location = bucket_beside(url, name);
    return location ? location->url() : location.error().text;
  };
  EXPECT_EQ(together("", "bucket"), "s3://bucket");
  EXPECT_EQ(together("s3://bucket/a/", "bucket"), "s3://bucket/a");
  EXPECT_EQ(together("s3://other", "bucket"),
            "S3_BUCKET=bucket contradicts the object store s3://other");
  EXPECT_EQ(together("file:x", "bucket"), "S3_BUCKET=bucket contradicts the object store file:x");
  for (const auto* const name : {"b", "bucket/a", "Bucket"})
    EXPECT_EQ(together("", name),
              "S3_BUCKET=" + std::string(name) + ": expected the name of a bucket");
}

TEST(S3LocationTest, RefusesWhatNamesNoBucketOrNoPrefix) {
  for (const auto* const url :
       {"", "s3:", "s3://", "s3:///a", "s3://ab", "S3://bucket", "s3://Bucket", "s3://-bucket",
        "s3://bucket-", "s3://bu..ket", "s3://bu_cket", "s3://buck et", "file:x", "s3://bucket/A",
        "s3://bucket//a", "s3://bucket/a//b", "s3://bucket/.a", "s3://bucket/a b", "s3://bucket?x"})
    EXPECT_EQ(parsed(url), "refused") << url;
  EXPECT_EQ(parsed("s3://" + std::string(64, 'a')), "refused");
  const std::string part(200, 'a');
  EXPECT_EQ(parsed("s3://bucket/" + part + "/" + part + "/" + part), "refused");
  const auto refused = parse_s3_url("s3://Bucket/a");
  EXPECT_NE(refused.error().text.find("'s3://Bucket/a'"), std::string::npos);
}

TEST(S3LocationTest, OnAwsTheBucketIsPartOfTheHost) {
  EXPECT_EQ(located(locate_bucket("bucket", "eu-west-1", "")),
            "https|bucket.s3.eu-west-1.amazonaws.com|/");
  EXPECT_EQ(located(locate_bucket("my.bucket", "eu-west-1", "")),
            "https|s3.eu-west-1.amazonaws.com|/my.bucket/");
}

TEST(S3LocationTest, OnOtherServersItIsPartOfThePath) {
  EXPECT_EQ(located(locate_bucket("bucket", "r", "http://127.0.0.1:9000")),
            "http|127.0.0.1:9000|/bucket/");
  EXPECT_EQ(located(locate_bucket("bucket", "r", "https://store.example/")),
            "https|store.example|/bucket/");
  EXPECT_EQ(located(locate_bucket("bucket", "r", "https://store.example:443")),
            "https|store.example|/bucket/")
      << "the Host header has no port that goes without saying";
  EXPECT_EQ(located(locate_bucket("bucket", "http://store:80", S3Addressing::kVirtualHost)),
            "http|bucket.store|/");
}

TEST(S3LocationTest, AStyleThatIsAskedForIsUsed) {
  EXPECT_EQ(located(locate_bucket("bucket", "r", "https://oss.example", "virtual")),
            "https|bucket.oss.example|/");
  EXPECT_EQ(located(locate_bucket("bucket", "eu-west-1", "", "path")),
            "https|s3.eu-west-1.amazonaws.com|/bucket/");
  EXPECT_EQ(located(locate_bucket("my.bucket", "eu-west-1", "", "virtual")),
            "https|my.bucket.s3.eu-west-1.amazonaws.com|/");
  EXPECT_EQ(located(locate_bucket("bucket", "r", "http://127.0.0.1:9000", "auto")),
            "http|127.0.0.1:9000|/bucket/");
  const auto refused = locate_bucket("bucket", "r", "", "Path");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("AWS_S3_ADDRESSING_STYLE='Path'"), std::string::npos);
}

TEST(S3LocationTest, RefusesEndpointsThatAreNone) {
  for (const auto* const endpoint : {"127.0.0.1:9000", "ftp://x", "http://", "http:///", "://x",
                                     "http://host/path", "http://u@host", "http://ho st", "x"})
    EXPECT_EQ(located(locate_bucket("bucket", "r", endpoint)), "refused") << endpoint;
}

}  // namespace
}  // namespace streamhouse::objectstore
