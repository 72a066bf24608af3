#pragma once
/// \file  At which requests of an operation a test lets something happen.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <limits>

namespace streamhouse::metadata::contract {

/// As the number of an operation's requests: it was not over yet.
inline constexpr int kNotOver = std::numeric_limits<int>::max();

/// Calls `attempt(n)`, which lets something happen at request n of an operation and answers how
/// many requests that had, for some n from `first` on.
///
/// Each attempt needs a table of its own, and all of them together more than a minute. So every
/// fourth request is tried, and each use of this begins one further on than the use before. As a
/// rule that still finds what it is for, since what goes wrong between two requests does so in the
/// steps that operations share: items are read, then committed; chunks are written before the item
/// that names them and removed behind it; one transaction of a chain follows another. A request
/// that is like no other may be left out. With DYNAMODB_EVERY_REQUEST=1 every request of every
/// operation is tried: for whoever changes one, and to find a failure again in a test that is run
/// alone, where the uses before it are missing.
inline void at_some_requests(int first, const std::function<int(int)>& attempt) {
  constexpr int kShare = 4;
  constexpr int kRequestsMax = 200;
  static int uses = 0;
  const int step = std::getenv("DYNAMODB_EVERY_REQUEST") != nullptr ? 1 : kShare;
  int at = first + uses++ % step;
  int count = attempt(at);
  if (count <= at) {
    at = first;
    count = attempt(at);
    EXPECT_GT(count, at) << "the operation is one request: nothing was tried";
  }
  for (at += step; at < count && at < kRequestsMax && !testing::Test::HasFailure(); at += step)
    count = attempt(at);
  EXPECT_LT(at, kRequestsMax + step);
}

}  // namespace streamhouse::metadata::contract
