#pragma once
/// \file  The rules that every ObjectKey obeys, whatever the store: so that a key is a safe path on
/// a directory and a name on S3 that needs no escaping.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace streamhouse::objectstore {

constexpr std::size_t kKeyBytesMax = 512;
/// What one component (the part between two slashes) may measure: file systems stop at 255 bytes.
constexpr std::size_t kKeyComponentBytesMax = 255;
constexpr std::size_t kListLimitMax = 1000;

/// kInvalid, naming the key and the rule it breaks, unless `key` is an ObjectKey.
base::Status check_key(std::string_view key);
/// kInvalid unless some ObjectKey begins with `prefix`; the empty prefix is fine.
base::Status check_prefix(std::string_view prefix);
/// check_prefix, and kInvalid unless 1 <= limit <= kListLimitMax.
base::Status check_list(std::string_view prefix, std::size_t limit);

/// True if `name` may stand between two slashes of a key.
bool is_key_component(std::string_view name);
/// The components of a key, at least one; of the empty text none.
std::vector<std::string> split_components(std::string_view key);

/// A key cut at its last slash: `ab/01/7` is `ab/01` and `7`; `7` is `` and `7`.
struct KeyPath {
  std::string directory;
  std::string name;
};
KeyPath split_key(std::string_view key);

/// `text` in quotes for an error message: cut to 100 bytes, unprintable bytes as \xNN.
std::string printable(std::string_view text);

}  // namespace streamhouse::objectstore
