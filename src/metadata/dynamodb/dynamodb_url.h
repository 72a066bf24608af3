#pragma once
/// \file  URLs of DynamoDB tables: `dynamodb://TABLE`. Region, keys and endpoint are those of the
/// AWS_* variables.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::metadata {

bool is_dynamodb_url(std::string_view url);
/// Errors: kInvalid unless the URL names a table by 3 to 255 of a-z, A-Z, 0-9, `_`, `-` and `.`.
base::Result<std::string> table_of_dynamodb_url(std::string_view url);

}  // namespace streamhouse::metadata
