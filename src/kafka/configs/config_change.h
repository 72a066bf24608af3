#pragma once
/// \file  What a client's change of a configuration comes to.

#include <expected>
#include <map>
#include <optional>
#include <string>

#include "kafka/error_code.h"
#include "wire/messages/configs/alter_configs.h"
#include "wire/messages/configs/incremental_alter_configs.h"

namespace streamhouse::kafka {

using Config = std::map<std::string, std::string>;
/// nullopt: back to the default.
using ConfigChange = std::map<std::string, std::optional<std::string>>;

/// From `own`, what the topic has set, to what the request wants, all of it checked.
std::expected<ConfigChange, Refusal> replace_config(
    const Config& own, const wire::AlterConfigsRequest::Resource& wanted);
std::expected<ConfigChange, Refusal> change_config(
    const Config& own, const wire::IncrementalAlterConfigsRequest::Resource& wanted);

}  // namespace streamhouse::kafka
