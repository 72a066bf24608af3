#pragma once
/// \file  Writing a struct, by its list of fields.
/// Format: docs/formats/kafka_wire.md

#include <string>

#include "base/error.h"
#include "wire/codec/frame.h"
#include "wire/codec/type.h"

namespace streamhouse::wire {

/// Appends `message`, a value of `type`, to the sink. Fields that the version does not have are
/// left out, whatever they hold; so are tagged fields that hold their default. Errors: kInvalid,
/// naming the field: null where the version has no null, a string of more than 32,767 bytes, more
/// than 31 bits of anything; the sink then holds part of it.
base::Status encode_fields(FrameSink& sink, const Type& type, const void* message, Version version,
                           Flexible flexible);

/// What encode_fields would append. Cost: a walk, as encoding is.
std::size_t encoded_size(const Type& type, const void* message, Version version, Flexible flexible);

}  // namespace streamhouse::wire
