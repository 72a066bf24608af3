#include "objectstore/directory/file_error.h"

#include <cerrno>
#include <system_error>

namespace streamhouse::objectstore {

using base::Errc;

namespace {

Errc code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case EISDIR:
      return Errc::kNotFound;
    case EEXIST:
      return Errc::kExists;
    case ENOTEMPTY:
      return Errc::kConflict;
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
      return Errc::kInvalid;
    case EFBIG:
      return Errc::kTooLarge;
    default:
      return Errc::kUnavailable;
  }
}

}  // namespace

base::Error file_error(int error_number, std::string_view operation, const std::string& path) {
  std::string text;
  if (error_number == ENOSPC || error_number == EDQUOT) text = "disk full: ";
  text +=
      std::string(operation) + " " + path + ": " + std::generic_category().message(error_number);
  return base::make_error(code_of(error_number), std::move(text));
}

}  // namespace streamhouse::objectstore
