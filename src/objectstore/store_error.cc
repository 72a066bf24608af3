#include "objectstore/store_error.h"

namespace streamhouse::objectstore {

using base::Errc;

base::Error object_not_found(const ObjectKey& key) {
  return base::make_error(Errc::kNotFound, "object " + key + " does not exist");
}

base::Error object_exists(const ObjectKey& key) {
  return base::make_error(Errc::kExists, "object " + key + " exists with other content");
}

base::Error object_below_object(const ObjectKey& inner, const ObjectKey& outer) {
  return base::make_error(Errc::kInvalid,
                          "object key " + inner + " would lie below the object " + outer);
}

Status check_range(const ObjectKey& key, std::uint64_t size, ByteRange range) {
  if (range.position <= size && range.length <= size - range.position) return {};
  return base::make_error(Errc::kInvalidOffset, "range " + std::to_string(range.position) + "+" +
                                                    std::to_string(range.length) +
                                                    " reaches past the end of object " + key +
                                                    " of " + std::to_string(size) + " bytes");
}

}  // namespace streamhouse::objectstore
