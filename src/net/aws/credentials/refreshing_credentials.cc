#include "net/aws/credentials/refreshing_credentials.h"

namespace streamhouse::net {

using base::Errc;
using base::Result;

namespace {

constexpr runtime::WallMs kRefreshAhead = 5 * 60 * 1000;
constexpr auto kAskAgainAfter = std::chrono::seconds(5);

}  // namespace

bool RefreshingCredentials::valid_for(runtime::WallMs time) const {
  return current_ && (!current_->expires_at || *current_->expires_at > runtime_.wall_now() + time);
}

/// What there is while no fetch is due or possible.
Result<AwsCredentials> RefreshingCredentials::present() const {
  if (valid_for(0)) return *current_;
  return *failure_;
}

void RefreshingCredentials::keep(const Result<AwsCredentials>& fetched) {
  failure_.reset();
  if (fetched) {
    current_ = *fetched;
    had_some_ = true;
    return;
  }
  failure_ = fetched.error();
  if (had_some_ && failure_->code == Errc::kNotFound) failure_->code = Errc::kUnavailable;
  ask_again_at_ = runtime_.now() + kAskAgainAfter;
}

runtime::Task<Result<AwsCredentials>> RefreshingCredentials::fetch() {
  while (fetching_ && !valid_for(0)) co_await ended_.wait();
  if (valid_for(kRefreshAhead) || (fetching_ && valid_for(0))) co_return *current_;
  if (failure_ && runtime_.now() < ask_again_at_) co_return present();
  fetching_ = true;
  Result<AwsCredentials> fetched = co_await source_->fetch();
  fetching_ = false;
  keep(fetched);
  ended_.notify_all();
  if (fetched) co_return fetched;
  co_return present();
}

}  // namespace streamhouse::net
