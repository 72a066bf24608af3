#pragma once
/// \file  The marker object that whoever seals a session leaves in the store: it lets a rebuild
/// from the objects alone know where the session ended. Format: docs/formats/seal_marker.md.

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

/// Goes under the key SealKey. Every sealer of a session writes the same bytes.
base::ByteVector encode_seal_marker(model::Seq seal);
/// Errors: kCorrupt.
base::Result<model::Seq> decode_seal_marker(base::BytesView bytes);

}  // namespace streamhouse::segment
