#include "blockcache/checked_object_reader.h"

#include "blockcache/block_planner.h"

namespace streamhouse::blockcache {

using base::Errc;

runtime::Task<base::Result<std::vector<base::Bytes>>> CheckedObjectReader::read(SpanRead read) {
  SH_CO_TRY(const Footer footer, co_await footer_of(read.object_key, read.object_size));
  SH_CO_TRY(const auto blocks, plan_blocks(read, *footer));
  const std::uint64_t begin = blocks.front().position;
  const base::ByteRange range{begin, blocks.back().position + blocks.back().length - begin};
  SH_CO_TRY(const base::Bytes bytes, co_await get(read.object_key, range));
  auto batches = take_batches(read, footer->trailer().identity.level, blocks, bytes);
  if (!batches) footers_.erase(read.object_key);
  co_return batches;
}

runtime::Task<base::Result<CheckedObjectReader::Footer>> CheckedObjectReader::footer_of(
    std::string key, std::uint64_t size) {
  if (Footer known = footers_.find(key)) co_return known;
  if (size < segment::kHeaderSize + segment::kTrailerSize) {
    co_return base::make_error(Errc::kCorrupt, "object " + key + " is too small to be one");
  }
  SH_CO_TRY(const base::Bytes tail, co_await get(key, segment::tail_range(size)));
  const base::BytesView last = tail.view().last(segment::kTrailerSize);
  SH_CO_TRY(const segment::ObjectTrailer trailer, segment::decode_trailer(key, size, last));
  base::Bytes footer_bytes;
  if (const auto missing = segment::missing_footer(trailer, size, tail)) {
    SH_CO_TRY(footer_bytes, co_await get(key, *missing));
  } else {
    footer_bytes = base::Bytes::copy_of(segment::footer_within(trailer, size, tail));
  }
  SH_CO_TRY(auto footer, segment::ObjectFooter::decode(key, trailer, footer_bytes));
  const auto shared = std::make_shared<const segment::ObjectFooter>(std::move(footer));
  footers_.insert(key, shared);
  co_return shared;
}

/// A missing or short object is damage, never an empty read (S5).
runtime::Task<base::Result<base::Bytes>> CheckedObjectReader::get(std::string key,
                                                                  base::ByteRange range) {
  auto bytes = co_await store_.get(key, range);
  if (bytes && bytes->size() == range.length) co_return bytes;
  const bool damaged =
      bytes || bytes.error().code == Errc::kNotFound || bytes.error().code == Errc::kInvalidOffset;
  if (!damaged) co_return bytes.error();
  co_return base::make_error(
      Errc::kCorrupt,
      "object " + key + ": " + (bytes ? "the store answered too little" : bytes.error().text));
}

}  // namespace streamhouse::blockcache
