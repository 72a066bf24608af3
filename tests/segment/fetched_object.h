#pragma once
/// \file  The read path over one object in memory, as a reader above a store would walk it; it
/// remembers what it fetched.

#include <string>
#include <vector>

#include "segment/object_reader.h"

namespace streamhouse::segment::testing {

class FetchedObject {
 public:
  FetchedObject(std::string key, base::BytesView bytes) : key_(std::move(key)), bytes_(bytes) {}

  base::BytesView fetch(base::ByteRange range) {
    fetched_.push_back(range);
    return bytes_.subspan(range.position, range.length);
  }
  const std::vector<base::ByteRange>& fetched() const { return fetched_; }

  base::Result<ObjectFooter> open() {
    const base::BytesView tail = fetch(tail_range(bytes_.size()));
    SH_TRY(const auto trailer, decode_trailer(key_, bytes_.size(), tail.last(kTrailerSize)));
    const auto missing = missing_footer(trailer, bytes_.size(), tail);
    const auto footer = missing ? fetch(*missing) : footer_within(trailer, bytes_.size(), tail);
    return ObjectFooter::decode(key_, trailer, footer);
  }

  /// The block that holds the offset. Errors: also kInvalidOffset if the object does not hold it.
  base::Result<base::BytesView> read(const model::TopicPartition& partition, model::Offset offset) {
    SH_TRY(const auto footer, open());
    const Block* block = footer.find_block(partition, offset);
    if (block == nullptr) return {base::Errc::kInvalidOffset, "not in " + key_};
    const base::BytesView bytes = fetch(block->range());
    SH_TRY_OK(verify_block(key_, *block, bytes));
    return bytes;
  }

  /// A span whose place is known from its commit row.
  base::Result<base::BytesView> read(const Span& span) {
    const base::BytesView bytes = fetch({span.position, span.length});
    SH_TRY_OK(verify_span(key_, span, bytes));
    return bytes;
  }

 private:
  std::string key_;
  base::BytesView bytes_;
  std::vector<base::ByteRange> fetched_;
};

}  // namespace streamhouse::segment::testing
