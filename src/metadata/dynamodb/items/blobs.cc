#include "metadata/dynamodb/items/blobs.h"

#include <algorithm>
#include <tuple>

#include "base/crc32c.h"
#include "base/hex.h"
#include "metadata/dynamodb/items/keys.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;

namespace {

constexpr char kData[] = "data";

std::string crc_text(base::BytesView bytes) {
  return base::to_hex(std::uint64_t{base::crc32c(bytes)}).substr(8);
}

std::string size_name(const std::string& name) { return name + "_size"; }

}  // namespace

void BlobRef::set(Item& item, const std::string& name) const {
  if (chunks.empty()) {
    item.set(name, inline_bytes);
    item.erase(size_name(name));
  } else {
    item.set(name, chunks);
    item.set(size_name(name), size);
  }
}

Task<Result<BlobRef>> store_blob(Table& table, BlobPlace place, base::Bytes bytes,
                                 std::size_t inline_max) {
  if (bytes.size() <= inline_max) co_return BlobRef{.inline_bytes = std::move(bytes)};
  BlobRef ref{.chunks = place.name + "#" + crc_text(bytes) + "#",
              .size = static_cast<std::int64_t>(bytes.size())};
  std::vector<Write> writes;
  for (std::size_t at = 0; at < bytes.size(); at += kInlineBytesMax) {
    Write& write = writes.emplace_back();
    write.key = {place.pk, ref.chunks + padded(static_cast<std::int64_t>(writes.size()))};
    write.item.set(kData, bytes.slice(at, std::min(kInlineBytesMax, bytes.size() - at)));
  }
  SH_CO_TRY_OK(co_await table.write_all(std::move(writes)));
  co_return ref;
}

Task<Result<base::Bytes>> load_blob(Table& table, std::string pk, Item item, std::string name) {
  const std::string chunks = item.text(name);
  if (chunks.empty()) co_return item.bytes(name);
  SH_CO_TRY(const auto items, co_await table.query(Range::prefix(pk, chunks)));
  base::ByteVector whole;
  for (const Item& chunk : items) {
    const base::Bytes data = chunk.bytes(kData);
    whole.insert(whole.end(), data.view().begin(), data.view().end());
  }
  const bool has_size = static_cast<std::int64_t>(whole.size()) == item.number(size_name(name));
  if (!has_size || !chunks.ends_with("#" + crc_text(whole) + "#"))
    co_return base::make_error(Errc::kCorrupt, "chunks " + chunks + " of " + pk + " in table " +
                                                   table.name() + " are missing or damaged");
  co_return base::Bytes(std::move(whole));
}

Task<Status> remove_items(Table& table, Range range) {
  std::optional<Key> after;
  do {
    SH_CO_TRY(const auto items, co_await table.page(range, after));
    std::vector<Write> writes;
    for (const Item& item : items)
      writes.push_back(
          {.kind = Write::Kind::kRemove, .key = {item.text(kPartitionKey), item.text(kSortKey)}});
    SH_CO_TRY_OK(co_await table.write_all(std::move(writes)));
  } while (after);
  co_return Status{};
}

Task<void> remove_leftovers(Table& table, Range range) {
  std::ignore = co_await remove_items(table, std::move(range));
}

}  // namespace streamhouse::metadata::dynamodb
