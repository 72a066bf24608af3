#pragma once
/// \file  How a compacted object names the objects it replaces. docs/formats/object.md, "Inputs".

#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "segment/layout/object_frame.h"

namespace streamhouse::segment {

/// No inputs are encoded as no bytes. Requires: count > 0 and first.seq >= 0 in each.
base::ByteVector encode_inputs(const std::vector<ObjectInputs>& inputs);
/// Errors: kCorrupt, saying where; memory stays proportional to the input.
base::Result<std::vector<ObjectInputs>> decode_inputs(base::BytesView bytes);

}  // namespace streamhouse::segment
