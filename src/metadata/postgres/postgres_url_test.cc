// Goal: URLs are refused before anything is tried with them, and no refusal shows a password.
// Method: the checks alone.
#include "metadata/postgres/postgres_url.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

TEST(PostgresUrlTest, BothSchemesAreKnown) {
  EXPECT_TRUE(is_postgres_url("postgres://h/d"));
  EXPECT_TRUE(is_postgres_url("postgresql://h/d"));
  EXPECT_FALSE(is_postgres_url("sqlite:metadata.db"));
  EXPECT_FALSE(is_postgres_url("cockroach://h/d"));
}

TEST(PostgresUrlTest, WhatTheLibraryUnderstandsIsAccepted) {
  for (const char* const url :
       {"postgres://h/d", "postgresql://joe:sesame@h:5433/d?sslmode=require",
        "postgres://joe@h1:1,h2:2/d?target_session_attrs=read-write", "postgres:///d?host=/run/x"})
    EXPECT_TRUE(check_postgres_url(url)) << url;
}

TEST(PostgresUrlTest, CockroachDbHasASchemeThatTheLibraryDoesNotKnow) {
  EXPECT_TRUE(is_cockroach_url("cockroach://h/d"));
  EXPECT_FALSE(is_cockroach_url("postgres://h/d"));
  EXPECT_EQ(library_url("cockroach://joe:sesame@h:1/d?sslmode=require"),
            "postgres://joe:sesame@h:1/d?sslmode=require");
  EXPECT_EQ(library_url("postgresql://h/d"), "postgresql://h/d");
  EXPECT_TRUE(check_postgres_url("cockroach://joe@h1,h2/d?sslmode=verify-full"));
}

TEST(PostgresUrlTest, ARefusalDoesNotShowTheUrl) {
  for (const char* const url : {"postgres://joe:sesame@h/d?no_such=1",
                                "cockroach://joe:sesame@[::1/d", "postgres://joe:sesame%zz@h/d"}) {
    const auto refused = check_postgres_url(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, base::Errc::kInvalid);
    EXPECT_EQ(refused.error().text.find("sesame"), std::string::npos);
  }
}

}  // namespace
}  // namespace streamhouse::metadata
