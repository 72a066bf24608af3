// Goal: any bytes taken as batches are refused or consistent: a cursor gets to an end, what
// validates as produced stays within its bounds, what validates as records can be read, and a batch
// built of the records that were read holds the same records.
// Method: libFuzzer over three readings of the input: a run of stored batches; a produced batch;
// the same with its CRC made good first, so that mutations get past it.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/crc32c.h"
#include "model/record_batch_builder.h"

namespace streamhouse::model {
namespace {

constexpr std::size_t kDecompressedMax = std::size_t{1} << 20;

/// Reads what can be read; in order, and never more than the batch says.
std::vector<Record> read_some(RecordReader& reader, const RecordBatchView& batch) {
  std::vector<Record> records;
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    SH_CHECK(batch.offsets().contains((*record)->offset), "within the batch");
    SH_CHECK(records.empty() || records.back().offset < (*record)->offset, "rising");
    records.push_back(std::move(**record));
  }
  SH_CHECK(std::cmp_less_equal(records.size(), std::max(batch.record_count(), 0)), "as announced");
  return records;
}

void check_rebuilt(const std::vector<Record>& records, const RecordBatchView& original) {
  RecordBatchBuilder builder;
  for (const auto& record : records)
    if (!builder.append(record)) return;  // times too far apart
  const auto bytes = std::move(builder).build_smallest().value();
  const auto batch = validate_produced(bytes, {.batch_bytes_max = bytes.size()});
  SH_CHECK(batch.has_value(), "what is built validates");
  auto reader = RecordReader::open(*batch, kDecompressedMax + bytes.size()).value();
  const auto again = read_some(reader, *batch);
  SH_CHECK(again.size() == records.size(), "as many records");
  for (std::size_t i = 0; i < again.size(); ++i) {
    Record expected = records[i];
    expected.offset = Offset(expected.offset - original.base_offset());
    SH_CHECK(again[i] == expected, "the same records");
  }
}

void check_records(const RecordBatchView& batch) {
  auto reader = RecordReader::open(batch, kDecompressedMax);
  if (!reader) {
    SH_CHECK(!validate_records(batch, kDecompressedMax), "unreadable is invalid");
    return;
  }
  const auto records = read_some(*reader, batch);
  if (!validate_records(batch, kDecompressedMax)) return;
  SH_CHECK(std::cmp_equal(records.size(), std::max(batch.record_count(), 0)), "valid: all read");
  if (!records.empty()) check_rebuilt(records, batch);
}

void check_run(base::BytesView run) {
  BatchCursor cursor(run);
  std::size_t size = 0;
  for (auto batch = cursor.next(); batch && *batch; batch = cursor.next()) {
    size += (*batch)->size();
    SH_CHECK((*batch)->base_offset() < (*batch)->next_offset(), "offsets rise");
    check_records(**batch);
  }
  SH_CHECK(size + cursor.rest().size() == run.size(), "nothing skipped");
}

void check_produced(base::BytesView bytes) {
  const auto batch = validate_produced(bytes, {});
  if (!batch) return;
  SH_CHECK(batch->size() == bytes.size() && batch->crc_matches(), "whole");
  SH_CHECK(batch->offsets().size() == batch->record_count(), "dense");
  base::ByteVector placed = base::to_vector(bytes);
  place_batch(placed, Offset(12345), LeaderEpoch(6));
  stamp_log_append_time(placed, 789);
  const auto stored = RecordBatchView::front_of(placed);
  SH_CHECK(stored && stored->crc_matches() && stored->base_offset() == Offset(12345), "placed");
  check_records(*stored);
}

}  // namespace
}  // namespace streamhouse::model

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamhouse;
  base::ByteVector input(data, data + size);
  model::check_run(input);
  model::check_produced(input);
  if (size < model::kBatchHeaderSize) return 0;
  const auto covered = base::BytesView(input).subspan(model::batch_layout::kAttributes);
  base::store_big(input.data() + model::batch_layout::kCrc, base::crc32c(covered));
  model::check_produced(input);
  return 0;
}
