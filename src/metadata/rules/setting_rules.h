#pragma once
/// \file  What every store asks of settings, producer ids and replacements, in the same words.

#include "metadata/settings.h"

namespace streamhouse::metadata {

/// Errors: kInvalid, as allocate_producer_ids has them.
Status check_producer_id_count(std::int64_t count);
/// Errors: kConflict unless the stored version (0 = absent) is `expected`.
Status check_setting_version(const std::string& key, std::int64_t stored, std::int64_t expected);
/// Errors: kInvalid, as replace_objects has them.
Status check_replacement_form(const Replacement& replacement);

}  // namespace streamhouse::metadata
