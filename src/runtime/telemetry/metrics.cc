#include "runtime/telemetry/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "runtime/telemetry/metric_table.h"
#include "runtime/telemetry/process_usage.h"

namespace streamhouse::runtime {
namespace {

const MetricFamily& family_of(std::string_view name, MetricKind kind) {
  const auto families = metric_families();
  const auto family = std::find_if(families.begin(), families.end(),
                                   [name](const MetricFamily& f) { return f.name == name; });
  SH_CHECK(family != families.end(), "the metric stands in the table");
  SH_CHECK(family->kind == kind, "the metric is of the kind in the table");
  return *family;
}

bool allowed(const MetricLabel& label, std::string_view value) {
  return label.values.empty() || std::ranges::find(label.values, value) != label.values.end();
}

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return prometheus::MetricType::Counter;
    case MetricKind::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

void fill(const Histogram& from, prometheus::ClientMetric::Histogram& to) {
  for (std::size_t index = 0; index <= from.bounds().size(); ++index) {
    const bool last = index == from.bounds().size();
    to.sample_count += from.count(index);
    to.bucket.push_back(
        {.cumulative_count = to.sample_count,
         .upper_bound = last ? std::numeric_limits<double>::infinity() : from.bounds()[index]});
  }
  to.sample_sum = from.sum();
}

prometheus::MetricFamily single(std::string name, std::string help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

}  // namespace

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::total() const {
  std::uint64_t total = 0;
  for (const auto& count : counts_) total += count.load(std::memory_order_relaxed);
  return total;
}

/// One of the three, as its family's kind says.
struct Metrics::Series {
  Counter counter;
  Gauge gauge;
  std::optional<Histogram> histogram;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Series& Metrics::find(const MetricFamily& family, Labels labels) {
  SH_CHECK(labels.size() == family.labels.size(), "every label of the metric has a value");
  for (std::size_t index = 0; index < labels.size(); ++index)
    SH_CHECK(allowed(family.labels[index], labels.begin()[index]), "the table has the label value");
  const MutexLock lock(mutex_);
  auto& series = series_[family.name][Key(labels.begin(), labels.end())];
  if (series == nullptr) {
    series = std::make_unique<Series>();
    if (family.kind == MetricKind::kHistogram) series->histogram.emplace(family.bounds);
  }
  return *series;
}

Counter& Metrics::counter(std::string_view name, Labels labels) {
  return find(family_of(name, MetricKind::kCounter), labels).counter;
}

Gauge& Metrics::gauge(std::string_view name, Labels labels) {
  return find(family_of(name, MetricKind::kGauge), labels).gauge;
}

Histogram& Metrics::histogram(std::string_view name, Labels labels) {
  return *find(family_of(name, MetricKind::kHistogram), labels).histogram;
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> families;
  const MutexLock lock(mutex_);
  for (const MetricFamily& family : metric_families()) {
    const auto all = series_.find(family.name);
    if (all == series_.end()) continue;
    auto& shown = families.emplace_back();
    shown.name = "streamhouse_" + std::string(family.name);
    shown.help = family.help;
    shown.type = type_of(family.kind);
    for (const auto& [values, series] : all->second) {
      auto& metric = shown.metric.emplace_back();
      for (std::size_t index = 0; index < values.size(); ++index)
        metric.label.push_back({std::string(family.labels[index].name), values[index]});
      metric.counter.value = static_cast<double>(series->counter.value());
      metric.gauge.value = series->gauge.value();
      if (series->histogram) fill(*series->histogram, metric.histogram);
    }
  }
  const ProcessUsage usage = process_usage();
  families.push_back(single("process_cpu_seconds_total", "User and system CPU time.",
                            prometheus::MetricType::Counter, usage.cpu_seconds));
  families.push_back(single("process_resident_memory_bytes", "Resident memory.",
                            prometheus::MetricType::Gauge,
                            static_cast<double>(usage.resident_bytes)));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace streamhouse::runtime
