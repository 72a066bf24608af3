#include "cli/direct/aws_environment.h"

#include <cstdlib>

namespace streamhouse::cli {

net::AwsSettings aws_environment() {
  return net::AwsSettings::from([](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

}  // namespace streamhouse::cli
