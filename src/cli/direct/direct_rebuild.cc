#include "cli/direct/direct_rebuild.h"

#include "cli/direct/archive_file.h"
#include "cli/direct/aws_environment.h"
#include "cli/direct/direct_fsck.h"
#include "cli/direct/direct_move.h"
#include "metadata/opened_metadata_store.h"
#include "objectstore/opened_object_store.h"
#include "objectstore/store_front.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"

namespace streamhouse::cli {

using base::Result;
using base::Status;
using metadata::OpenedMetadataStore;
using runtime::Task;
using upkeep::RebuildOptions;

namespace {

using Report = Result<upkeep::RebuildReport>;
using Show = upkeep::BucketReader::Progress;

RebuildOptions options_of(const MetadataRebuild& command, runtime::WallMs now) {
  RebuildOptions options{.now_ms = now};
  if (command.agents == AgentsStopped::kYes) options.agents = RebuildOptions::Agents::kStopped;
  if (command.despite_findings == DespiteFindings::kYes)
    options.on_findings = RebuildOptions::OnFindings::kGoWithout;
  if (command.dry_run == DryRun::kYes) options.what = RebuildOptions::Do::kReport;
  return options;
}

Task<Report> rebuild(runtime::Runtime& runtime, StoreUrls urls, RebuildOptions options, Show show) {
  const bool writes = options.what == RebuildOptions::Do::kWrite;
  objectstore::OpenObjects store{
      .url = urls.objects,
      .aws = aws_environment(),
      .access = writes ? objectstore::S3Access::kWrite : objectstore::S3Access::kRead};
  SH_CO_TRY(const auto objects, co_await objectstore::open_object_store(runtime, std::move(store)));
  objectstore::StoreFront front(objects->store(), *objects, runtime);
  std::unique_ptr<OpenedMetadataStore> database;
  if (writes) {
    auto target = options_of_move(runtime, urls.database, "streamctl metadata rebuild");
    SH_CO_TRY(database, co_await metadata::open_metadata_store(runtime, std::move(target)));
  }
  SH_CO_TRY(const auto kept, keep_archive());
  upkeep::Rebuild run({.metadata = writes ? &database->store() : nullptr,
                       .objects = front.store(),
                       .rows = kept,
                       .archive = *kept},
                      options, std::move(show));
  co_return co_await run.run();
}

}  // namespace

Report rebuild_directly(const StoreUrls& urls, const MetadataRebuild& command, Show progress) {
  SH_TRY_OK(check_objects(urls.objects));
  if (command.dry_run == DryRun::kNo) SH_TRY_OK(check_database_url(urls.database));
  runtime::AsioRuntime runtime;
  const RebuildOptions options = options_of(command, runtime.wall_now());
  return runtime::run_task(runtime, rebuild(runtime, urls, options, std::move(progress)));
}

}  // namespace streamhouse::cli
