#include "runtime/telemetry/metric_table.h"

#include <array>

namespace streamhouse::runtime {
namespace {

using Text = std::string_view;
using enum MetricKind;

// Label values.
constexpr std::array<Text, 2> kProtocols = {"grpc", "kafka"};
constexpr std::array<Text, 3> kListeners = {"grpc", "kafka", "http"};
constexpr std::array<Text, 3> kOutcomes = {"ok", "refused", "unknown"};
constexpr std::array<Text, 2> kAcks = {"durable", "buffered"};
constexpr std::array<Text, 3> kSources = {"tail", "cache", "store"};
constexpr std::array<Text, 4> kCommitResults = {"ok", "duplicate", "fenced", "retried"};
constexpr std::array<Text, 5> kStoreOperations = {"put", "get", "head", "list", "delete"};
constexpr std::array<Text, 3> kStoreResults = {"ok", "retried", "failed"};
constexpr std::array<Text, 7> kCaches = {"topic",    "partition", "lease", "group",
                                         "negative", "index",     "block"};
constexpr std::array<Text, 4> kCacheResults = {"hit", "miss", "stale", "coalesced"};
constexpr std::array<Text, 2> kLevels = {"0", "1"};
constexpr std::array<Text, 2> kStates = {"live", "dead"};

// Label sets.
constexpr std::array<MetricLabel, 1> kVersion = {{{"version", {}}}};
constexpr std::array<MetricLabel, 1> kByProtocol = {{{"protocol", kProtocols}}};
constexpr std::array<MetricLabel, 1> kByListener = {{{"protocol", kListeners}}};
constexpr std::array<MetricLabel, 2> kByOutcome = {
    {{"protocol", kProtocols}, {"result", kOutcomes}}};
constexpr std::array<MetricLabel, 2> kByAck = {{{"protocol", kProtocols}, {"ack", kAcks}}};
constexpr std::array<MetricLabel, 2> kBySource = {{{"protocol", kProtocols}, {"source", kSources}}};
constexpr std::array<MetricLabel, 1> kByCommit = {{{"result", kCommitResults}}};
constexpr std::array<MetricLabel, 2> kByStoreResult = {
    {{"operation", kStoreOperations}, {"result", kStoreResults}}};
constexpr std::array<MetricLabel, 1> kByStoreOperation = {{{"operation", kStoreOperations}}};
constexpr std::array<MetricLabel, 2> kByMetadataResult = {{{"operation", {}}, {"result", {}}}};
constexpr std::array<MetricLabel, 1> kByMetadataOperation = {{{"operation", {}}}};
constexpr std::array<MetricLabel, 2> kByCache = {{{"cache", kCaches}, {"result", kCacheResults}}};
constexpr std::array<MetricLabel, 2> kByState = {{{"level", kLevels}, {"state", kStates}}};
constexpr std::array<MetricLabel, 2> kByCode = {{{"protocol", kListeners}, {"code", {}}}};

// Bounds of buckets: three a decade.
constexpr std::array<double, 18> kSeconds = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                             0.005,   0.01,   0.02,   0.05,   0.1,   0.2,
                                             0.5,     1,      2,      5,      10,    30};
constexpr std::array<double, 9> kBytes = {1024,    4096,    16384,   65536,   262144,
                                          1048576, 4194304, 8388608, 16777216};
constexpr std::array<double, 12> kSpans = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

constexpr MetricFamily kFamilies[] = {
    {"build_info", kGauge, "1, with the version of the build.", kVersion},
    {"produce_requests_total", kCounter, "Produce requests answered.", kByOutcome},
    {"produce_records_total", kCounter, "Records acknowledged.", kByProtocol},
    {"produce_bytes_total", kCounter, "Bytes of record batches acknowledged.", kByProtocol},
    {"produce_duration_seconds", kHistogram, "From request to acknowledgement.", kByAck, kSeconds},
    {"fetch_requests_total", kCounter, "Fetch requests answered.", kByOutcome},
    {"fetch_records_total", kCounter, "Records delivered.", kByProtocol},
    {"fetch_bytes_total", kCounter, "Bytes of record batches delivered.", kBySource},
    {"fetch_duration_seconds", kHistogram, "From request to answer.", kByProtocol, kSeconds},
    {"flush_duration_seconds", kHistogram, "From closing an object to its commit.", {}, kSeconds},
    {"flush_object_bytes", kHistogram, "Sizes of flushed objects.", {}, kBytes},
    {"flush_spans", kHistogram, "Spans in a flushed object.", {}, kSpans},
    {"commit_duration_seconds", kHistogram, "Appends to the session log.", kByCommit, kSeconds},
    {"objectstore_requests_total", kCounter, "Object store requests.", kByStoreResult},
    {"objectstore_bytes_total", kCounter, "Bytes to and from the store.", kByStoreOperation},
    {"objectstore_request_duration_seconds", kHistogram, "Object store requests.",
     kByStoreOperation, kSeconds},
    {"metadata_operations_total", kCounter, "Metadata store operations.", kByMetadataResult},
    {"metadata_rows_written_total", kCounter, "Rows written to the metadata store."},
    {"metadata_operation_duration_seconds", kHistogram, "Metadata store operations.",
     kByMetadataOperation, kSeconds},
    {"cache_requests_total", kCounter, "Cache look-ups.", kByCache},
    {"buffered_bytes", kGauge, "Bytes of batches held until they are committed."},
    {"buffered_bytes_limit", kGauge, "The cap on buffered_bytes."},
    {"connections", kGauge, "Open client connections.", kByListener},
    {"partitions_led", kGauge, "Partitions that this agent leads."},
    {"lease_remaining_seconds", kGauge, "Until this agent's session would expire."},
    {"objects", kGauge, "Objects in the metadata, counted every 10 s.", kByState},
    {"object_bytes", kGauge, "Bytes of these objects.", kByState},
    {"deletion_behind", kGauge, "1 while background deletion cannot do what is due; see the log."},
    {"errors_total", kCounter, "Errors answered to clients.", kByCode},
};

}  // namespace

std::span<const MetricFamily> metric_families() { return kFamilies; }

}  // namespace streamhouse::runtime
