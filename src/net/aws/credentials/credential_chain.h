#pragma once
/// \file  Which credentials a process has: the first of the environment's keys, a web identity, the
/// shared profile, the container's endpoint and the instance's metadata, in AWS's own order.

#include <memory>

#include "net/aws/credentials/aws_settings.h"
#include "net/aws/credentials/credentials.h"
#include "net/http/http_client.h"

namespace streamhouse::net {

/// Who the process is on AWS, and in which region it works.
struct AwsIdentity {
  struct Ports {
    runtime::Runtime& runtime;
    HttpClient& http;
  };
  std::string region;  ///< Set, else the profile's, else `us-east-1`.
  std::unique_ptr<CredentialSource> credentials;

  /// Chooses by what is configured; reads the profile's files, asks nobody yet.
  /// Errors: kInvalid, naming what is missing, contradictory or not supported.
  static base::Result<AwsIdentity> from(Ports ports, const AwsSettings& settings);
};

}  // namespace streamhouse::net
