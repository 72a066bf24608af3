#include "segment/object_writer.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/crc32c.h"
#include "model/record_batch.h"
#include "segment/layout/block_index.h"
#include "segment/packed/object_inputs.h"

namespace streamhouse::segment {
namespace {

using base::Bytes;
using base::BytesView;
using base::ByteVector;
using model::RecordBatchView;

std::uint8_t flags_of(const RecordBatchView& batch) {
  return static_cast<std::uint8_t>((batch.is_transactional() ? kSpanTransactional : 0) |
                                   (batch.is_control() ? kSpanControl : 0));
}

/// Adds one batch after the other to the span that is built, and to its blocks.
class ObjectBuilder {
 public:
  ObjectBuilder(const ObjectHeader& header, std::size_t batch_count) : header_(header) {
    chunks_.reserve(batch_count + 2);
    const auto frame = encode_header(header);
    crc_ = base::crc32c(frame);
    append_chunk(Bytes::copy_of(frame));
  }

  void add_span(SpanContent content) {
    SH_CHECK(!content.batches.empty(), "a span has batches");
    spans_.push_back({.partition = content.partition,
                      .epoch = content.epoch,
                      .position = size_,
                      .max_timestamp = std::numeric_limits<std::int64_t>::min()});
    for (Bytes& batch : content.batches) add_batch(spans_.back(), std::move(batch));
    for (std::size_t i = index_.first.back(); i < index_.blocks.size(); ++i)
      crc_ = base::crc32c_joined(crc_, index_.blocks[i].crc, index_.blocks[i].length);
    index_.first.push_back(static_cast<std::uint32_t>(index_.blocks.size()));
  }

  BuiltObject finish(const std::vector<ObjectInputs>& inputs) && {
    SH_CHECK(inputs.empty() || header_.identity.level == ObjectLevel::kCompacted,
             "a flushed object has no inputs");
    ByteVector footer = encode_block_index(spans_, index_);
    ObjectTrailer trailer{.identity = header_.identity,
                          .footer_position = size_,
                          .index_length = static_cast<std::uint32_t>(footer.size())};
    const ByteVector packed_inputs = encode_inputs(inputs);
    footer.insert(footer.end(), packed_inputs.begin(), packed_inputs.end());
    trailer.inputs_length = static_cast<std::uint32_t>(packed_inputs.size());
    const ByteVector table = encode_span_table(spans_);
    const std::size_t table_position = footer.size();
    footer.insert(footer.end(), table.begin(), table.end());
    trailer.table_length = static_cast<std::uint32_t>(table.size());
    trailer.footer_crc = base::crc32c(footer);
    trailer.object_crc = base::crc32c(footer, crc_);
    const auto frame = encode_trailer(trailer);
    footer.insert(footer.end(), frame.begin(), frame.end());
    append_chunk(Bytes(std::move(footer)));
    const Bytes span_table = chunks_.back().slice(table_position, table.size());
    return {.chunks = std::move(chunks_),
            .size = size_,
            .crc = trailer.object_crc,
            .spans = std::move(spans_),
            .span_table = span_table};
  }

 private:
  void add_batch(Span& span, Bytes bytes) {
    const auto view = RecordBatchView::front_of(bytes);
    SH_CHECK(view.has_value() && view->size() == bytes.size(), "exactly one whole batch");
    check_place(span, *view);
    if (span.batch_count == 0) span.offsets.base = view->base_offset();
    span.offsets.next = view->next_offset();
    span.length += static_cast<std::uint32_t>(bytes.size());
    span.batch_count += 1;
    span.max_timestamp = std::max(span.max_timestamp, view->max_timestamp());
    span.flags |= flags_of(*view);
    if (view->is_idempotent()) add_producer(span, *view);
    add_to_block(span, *view);
    append_chunk(std::move(bytes));
  }

  void check_place(const Span& span, const RecordBatchView& batch) const {
    SH_CHECK(batch.leader_epoch() == span.epoch, "batches carry the epoch of their span");
    SH_CHECK(span.length <= std::numeric_limits<std::uint32_t>::max() - batch.size(),
             "a span stays below 4 GiB");
    if (span.batch_count == 0) return;
    const bool gaps_allowed = header_.identity.level == ObjectLevel::kCompacted;
    const model::Offset base = batch.base_offset();
    SH_CHECK(gaps_allowed ? base >= span.offsets.next : base == span.offsets.next,
             "batches lie in offset order");
  }

  static void add_producer(Span& span, const RecordBatchView& batch) {
    const bool has_sequence = batch.base_sequence() >= 0;
    span.producers.push_back(
        {.producer = batch.producer_id(),
         .epoch = batch.producer_epoch(),
         .first_sequence = has_sequence ? batch.base_sequence() : model::kNoSequence,
         .last_sequence = has_sequence ? batch.last_sequence() : model::kNoSequence,
         .offsets = batch.offsets(),
         .max_timestamp = batch.max_timestamp(),
         .flags = flags_of(batch)});
  }

  /// Blocks tile their span: one that begins after a gap takes the gap's offsets.
  void add_to_block(const Span& span, const RecordBatchView& batch) {
    auto& blocks = index_.blocks;
    const bool is_first = span.batch_count == 1;
    if (is_first || blocks.back().length >= kBlockSize) {
      const model::Offset base = is_first ? span.offsets.base : blocks.back().offsets.next;
      blocks.push_back({.offsets = {base, base},
                        .position = size_,
                        .max_timestamp = std::numeric_limits<std::int64_t>::min()});
    }
    Block& block = blocks.back();
    block.offsets.next = batch.next_offset();
    block.length += static_cast<std::uint32_t>(batch.size());
    block.crc = base::crc32c(batch.bytes(), block.crc);
    block.max_timestamp = std::max(block.max_timestamp, batch.max_timestamp());
  }

  void append_chunk(Bytes bytes) {
    size_ += bytes.size();
    chunks_.push_back(std::move(bytes));
  }

  const ObjectHeader& header_;
  std::vector<Bytes> chunks_;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;  ///< Of the header and the spans that are complete.
  SpanTable spans_;
  BlockIndex index_;
};

}  // namespace

BuiltObject build_object(const ObjectHeader& header, std::vector<SpanContent> spans,
                         const std::vector<ObjectInputs>& inputs) {
  std::size_t batch_count = 0;
  for (const SpanContent& span : spans) batch_count += span.batches.size();
  ObjectBuilder builder(header, batch_count);
  for (SpanContent& span : spans) builder.add_span(std::move(span));
  return std::move(builder).finish(inputs);
}

}  // namespace streamhouse::segment
