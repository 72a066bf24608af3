#pragma once
/// \file  The one table of metric families: names, labels and their values are part of the outside
/// contract, on which dashboards rest.

#include <cstdint>
#include <span>
#include <string_view>

namespace streamhouse::runtime {

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

struct MetricLabel {
  std::string_view name;
  std::span<const std::string_view> values;  ///< Empty: the code that makes the handles decides.
};

struct MetricFamily {
  std::string_view name;  ///< Without the prefix `streamhouse_`.
  MetricKind kind;
  std::string_view help;
  std::span<const MetricLabel> labels = {};
  std::span<const double> bounds = {};  ///< Of a histogram's buckets.
};

std::span<const MetricFamily> metric_families();

}  // namespace streamhouse::runtime
