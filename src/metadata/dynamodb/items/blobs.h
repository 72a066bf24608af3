#pragma once
/// \file  Bytes of any size in a table whose items are bounded: inside of the item that they belong
/// to, or in chunks of their own that it names.

#include "metadata/dynamodb/driver/table.h"

namespace streamhouse::metadata::dynamodb {

/// Bytes that an item may hold itself where it is put by itself; beyond it they are chunked.
inline constexpr std::size_t kInlineBytesMax = 350u << 10;
/// The same where the item is written in transactions, which cost twice.
inline constexpr std::size_t kInlineInTransactionMax = 2u << 10;

/// Where the chunks of a blob stand: sort keys `NAME#CRC#NUMBER`.
struct BlobPlace {
  std::string pk;
  std::string name;
};

/// Sets attribute `name` of an item to bytes, or to what names them.
struct BlobRef {
  base::Bytes inline_bytes = {};
  std::string chunks = {};  ///< What the chunks' sort keys begin with; empty: inline.
  std::int64_t size = 0;
  void set(Item& item, const std::string& name) const;
};

/// Chunks are written at once, before any item names them, so that a reader never misses one; the
/// same bytes under the same name are the same chunks, so a repeat changes nothing.
Task<Result<BlobRef>> store_blob(Table& table, BlobPlace place, base::Bytes bytes,
                                 std::size_t inline_max);
/// Attribute `name` of an item whose chunks stand under `pk`. Errors: kCorrupt, also if the item is
/// an old one, whose chunks are gone.
Task<Result<base::Bytes>> load_blob(Table& table, std::string pk, Item item, std::string name);
/// Reads items and their blobs by `start`, which begins the whole read, and again if a blob is
/// kCorrupt: the item that named it may have been replaced meanwhile. Real damage stays.
template <class Start>
auto read_with_blobs(Start start) -> decltype(start()) {
  constexpr int kReadsMax = 4;
  for (int reads = 1;; ++reads) {
    auto task = start();
    auto read = co_await std::move(task);
    const bool is_damaged = !read && read.error().code == base::Errc::kCorrupt;
    if (!is_damaged || reads == kReadsMax) co_return read;
  }
}
/// Removes all items of the range.
Task<Status> remove_items(Table& table, Range range);
/// The same for what is left over of something that was applied, and is shown to nobody: that is
/// not to fail because it stays.
Task<void> remove_leftovers(Table& table, Range range);

}  // namespace streamhouse::metadata::dynamodb
