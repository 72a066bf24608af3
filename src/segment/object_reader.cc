#include "segment/object_reader.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/crc32c.h"
#include "model/record_batch.h"
#include "segment/packed/object_inputs.h"

namespace streamhouse::segment {

using base::ByteRange;
using base::BytesView;
using base::Error;
using base::Result;
using base::Status;

namespace {

/// Footers of flushes up to some four thousand spans fit.
constexpr std::uint64_t kTailSize = 64 * 1024;

/// A decoder's error, told as the object's.
Error within_object(std::string_view object, ByteRange where, Error error) {
  error.text = "object " + std::string(object) + ": footer at " + std::to_string(where.position) +
               "+" + std::to_string(where.length) + ": " + error.text;
  return error;
}

enum class Gaps : std::uint8_t { kNone, kAllowed };

std::string batch_fault(const model::RecordBatchView& batch, const Span& span, model::Offset next,
                        Gaps gaps) {
  if (gaps == Gaps::kAllowed ? batch.base_offset() < next : batch.base_offset() != next)
    return "has base offset " + std::to_string(batch.base_offset().value()) + ", not " +
           std::to_string(next.value());
  if (batch.next_offset() > span.offsets.next) return "reaches past the end of its span";
  if (batch.leader_epoch() != span.epoch)
    return "has leader epoch " + std::to_string(batch.leader_epoch().value()) + ", not " +
           std::to_string(span.epoch.value());
  return batch.crc_matches() ? std::string() : "fails its CRC";
}

Status verify_batches(std::string_view object, const Span& span, BytesView bytes, Gaps gaps) {
  const ByteRange whole{span.position, span.length};
  const std::string name = "span " + model::to_string(span.partition);
  if (bytes.size() != span.length) return object_corrupt(object, name, whole, "is cut short");
  model::BatchCursor cursor(bytes);
  model::Offset next = span.offsets.base;
  while (true) {
    const ByteRange rest{span.position + span.length - cursor.rest().size(), cursor.rest().size()};
    const auto batch = cursor.next();
    if (!batch) return object_corrupt(object, name + " batch", rest, batch.error().text);
    if (!*batch) break;
    const auto fault = batch_fault(**batch, span, next, gaps);
    if (!fault.empty())
      return object_corrupt(object, name + " batch", {rest.position, (*batch)->size()}, fault);
    next = (*batch)->next_offset();
  }
  if (next != span.offsets.next) return object_corrupt(object, name, whole, "lacks batches");
  return {};
}

/// Blocks first: they cover every byte of the body, so the batches are those that were written.
Status verify_body(std::string_view object, const ObjectFooter& footer, BytesView bytes) {
  for (const Block& block : footer.blocks())
    SH_TRY_OK(verify_block(object, block, bytes.subspan(block.position, block.length)));
  const bool is_flushed = footer.trailer().identity.level == ObjectLevel::kFlushed;
  for (const Span& span : footer.spans())
    SH_TRY_OK(verify_batches(object, span, bytes.subspan(span.position, span.length),
                             is_flushed ? Gaps::kNone : Gaps::kAllowed));
  return {};
}

}  // namespace

ByteRange tail_range(std::uint64_t object_size) {
  SH_CHECK(object_size >= kHeaderSize + kTrailerSize, "an object has a header and a trailer");
  const std::uint64_t size = std::min(object_size - kHeaderSize, kTailSize);
  return {object_size - size, size};
}

std::optional<ByteRange> missing_footer(const ObjectTrailer& trailer, std::uint64_t object_size,
                                        BytesView tail) {
  if (object_size - tail.size() <= trailer.footer_position) return std::nullopt;
  return trailer.footer();
}

BytesView footer_within(const ObjectTrailer& trailer, std::uint64_t object_size, BytesView tail) {
  const auto footer = trailer.footer();
  SH_CHECK(!missing_footer(trailer, object_size, tail), "the tail holds the footer");
  return tail.subspan(footer.position - (object_size - tail.size()), footer.length);
}

Result<ObjectFooter> ObjectFooter::decode(std::string_view object, const ObjectTrailer& trailer,
                                          BytesView bytes) {
  const auto where = trailer.footer();
  if (bytes.size() != where.length) return object_corrupt(object, "footer", where, "is cut short");
  if (base::crc32c(bytes) != trailer.footer_crc)
    return object_corrupt(object, "footer", where, "fails its checksum");
  ObjectFooter footer(trailer);
  auto spans = decode_span_table(bytes.last(trailer.table_length));
  if (!spans) return within_object(object, where, std::move(spans).error());
  footer.spans_ = *std::move(spans);
  const std::uint64_t end = footer.spans_.empty()
                                ? kHeaderSize
                                : footer.spans_.back().position + footer.spans_.back().length;
  const std::uint64_t begin = footer.spans_.empty() ? kHeaderSize : footer.spans_.front().position;
  if (begin != kHeaderSize || end != where.position)
    return object_corrupt(object, "footer", where, "names spans that do not fill the object");
  auto index = decode_block_index(footer.spans_, bytes.first(trailer.index_length));
  if (!index) return within_object(object, where, std::move(index).error());
  footer.index_ = *std::move(index);
  auto inputs = decode_inputs(bytes.subspan(trailer.index_length, trailer.inputs_length));
  if (!inputs) return within_object(object, where, std::move(inputs).error());
  footer.inputs_ = *std::move(inputs);
  return footer;
}

std::span<const Block> ObjectFooter::blocks_of(const Span& span) const {
  const auto i = static_cast<std::size_t>(&span - spans_.data());
  SH_CHECK(i < spans_.size(), "a span of this footer");
  return blocks().subspan(index_.first[i], index_.first[i + 1] - index_.first[i]);
}

const Span* ObjectFooter::find_span(const model::TopicPartition& partition,
                                    model::Offset offset) const {
  const auto after = std::ranges::upper_bound(
      spans_, std::pair(partition, offset), {},
      [](const Span& span) { return std::pair(span.partition, span.offsets.base); });
  if (after == spans_.begin()) return nullptr;
  const Span& span = *(after - 1);
  return span.partition == partition && span.offsets.contains(offset) ? &span : nullptr;
}

const Block* ObjectFooter::find_block(const model::TopicPartition& partition,
                                      model::Offset offset) const {
  const Span* span = find_span(partition, offset);
  if (span == nullptr) return nullptr;
  const auto blocks = blocks_of(*span);
  const auto after = std::ranges::upper_bound(
      blocks, offset, {}, [](const Block& block) { return block.offsets.base; });
  return &*(after - 1);
}

Status verify_block(std::string_view object, const Block& block, BytesView bytes) {
  if (bytes.size() != block.length)
    return object_corrupt(object, "block", block.range(), "is cut short");
  if (base::crc32c(bytes) != block.crc)
    return object_corrupt(object, "block", block.range(), "fails its checksum");
  return {};
}

Status verify_span(std::string_view object, const Span& span, BytesView bytes) {
  return verify_batches(object, span, bytes, Gaps::kNone);
}

Result<VerifiedObject> verify_object(std::string_view object, BytesView bytes) {
  if (bytes.size() < kHeaderSize + kTrailerSize)
    return object_corrupt(object, "object", {0, bytes.size()}, "is cut short");
  SH_TRY(auto header, decode_header(object, bytes.first(kHeaderSize)));
  SH_TRY(auto trailer, decode_trailer(object, bytes.size(), bytes.last(kTrailerSize)));
  const auto where = trailer.footer();
  SH_TRY(auto footer,
         ObjectFooter::decode(object, trailer, bytes.subspan(where.position, where.length)));
  if (header.identity != trailer.identity)
    return object_corrupt(object, "header", {0, kHeaderSize}, "is not that of the trailer");
  SH_TRY_OK(verify_body(object, footer, bytes));
  const auto covered = bytes.first(bytes.size() - kTrailerSize);
  if (base::crc32c(covered) != trailer.object_crc)
    return object_corrupt(object, "object", {0, covered.size()}, "fails its checksum");
  return VerifiedObject{header, std::move(footer)};
}

}  // namespace streamhouse::segment
