// Goal: what /metrics shows is exactly what was counted, under the names of the outside contract,
// and counting is safe from any thread (run under thread sanitizer too).
// Method: handles are used and the text is read back.
#include "runtime/telemetry/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/telemetry/metric_table.h"

namespace streamhouse::runtime {
namespace {

/// The lines of `text` that begin with `name`, without the prefix, joined by `|`.
std::string lines_of(const std::string& text, const std::string& name) {
  const std::string start = "streamhouse_" + name;
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(start)) found += (found.empty() ? "" : "|") + line.substr(12);
  return found;
}

TEST(MetricsTest, CountersShowWhatWasAdded) {
  Metrics metrics;
  Counter& ok = metrics.counter("produce_requests_total", {"grpc", "ok"});
  metrics.counter("produce_requests_total", {"grpc", "refused"});
  ok.add();
  ok.add(41);
  EXPECT_EQ(&ok, &metrics.counter("produce_requests_total", {"grpc", "ok"}));
  EXPECT_EQ(lines_of(metrics.text(), "produce_requests_total"),
            "produce_requests_total{protocol=\"grpc\",result=\"ok\"} 42|"
            "produce_requests_total{protocol=\"grpc\",result=\"refused\"} 0");
}

TEST(MetricsTest, GaugesShowTheirLastValue) {
  Metrics metrics;
  Gauge& buffered = metrics.gauge("buffered_bytes");
  buffered.set(100);
  buffered.add(28.5);
  buffered.add(-0.5);
  metrics.gauge("build_info", {"1.2.3"}).set(1);
  const std::string text = metrics.text();
  EXPECT_EQ(lines_of(text, "buffered_bytes"), "buffered_bytes 128");
  EXPECT_EQ(lines_of(text, "build_info"), "build_info{version=\"1.2.3\"} 1");
}

TEST(MetricsTest, HistogramsShowCumulativeBuckets) {
  Metrics metrics;
  Histogram& spans = metrics.histogram("flush_spans");
  for (const double value : {1.0, 2.0, 3.0, 6000.0}) spans.observe(value);
  const std::string lines = lines_of(metrics.text(), "flush_spans");
  for (const char* expected :
       {"flush_spans_count 4", "flush_spans_sum 6006", "flush_spans_bucket{le=\"1\"} 1",
        "flush_spans_bucket{le=\"2\"} 2", "flush_spans_bucket{le=\"5\"} 3",
        "flush_spans_bucket{le=\"5000\"} 3", "flush_spans_bucket{le=\"+Inf\"} 4"})
    EXPECT_NE(("|" + lines + "|").find(expected + std::string("|")), std::string::npos)
        << expected << " in " << lines;
  EXPECT_EQ(spans.total(), 4u);
}

TEST(MetricsTest, DurationsAreObservedInSeconds) {
  Metrics metrics;
  metrics.histogram("flush_duration_seconds").observe(std::chrono::milliseconds(250));
  const std::string lines = lines_of(metrics.text(), "flush_duration_seconds");
  EXPECT_NE(lines.find("flush_duration_seconds_sum 0.25"), std::string::npos) << lines;
}

TEST(MetricsTest, EachFamilyHasHelpAndTypeOnce) {
  Metrics metrics;
  metrics.counter("errors_total", {"grpc", "invalid"});
  metrics.counter("errors_total", {"grpc", "throttled"});
  const std::string text = metrics.text();
  const std::string type = "# TYPE streamhouse_errors_total counter\n";
  EXPECT_NE(text.find("# HELP streamhouse_errors_total "), std::string::npos);
  ASSERT_NE(text.find(type), std::string::npos);
  EXPECT_EQ(text.find(type), text.rfind(type));
}

TEST(MetricsTest, TheProcessShowsItsOwnUse) {
  const std::string text = Metrics().text();
  EXPECT_NE(text.find("\nprocess_cpu_seconds_total "), std::string::npos);
  const std::string name = "\nprocess_resident_memory_bytes ";
  const auto at = text.find(name);
  ASSERT_NE(at, std::string::npos);
  EXPECT_GT(std::stod(text.substr(at + name.size())), 1e6);
}

TEST(MetricsDeathTest, WhatTheTableDoesNotHaveAborts) {
  Metrics metrics;
  EXPECT_DEATH(metrics.counter("no_such_total"), "stands in the table");
  EXPECT_DEATH(metrics.gauge("errors_total", {"grpc", "x"}), "of the kind");
  EXPECT_DEATH(metrics.counter("errors_total", {"grpc"}), "has a value");
  EXPECT_DEATH(metrics.counter("produce_records_total", {"smtp"}), "label value");
}

TEST(MetricsTest, TheTableIsWhatDashboardsRelyOn) {
  std::string shown;
  for (const MetricFamily& family : metric_families()) {
    shown += family.name;
    for (const MetricLabel& label : family.labels)
      shown += (&label == family.labels.data() ? "{" : ",") + std::string(label.name);
    shown += family.labels.empty() ? " " : "} ";
  }
  EXPECT_EQ(
      shown,
      "build_info{version} produce_requests_total{protocol,result} "
      "produce_records_total{protocol} produce_bytes_total{protocol} "
      "produce_duration_seconds{protocol,ack} fetch_requests_total{protocol,result} "
      "fetch_records_total{protocol} fetch_bytes_total{protocol,source} "
      "fetch_duration_seconds{protocol} flush_duration_seconds flush_object_bytes "
      "flush_spans commit_duration_seconds{result} "
      "objectstore_requests_total{operation,result} objectstore_bytes_total{operation} "
      "objectstore_request_duration_seconds{operation} "
      "metadata_operations_total{operation,result} metadata_rows_written_total "
      "metadata_operation_duration_seconds{operation} cache_requests_total{cache,result} "
      "buffered_bytes buffered_bytes_limit connections{protocol} partitions_led "
      "lease_remaining_seconds objects{level,state} object_bytes{level,state} deletion_behind "
      "errors_total{protocol,code} ");
}

TEST(MetricsTest, EveryFamilyKeepsTheNamingRules) {
  std::set<std::string_view> names;
  for (const MetricFamily& family : metric_families()) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_FALSE(family.help.empty()) << family.name;
    EXPECT_EQ(family.kind == MetricKind::kCounter, family.name.ends_with("_total")) << family.name;
    EXPECT_EQ(family.kind == MetricKind::kHistogram, !family.bounds.empty()) << family.name;
    EXPECT_TRUE(std::ranges::is_sorted(family.bounds)) << family.name;
    for (const MetricLabel& label : family.labels)
      for (const std::string_view banned : {"topic", "partition", "client"})
        EXPECT_NE(label.name, banned) << family.name;
  }
}

TEST(MetricsTest, CountingFromManyThreadsLosesNothing) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number)
      threads.emplace_back([&metrics] {
        Counter& counter = metrics.counter("metadata_rows_written_total");
        Gauge& gauge = metrics.gauge("connections", {"grpc"});
        Histogram& histogram = metrics.histogram("flush_object_bytes");
        for (int round = 0; round < 10'000; ++round) {
          counter.add();
          gauge.add(1);
          histogram.observe(2048);
        }
      });
    for (int reads = 0; reads < 20; ++reads) EXPECT_FALSE(metrics.text().empty());
  }
  const std::string text = metrics.text();
  EXPECT_EQ(lines_of(text, "metadata_rows_written_total"), "metadata_rows_written_total 40000");
  EXPECT_EQ(lines_of(text, "connections"), "connections{protocol=\"grpc\"} 40000");
  EXPECT_NE(text.find("streamhouse_flush_object_bytes_count 40000\n"), std::string::npos);
}

}  // namespace
}  // namespace streamhouse::runtime
