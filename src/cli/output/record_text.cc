#include "cli/output/record_text.h"

#include <fmt/format.h>

#include "cli/output/encoding.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {

namespace {

/// Bytes that are no text stand as base64, as they do in JSON.
std::string cell(bool present, const std::string& bytes) {
  if (!present) return "-";
  return is_utf8(bytes) ? one_line(bytes) : to_base64(bytes);
}

constexpr auto kDumpRow = "{:>12}  {:>13}  {:<16}  {}\n";

}  // namespace

std::string record_text(const v1::ConsumedRecord& consumed, const std::string& key_separator) {
  const auto& record = consumed.record();
  const auto& value = record.value();
  return key_separator.empty() ? value + "\n" : record.key() + key_separator + value + "\n";
}

std::string dump_header() { return fmt::format(kDumpRow, "OFFSET", "TIMESTAMP", "KEY", "VALUE"); }

std::string dump_text(const v1::ConsumedRecord& consumed) {
  const auto& record = consumed.record();
  return fmt::format(kDumpRow, consumed.offset(), record.timestamp_ms(),
                     cell(record.has_key(), record.key()),
                     cell(record.has_value(), record.value()));
}

}  // namespace streamhouse::cli
