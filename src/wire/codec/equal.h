#pragma once
/// \file  Comparing structs, by their lists of fields.

#include "wire/codec/type.h"

namespace streamhouse::wire {

/// The same content; where the bytes lie does not matter, nor how records are cut into pieces.
bool equal_values(const Type& type, const void* a, const void* b);

template <Described T>
bool equal(const T& a, const T& b) {
  return equal_values(TypeOf<T>::kType, &a, &b);
}

}  // namespace streamhouse::wire
