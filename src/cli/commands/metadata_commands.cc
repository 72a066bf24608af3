#include <fmt/core.h>

#include "cli/commands/run.h"
#include "cli/direct/direct_metadata.h"
#include "cli/direct/direct_move.h"
#include "cli/direct/direct_rebuild.h"
#include "cli/direct/store_urls.h"
#include "cli/output/progress.h"
#include "cli/output/rebuild_output.h"

namespace streamhouse::cli {

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

base::Result<Exit> run(const MetadataRebuild& command, Context& context) {
  SH_TRY(const StoreUrls urls, store_urls_of_environment());
  upkeep::RebuildReport report;
  {
    Progress progress;
    const auto show = [&progress](std::uint64_t objects) {
      progress.show(fmt::format("{} objects", objects), std::nullopt);
    };
    SH_TRY(report, rebuild_directly(urls, command, show));
  }
  SH_TRY_OK(print(context, rebuild_json(report), rebuild_text(report)));
  const bool refused = !report.written && command.dry_run == DryRun::kNo;
  return refused ? Exit::kRefused : Exit::kDone;
}

base::Result<Exit> run(const MetadataUnfreeze&, Context& context) {
  SH_TRY(const bool was_frozen, unfreeze_directly(database_url_of_environment()));
  const std::string json = was_frozen ? R"({"unfrozen":true})" : R"({"unfrozen":false})";
  const std::string text = was_frozen ? "unfrozen" : "was not frozen";
  return print(context, json, text + "\n");
}

}  // namespace streamhouse::cli
