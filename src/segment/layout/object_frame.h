#pragma once
/// \file  What stands at the two ends of every object: the header, which says whose object it is,
/// and the trailer, which finds the footer. Format: docs/formats/object.md.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

/// Fixed, so that spans begin at a known position.
constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kTrailerSize = 64;

/// Identity of the cluster whose objects share a bucket.
using ClusterId = std::array<std::uint8_t, 16>;

enum class ObjectLevel : std::uint8_t {
  kFlushed = 0,    ///< One flush of one session: many partitions.
  kCompacted = 1,  ///< Rewritten from other objects.
};

/// Who wrote an object, and when in its session's life.
struct ObjectIdentity {
  ObjectLevel level = ObjectLevel::kFlushed;
  model::SessionId session = {};  ///< The leader's, or the compactor's.
  model::Seq seq = {};            ///< Row of the session's log, or the number of the output.
  auto operator<=>(const ObjectIdentity&) const = default;
};

struct ObjectHeader {
  ObjectIdentity identity = {};
  ClusterId cluster = {};
  /// Newest seq of the same session that was known committed when the object was built: a rebuild
  /// without the metadata store learns from it that everything up to there counts.
  model::Seq known_committed = {};
  /// Seq of the session's object before this one, 0 if it is the first: rows between the two hold
  /// no object, so that a rebuild can tell them from an object that never came.
  model::Seq previous = {};
  auto operator<=>(const ObjectHeader&) const = default;
};

/// Objects that a compacted object replaces: `count` of one session from seq `first` on.
struct ObjectInputs {
  ObjectIdentity first = {};
  std::int64_t count = 0;
  auto operator<=>(const ObjectInputs&) const = default;
};

/// The footer lies right before the trailer: block index, inputs, span table.
struct ObjectTrailer {
  ObjectIdentity identity = {};
  std::uint64_t footer_position = 0;
  std::uint32_t index_length = 0;
  std::uint32_t inputs_length = 0;
  std::uint32_t table_length = 0;
  std::uint32_t footer_crc = 0;
  std::uint32_t object_crc = 0;  ///< Of all bytes before the trailer; the commit row has it too.
  base::ByteRange footer() const {
    return {footer_position, std::uint64_t{index_length} + inputs_length + table_length};
  }
  auto operator<=>(const ObjectTrailer&) const = default;
};

std::array<std::uint8_t, kHeaderSize> encode_header(const ObjectHeader& header);
/// `object` is the object's key, for errors. Errors: kCorrupt; kUnsupported for a later version.
base::Result<ObjectHeader> decode_header(std::string_view object, base::BytesView bytes);

std::array<std::uint8_t, kTrailerSize> encode_trailer(const ObjectTrailer& trailer);
/// `bytes` are the last kTrailerSize bytes of an object of `object_size` bytes. Errors: as above;
/// also kCorrupt if the trailer is not that of the object that `object` names, or does not fit the
/// object's size.
base::Result<ObjectTrailer> decode_trailer(std::string_view object, std::uint64_t object_size,
                                           base::BytesView bytes);

/// kCorrupt, naming the object and the place in it.
base::Error object_corrupt(std::string_view object, std::string_view part, base::ByteRange where,
                           std::string_view why);

}  // namespace streamhouse::segment
