#pragma once
/// \file  Reads objects: says which ranges to fetch and checks what came. Reading one offset takes
/// the tail (trailer and, most often, the whole footer) and one block; a span whose place is known
/// from its commit row takes the span alone.
///
/// Every function names the object and the place in its errors, which are kCorrupt for bytes that
/// are not those that were written and kUnsupported for a later format. `object` is the key.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "segment/layout/block_index.h"
#include "segment/layout/object_frame.h"
#include "segment/span.h"

namespace streamhouse::segment {

/// What to fetch first of an object: its trailer, and with it the footer of most flushed objects.
/// Requires: object_size >= kHeaderSize + kTrailerSize; anything smaller is no object.
base::ByteRange tail_range(std::uint64_t object_size);

/// What to fetch next once the trailer is known, nullopt if the tail holds the footer already.
std::optional<base::ByteRange> missing_footer(const ObjectTrailer& trailer,
                                              std::uint64_t object_size, base::BytesView tail);
/// The footer's bytes within the tail. Requires: !missing_footer().
base::BytesView footer_within(const ObjectTrailer& trailer, std::uint64_t object_size,
                              base::BytesView tail);

/// Where everything lies in one object.
/// Threading: immutable, any thread. Memory: about 100 bytes a span and 40 a block.
class ObjectFooter {
 public:
  /// `bytes` are those of trailer.footer().
  static base::Result<ObjectFooter> decode(std::string_view object, const ObjectTrailer& trailer,
                                           base::BytesView bytes);

  const ObjectTrailer& trailer() const { return trailer_; }
  const SpanTable& spans() const { return spans_; }
  /// Which objects this one replaces; none if it was flushed.
  const std::vector<ObjectInputs>& inputs() const { return inputs_; }
  std::span<const Block> blocks() const { return index_.blocks; }
  /// Requires: a span of spans().
  std::span<const Block> blocks_of(const Span& span) const;

  /// The span or block that holds the offset, nullptr if the object does not.
  const Span* find_span(const model::TopicPartition& partition, model::Offset offset) const;
  const Block* find_block(const model::TopicPartition& partition, model::Offset offset) const;

 private:
  explicit ObjectFooter(const ObjectTrailer& trailer) : trailer_(trailer) {}

  ObjectTrailer trailer_;
  SpanTable spans_;
  std::vector<ObjectInputs> inputs_;
  BlockIndex index_;
};

/// Whether `bytes` are the block, to the last bit. Cost: one CRC-32C.
base::Status verify_block(std::string_view object, const Block& block, base::BytesView bytes);

/// Whether `bytes` are the whole span, to the last bit, without the footer: its batches' own CRCs,
/// and the fields outside them against what the span says (base offsets one after the other,
/// lengths, leader epoch, magic). Looks at partition, epoch, offsets, position and length.
/// Requires: a span without gaps between its batches, as every flushed one is.
base::Status verify_span(std::string_view object, const Span& span, base::BytesView bytes);

struct VerifiedObject {
  ObjectHeader header;
  ObjectFooter footer;
};

/// Whether `bytes` are a whole object, to the last bit; blocks are looked at before the whole, so
/// that the error says where.
base::Result<VerifiedObject> verify_object(std::string_view object, base::BytesView bytes);

}  // namespace streamhouse::segment
