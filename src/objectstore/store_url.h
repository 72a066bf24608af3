#pragma once
/// \file  The URLs that name a store on the command line.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::objectstore {

/// The directory that `file:PATH` names: `file:./data/objects`, `file:/srv/objects`, or with an
/// empty host, `file:///srv/objects`. Errors: kInvalid for another scheme, a host, or no path.
base::Result<std::string> directory_of_url(std::string_view url);

}  // namespace streamhouse::objectstore
