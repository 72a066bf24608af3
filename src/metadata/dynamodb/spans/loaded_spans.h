#pragma once
/// \file  Spans that were read from logs and from segments, one after the other, while rows of the
/// logs became segments. Pure.

#include <vector>

#include "metadata/objects.h"

namespace streamhouse::metadata::dynamodb {

/// Drops spans of rows that segments stand in for. `spans` are those of one partition, by base
/// offset.
void drop_replaced(std::vector<SpanLocation>& spans);
/// Whether every offset of the range lies in some span. `spans` as above.
bool cover(const std::vector<SpanLocation>& spans, model::OffsetRange range);

}  // namespace streamhouse::metadata::dynamodb
