#pragma once
/// \file  Real record batches for tests of the core: as a producer sends them, and as the leader
/// has placed them.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "model/record_batch.h"
#include "model/record_batch_builder.h"

namespace streamhouse::core_testing {

struct BatchSpec {
  int count = 1;
  std::size_t value_bytes = 20;
  std::int64_t first_timestamp = 1'000;  ///< Each further record is 10 ms later.
  std::int64_t producer = -1;
  std::int16_t epoch = 0;
  std::int32_t sequence = 0;
};

/// At base offset 0, uncompressed. Its values begin with their position in the batch.
inline base::ByteVector produced_batch(const BatchSpec& spec = {}) {
  model::BatchHeaderFields fields;
  if (spec.producer >= 0) {
    fields = {.producer = model::ProducerId(spec.producer),
              .producer_epoch = model::ProducerEpoch(spec.epoch),
              .base_sequence = spec.sequence};
  }
  model::RecordBatchBuilder builder(fields);
  for (int i = 0; i < spec.count; ++i) {
    std::string value = std::to_string(i) + "|";
    if (value.size() < spec.value_bytes) value.resize(spec.value_bytes, 'v');
    const base::BytesView view(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
    SH_CHECK(builder.append({.timestamp = spec.first_timestamp + 10 * i, .value = view}),
             "appended");
  }
  auto batch = std::move(builder).build(model::Codec::kNone);
  SH_CHECK(batch.has_value(), "built");
  return *std::move(batch);
}

inline base::Bytes placed_batch(std::int64_t base, const BatchSpec& spec = {},
                                std::int32_t leader_epoch = 1) {
  base::ByteVector batch = produced_batch(spec);
  model::place_batch(batch, model::Offset(base), model::LeaderEpoch(leader_epoch));
  return base::Bytes(std::move(batch));
}

inline model::RecordBatchView view_of(base::BytesView batch) {
  auto view = model::RecordBatchView::front_of(batch);
  SH_CHECK(view.has_value(), "a whole batch");
  return *view;
}

}  // namespace streamhouse::core_testing
