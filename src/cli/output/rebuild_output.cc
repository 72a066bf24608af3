#include "cli/output/rebuild_output.h"

#include <nlohmann/json.hpp>

#include "cli/output/table.h"

namespace streamhouse::cli {

using Json = nlohmann::ordered_json;
using upkeep::RebuildFinding;
using upkeep::RebuildReport;

namespace {

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json counts_of(const metadata::ArchiveCounts& counts) {
  Json json = Json::object();
  for (std::size_t kind = 1; kind < counts.size(); ++kind) {
    json[std::string(metadata::archive_kind_name(kind))] = counts[kind];
  }
  return json;
}

/// Of a partition whose topic nobody knows, the topic's number.
std::string topic_of(const RebuildReport& report, const RebuildFinding& finding) {
  if (!finding.partition) return "";
  const auto topic = report.topics.find(finding.partition->topic);
  if (topic != report.topics.end()) return topic->second;
  return "number " + std::to_string(finding.partition->topic.value());
}

Json finding_json(const RebuildReport& report, const RebuildFinding& finding) {
  Json json = {{"fault", upkeep::fault_name(finding.fault)},
               {"object", nullptr},
               {"topic", nullptr},
               {"partition_id", nullptr},
               {"first_offset", nullptr},
               {"last_offset", nullptr},
               {"detail", finding.detail}};
  if (!finding.object.empty()) json["object"] = finding.object;
  if (finding.partition) {
    json["topic"] = topic_of(report, finding);
    json["partition_id"] = finding.partition->partition.value();
  }
  if (finding.offsets) {
    json["first_offset"] = finding.offsets->base.value();
    json["last_offset"] = finding.offsets->next.value() - 1;
  }
  return json;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string findings_text(const RebuildReport& report) {
  Table table({"FAULT", "OBJECT", "TOPIC", "PARTITION", "FIRST", "LAST", "DETAIL"});
  for (const RebuildFinding& finding : report.findings) {
    const bool placed = finding.partition.has_value();
    const bool ranged = finding.offsets.has_value();
    table.add_row({std::string(upkeep::fault_name(finding.fault)), or_dash(finding.object),
                   or_dash(topic_of(report, finding)),
                   placed ? std::to_string(finding.partition->partition.value()) : "-",
                   ranged ? std::to_string(finding.offsets->base.value()) : "-",
                   ranged ? std::to_string(finding.offsets->next.value() - 1) : "-",
                   finding.detail});
  }
  return table.render();
}

std::string left_out_text(const RebuildReport& report) {
  Table table({"LEFT OUT", "REASON"});
  for (const upkeep::LeftOut& one : report.left_out) {
    table.add_row({or_dash(one.object), one.reason});
  }
  return table.render();
}

}  // namespace

std::string counts_json(const metadata::ArchiveCounts& counts) { return dump(counts_of(counts)); }

std::string counts_text(const metadata::ArchiveCounts& counts) {
  Table table({"KIND", "ROWS"});
  for (std::size_t kind = 1; kind < counts.size(); ++kind)
    table.add_row({std::string(metadata::archive_kind_name(kind)), std::to_string(counts[kind])});
  return table.render();
}

std::string rebuild_json(const RebuildReport& report) {
  Json json = {{"cluster_id", to_string(report.cluster)},
               {"objects_read", report.object_count},
               {"records", report.record_count}};
  json.update(counts_of(report.counts));
  json["written"] = report.written;
  json["findings"] = Json::array();
  for (const RebuildFinding& finding : report.findings)
    json["findings"].push_back(finding_json(report, finding));
  json["left_out"] = Json::array();
  for (const upkeep::LeftOut& one : report.left_out) {
    Json left = {{"object", nullptr}, {"reason", one.reason}};
    if (!one.object.empty()) left["object"] = one.object;
    json["left_out"].push_back(std::move(left));
  }
  return dump(json);
}

std::string rebuild_text(const RebuildReport& report) {
  Table head({"CLUSTER", "OBJECTS READ", "RECORDS", "FINDINGS", "WRITTEN"});
  head.add_row({to_string(report.cluster), std::to_string(report.object_count),
                std::to_string(report.record_count), std::to_string(report.findings.size()),
                report.written ? "yes" : "no"});
  std::string text = head.render() + "\n" + counts_text(report.counts);
  if (!report.findings.empty()) text += "\n" + findings_text(report);
  if (!report.left_out.empty()) text += "\n" + left_out_text(report);
  return text;
}

}  // namespace streamhouse::cli
