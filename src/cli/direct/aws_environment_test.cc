// Goal: commands that open stores themselves see the AWS_* variables of their process.
// Method: variables set and removed around each look.
#include "cli/direct/aws_environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace streamhouse::cli {
namespace {

TEST(AwsEnvironmentTest, HasWhatTheProcessHas) {
  ::setenv("AWS_REGION", "eu-west-9", 1);
  ::setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000", 1);
  const net::AwsSettings settings = aws_environment();
  EXPECT_EQ(settings.region, "eu-west-9");
  EXPECT_EQ(settings.endpoint_dynamodb, "http://127.0.0.1:8000");
  ::unsetenv("AWS_REGION");
  ::unsetenv("AWS_ENDPOINT_URL_DYNAMODB");
}

TEST(AwsEnvironmentTest, WhatIsEmptyIsNotSet) {
  ::unsetenv("AWS_DEFAULT_REGION");
  ::setenv("AWS_REGION", "", 1);
  EXPECT_EQ(aws_environment().region, "");
  ::setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
  EXPECT_EQ(aws_environment().region, "us-east-1");
  ::unsetenv("AWS_REGION");
  EXPECT_EQ(aws_environment().region, "us-east-1");
  ::unsetenv("AWS_DEFAULT_REGION");
}

}  // namespace
}  // namespace streamhouse::cli
