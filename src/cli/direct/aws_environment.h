#pragma once
/// \file  The AWS_* variables of this process.

#include "net/aws/credentials/aws_settings.h"

namespace streamhouse::cli {

net::AwsSettings aws_environment();

}  // namespace streamhouse::cli
