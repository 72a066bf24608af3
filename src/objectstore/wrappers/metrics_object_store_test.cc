// Goal: every request is counted once, under the operation and result that dashboards name, with
// its bytes and its time.
// Method: real metrics over a store with faults and a latency, read back as Prometheus text.
#include "objectstore/wrappers/metrics_object_store.h"

#include "objectstore/wrappers/latency_object_store.h"
#include "tests/objectstore/store_with_faults.h"

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;

class MetricsObjectStoreTest : public StoreWithFaults {
 protected:
  std::uint64_t requests(const char* operation, const char* result) {
    return metrics_.counter("objectstore_requests_total", {operation, result}).value();
  }
  std::uint64_t bytes(const char* operation) {
    return metrics_.counter("objectstore_bytes_total", {operation}).value();
  }

  runtime::Metrics metrics_;
  LatencyObjectStore slow_{faulty_, agent_, {.min = 30ms, .max = 30ms}};
  MetricsObjectStore measured_{slow_, agent_, metrics_};
};

TEST_F(MetricsObjectStoreTest, CountsRequestsAndBytesByOperation) {
  ASSERT_TRUE(wait(measured_.put("a", {Bytes(std::string("0123")), Bytes(std::string("456789"))})));
  ASSERT_TRUE(wait(measured_.get("a", {2, 3})));
  ASSERT_TRUE(wait(measured_.head("a")));
  ASSERT_TRUE(wait(measured_.list("", "", 10)));
  ASSERT_TRUE(wait(measured_.remove("a")));
  for (const auto* operation : {"put", "get", "head", "list", "delete"})
    EXPECT_EQ(requests(operation, "ok"), 1u) << operation;
  EXPECT_EQ(bytes("put"), 10u);
  EXPECT_EQ(bytes("get"), 3u);
  EXPECT_EQ(bytes("delete"), 0u);
}

TEST_F(MetricsObjectStoreTest, WhatTheStoreAnswersIsOk) {
  EXPECT_EQ(outcome(wait(measured_.get("a", {0, 1}))), "not_found");
  ASSERT_TRUE(wait(measured_.put("a", text("x"))));
  EXPECT_EQ(outcome(wait(measured_.put("a", text("yy")))), "exists");
  EXPECT_EQ(requests("get", "ok"), 1u);
  EXPECT_EQ(requests("put", "ok"), 2u);
  EXPECT_EQ(bytes("put"), 1u) << "bytes that were stored";
  EXPECT_EQ(bytes("get"), 0u);
}

TEST_F(MetricsObjectStoreTest, WhatMayBeCuredIsRetried) {
  faults_.set_rates({.refused = 1});
  EXPECT_FALSE(wait(measured_.put("a", text("x"))));
  faults_.set_rates({.reply_lost = 1});
  EXPECT_FALSE(wait(measured_.put("a", text("x"))));
  EXPECT_EQ(requests("put", "retried"), 2u);
  EXPECT_EQ(requests("put", "ok"), 0u);
  EXPECT_EQ(requests("put", "failed"), 0u);
}

TEST_F(MetricsObjectStoreTest, TroubleIsWhatTheNewestRequestFailedOf) {
  EXPECT_FALSE(measured_.trouble());
  faults_.set_rates({.refused = 1});
  const auto put = wait(measured_.put("a", text("x")));
  ASSERT_FALSE(put);
  ASSERT_TRUE(measured_.trouble());
  EXPECT_EQ(measured_.trouble()->text, put.error().text);
  faults_.set_rates({});
  EXPECT_EQ(outcome(wait(measured_.get("a", {0, 1}))), "not_found");
  EXPECT_FALSE(measured_.trouble()) << "a refusal is an answer";
}

TEST_F(MetricsObjectStoreTest, ADeletionSaysNothingOfTrouble) {
  faults_.set_rates({.refused = 1});
  EXPECT_FALSE(wait(measured_.remove("a")));
  EXPECT_FALSE(measured_.trouble());
  EXPECT_FALSE(wait(measured_.put("a", text("x"))));
  faults_.set_rates({});
  EXPECT_TRUE(wait(measured_.remove("a")));
  EXPECT_TRUE(measured_.trouble());
}

TEST_F(MetricsObjectStoreTest, TimesEveryRequest) {
  ASSERT_TRUE(wait(measured_.put("a", text("x"))));
  faults_.set_rates({.refused = 1});
  EXPECT_FALSE(wait(measured_.put("a", text("x"))));
  const auto& histogram = metrics_.histogram("objectstore_request_duration_seconds", {"put"});
  EXPECT_EQ(histogram.total(), 2u);
  EXPECT_NEAR(histogram.sum(), 0.060, 1e-9);
}

TEST_F(MetricsObjectStoreTest, AllSeriesStandFromTheStart) {
  const std::string shown = metrics_.text();
  for (const auto* operation : {"put", "get", "head", "list", "delete"})
    for (const auto* result : {"ok", "retried", "failed"}) {
      const std::string line = "streamhouse_objectstore_requests_total{operation=\"" +
                               std::string(operation) + "\",result=\"" + result + "\"} 0";
      EXPECT_NE(shown.find(line), std::string::npos) << line;
    }
}

}  // namespace
}  // namespace streamhouse::objectstore
