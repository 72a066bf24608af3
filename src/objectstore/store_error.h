#pragma once
/// \file  The answers that every store words alike, so that callers see one store.

#include "objectstore/object_store.h"

namespace streamhouse::objectstore {

/// kNotFound.
base::Error object_not_found(const ObjectKey& key);
/// kExists: `key` holds other bytes than those given.
base::Error object_exists(const ObjectKey& key);
/// kInvalid: `inner` begins with `outer` and a slash, and one of the two is there already.
base::Error object_below_object(const ObjectKey& inner, const ObjectKey& outer);
/// kInvalidOffset unless `range` lies within an object of `size` bytes.
Status check_range(const ObjectKey& key, std::uint64_t size, ByteRange range);

}  // namespace streamhouse::objectstore
