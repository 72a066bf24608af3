#pragma once
/// \file  RetryPolicy: whether a request that failed is sent again, and what is then known.

#include <optional>

#include "metadata/dynamodb/messages/refusal.h"
#include "runtime/time.h"

namespace streamhouse::metadata::dynamodb {

/// One for each request. The same bytes may be sent any number of times: a read changes nothing, a
/// transaction carries a token by which the service knows it again for ten minutes, other writes
/// leave the same behind.
class RetryPolicy {
 public:
  struct Options {
    runtime::Duration time_max = std::chrono::seconds(8);  ///< No attempt begins later.
    runtime::Duration pause_first = std::chrono::milliseconds(20);
    runtime::Duration pause_max = std::chrono::seconds(1);
  };
  explicit RetryPolicy(Options options) : options_(options), pause_(options.pause_first) {}

  /// After a failure, `elapsed` since the first attempt began: how long to wait before the next at
  /// most, of which a random part is taken; nullopt: give up.
  std::optional<runtime::Duration> next(Failure failure, runtime::Duration elapsed);
  /// What to answer for the newest attempt's error, where an earlier one may have been applied.
  base::Error settle(base::Error error) const;
  /// Whether some attempt may have been applied although it was not answered.
  bool is_open() const { return is_open_; }

 private:
  const Options options_;
  runtime::Duration pause_;
  bool is_open_ = false;
};

}  // namespace streamhouse::metadata::dynamodb
