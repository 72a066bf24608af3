#pragma once
/// \file  RefreshingCredentials: temporary credentials that are there when a request needs them.

#include <memory>
#include <optional>

#include "net/aws/credentials/credentials.h"
#include "runtime/signal.h"

namespace streamhouse::net {

/// Temporary credentials of a source, fetched again five minutes before they expire, or when a
/// server has rejected them. While the source fails they are used until their very end, and the
/// source is asked at most every five seconds.
class RefreshingCredentials final : public CredentialSource {
 public:
  RefreshingCredentials(runtime::Runtime& runtime, std::unique_ptr<CredentialSource> source)
      : runtime_(runtime), source_(std::move(source)), ended_(runtime) {}

  /// However many ask at once, the source is asked once. Errors: the source's; kUnavailable instead
  /// of kNotFound once it has had some.
  runtime::Task<base::Result<AwsCredentials>> fetch() override;
  void reject() override { current_.reset(); }

 private:
  bool valid_for(runtime::WallMs time) const;
  base::Result<AwsCredentials> present() const;
  void keep(const base::Result<AwsCredentials>& fetched);

  runtime::Runtime& runtime_;
  const std::unique_ptr<CredentialSource> source_;
  std::optional<AwsCredentials> current_;
  bool had_some_ = false;
  std::optional<base::Error> failure_;  ///< Of the newest attempt.
  runtime::MonoTime ask_again_at_;
  bool fetching_ = false;
  runtime::Signal ended_;
};

}  // namespace streamhouse::net
