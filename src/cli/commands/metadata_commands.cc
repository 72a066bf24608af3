#include <fmt/core.h>

#include "cli/commands/run.h"
#include "cli/direct/direct_metadata.h"
#include "cli/direct/direct_move.h"
#include "cli/direct/store_urls.h"

namespace streamhouse::cli {

namespace {

/// All kinds but the first, the cluster, which there is one of.
std::string counts_json(const metadata::ArchiveCounts& counts) {
  std::string json;
  for (std::size_t kind = 1; kind < counts.size(); ++kind)
    json += fmt::format("{}\"{}\":{}", json.empty() ? "{" : ",", metadata::archive_kind_name(kind),
                        counts[kind]);
  return json + "}";
}

std::string counts_text(const metadata::ArchiveCounts& counts) {
  Table table({"KIND", "ROWS"});
  for (std::size_t kind = 1; kind < counts.size(); ++kind)
    table.add_row({std::string(metadata::archive_kind_name(kind)), std::to_string(counts[kind])});
  return table.render();
}

}  // namespace

base::Result<Exit> run(const MetadataExport& command, Context& context) {
  SH_TRY(const auto summary, export_directly(database_url_of_environment(), command.file));
  const std::string json = counts_json(summary.counts);
  if (command.file != "-") return print(context, json, counts_text(summary.counts));
  fmt::print(stderr, "{}\n", json);  // stdout is the archive
  return Exit::kDone;
}

base::Result<Exit> run(const MetadataImport& command, Context& context) {
  SH_TRY(const auto summary, import_directly(database_url_of_environment(), command.file));
  return print(context, counts_json(summary.counts), counts_text(summary.counts));
}

base::Result<Exit> run(const MetadataUnfreeze&, Context& context) {
  SH_TRY(const bool was_frozen, unfreeze_directly(database_url_of_environment()));
  const std::string json = was_frozen ? R"({"unfrozen":true})" : R"({"unfrozen":false})";
  const std::string text = was_frozen ? "unfrozen" : "was not frozen";
  return print(context, json, text + "\n");
}

}  // namespace streamhouse::cli
