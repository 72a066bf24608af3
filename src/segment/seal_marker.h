#pragma once
/// \file  The small object that whoever seals a session leaves in the bucket (key: SealKey), so
/// that a rebuild without the metadata store knows where the session's log ends. Format:
/// docs/formats/seal_marker.md.

#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"
#include "segment/layout/object_frame.h"

namespace streamhouse::segment {

struct SealMarker {
  ClusterId cluster = {};
  model::SessionId session = {};
  model::Seq seq = {};  ///< Of the seal's row: objects of the session from there on do not count.
  auto operator<=>(const SealMarker&) const = default;
};

/// The same marker gives the same bytes, so that two sealers write one object. Requires: seq >= 0.
base::ByteVector encode_seal_marker(const SealMarker& marker);
/// `object` is the key. Errors: kCorrupt, saying where, also for the marker of another session;
/// kUnsupported for a later format version.
base::Result<SealMarker> decode_seal_marker(std::string_view object, base::BytesView bytes);

}  // namespace streamhouse::segment
