#pragma once
/// \file  Credentials for AWS, and where they come from.

#include <optional>
#include <string>

#include "base/error.h"
#include "runtime/runtime.h"

namespace streamhouse::net {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token = {};                            ///< Of temporary ones.
  std::optional<runtime::WallMs> expires_at = std::nullopt;  ///< Of temporary ones.
};

/// Threading: the runtime's executor.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// Errors: kUnavailable if trying again may help; kNotFound if this source has none; kInvalid
  /// naming what is malformed.
  virtual runtime::Task<base::Result<AwsCredentials>> fetch() = 0;
  /// A server does not accept them any more: the next fetch() looks for others, where it can.
  virtual void reject() {}
};

/// Credentials that do not change.
class StaticCredentials final : public CredentialSource {
 public:
  explicit StaticCredentials(AwsCredentials credentials) : credentials_(std::move(credentials)) {}
  runtime::Task<base::Result<AwsCredentials>> fetch() override;

 private:
  AwsCredentials credentials_;
};

}  // namespace streamhouse::net
