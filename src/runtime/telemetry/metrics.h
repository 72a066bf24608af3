#pragma once
/// \file  Metrics: counters, gauges and histograms, and their Prometheus text. Names and labels
/// come from one table (metric_table.cc); a component asks for its handles when it is built.

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/mutex.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

struct MetricFamily;

/// Only rises. Threading: any thread. Cost: one atomic addition.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Threading: any thread.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double change) { value_.fetch_add(change, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Counts observations by size. Threading: any thread. Cost: a search of the bounds, two atomic
/// additions.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}
  void observe(double value);
  /// In seconds.
  void observe(Duration duration) { observe(std::chrono::duration<double>(duration).count()); }

  /// Upper ends of the buckets, inclusive, rising; the last bucket has none.
  std::span<const double> bounds() const { return bounds_; }
  /// Observations of bucket `index`; there is one bucket more than bounds.
  std::uint64_t count(std::size_t index) const {
    return counts_[index].load(std::memory_order_relaxed);
  }
  std::uint64_t total() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::span<const double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

/// The metrics of one agent.
/// Lifetime:  outlives its handles.
/// Threading: any thread.
class Metrics {
 public:
  /// Values in the order of the family's labels.
  using Labels = std::initializer_list<std::string_view>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The series of the family `name` (without the prefix) with these label values, made at 0 when
  /// first asked for. Requires: the table has the family, of this kind, with these labels.
  Counter& counter(std::string_view name, Labels labels = {});
  Gauge& gauge(std::string_view name, Labels labels = {});
  Histogram& histogram(std::string_view name, Labels labels = {});

  /// Every series there is, and the process's own CPU time and memory, in Prometheus's text format
  /// 0.0.4, sorted by family and labels.
  std::string text() const;

 private:
  struct Series;
  Series& find(const MetricFamily& family, Labels labels);

  using Key = std::vector<std::string>;
  mutable Mutex mutex_;
  std::map<std::string_view, std::map<Key, std::unique_ptr<Series>>> series_
      __attribute__((guarded_by(mutex_)));
};

}  // namespace streamhouse::runtime
