#pragma once
/// \file  How the operating system's errors become ours, for real and simulated file systems.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::objectstore {

/// The error for `error_number` (errno's values), met by `operation` on `path`. ENOSPC and EDQUOT
/// are kUnavailable and say "disk full"; what no retry can cure (a name, a kind of file) is typed;
/// everything else, also EIO, is kUnavailable: this call, at least, can be made again.
base::Error file_error(int error_number, std::string_view operation, const std::string& path);

}  // namespace streamhouse::objectstore
