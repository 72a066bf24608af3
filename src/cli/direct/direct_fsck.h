#pragma once
/// \file  `streamctl fsck --direct`: the check without an agent, in this process, on the stores
/// themselves.

#include <functional>

#include "base/error.h"
#include "cli/direct/store_urls.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {

/// Reads everything; `show` gets each part as it comes, as an agent's answers would be. An agent
/// may be at work on the same stores. Errors: kInvalid for a URL that is not served; kNotFound
/// naming a store that is not there; those of the stores.
base::Status fsck_directly(const StoreUrls& urls,
                           std::function<base::Status(const v1::FsckResponse&)> show);

/// Success if there is such a directory, or the URL is a bucket's, which shows when it is opened.
/// Errors: kInvalid, kNotFound.
base::Status check_objects(const std::string& url);

}  // namespace streamhouse::cli
