#include "cli/direct/direct_move.h"

#include "cli/direct/archive_file.h"
#include "cli/direct/aws_environment.h"
#include "cli/direct/direct_metadata.h"
#include "metadata/archive/move.h"
#include "metadata/opened_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/telemetry/redact.h"

namespace streamhouse::cli {

using base::Result;
using base::Status;
using metadata::ArchiveSummary;
using runtime::Task;

namespace {

constexpr int kConnections = 2;

/// Of the cluster that a new database is for a moment, until the import gives it its own.
model::TopicId random_id(runtime::Random& random) {
  model::TopicId id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random.next());
  return id;
}

metadata::OpenMetadata options_of(const std::string& url, std::string holder) {
  return {.url = url,
          .holder = std::move(holder),
          .connections_max = kConnections,
          .aws = aws_environment(),
          .allow_async_standbys = true};
}

Task<Result<ArchiveSummary>> export_to(runtime::Runtime& runtime, std::string url,
                                       std::shared_ptr<ArchiveTarget> target) {
  auto options = options_of(url, "streamctl metadata export");
  SH_CO_TRY(const auto database,
            co_await metadata::open_metadata_store(runtime, std::move(options)));
  const auto use =
      database->exclusive() ? metadata::SourceUse::kExclusive : metadata::SourceUse::kShared;
  SH_CO_TRY(const ArchiveSummary summary,
            co_await metadata::export_metadata(database->store(), use, target));
  SH_CO_TRY_OK(target->close());
  co_return summary;
}

Task<Result<ArchiveSummary>> import_from(runtime::Runtime& runtime, std::string url,
                                         std::shared_ptr<metadata::ArchiveInput> archive) {
  auto options = options_of_move(runtime, url, "streamctl metadata import");
  SH_CO_TRY(const auto database,
            co_await metadata::open_metadata_store(runtime, std::move(options)));
  co_return co_await metadata::import_metadata(database->store(), *archive);
}

}  // namespace

metadata::OpenMetadata options_of_move(runtime::Runtime& runtime, const std::string& url,
                                       std::string holder) {
  metadata::OpenMetadata options = options_of(url, std::move(holder));
  options.new_cluster_id = random_id(runtime.random());
  return options;
}

Status check_database_url(const std::string& url) {
  const Status good = metadata::check_metadata_url(url);
  if (good) return {};
  return {good.error().code, runtime::redact("DATABASE_URL=" + url) + ": " + good.error().text};
}

Result<ArchiveSummary> export_directly(const std::string& database_url, const std::string& file) {
  SH_TRY_OK(check_database(database_url));
  SH_TRY(auto target, create_archive(file));
  runtime::AsioRuntime runtime;
  return runtime::run_task(runtime, export_to(runtime, database_url, std::move(target)));
}

Result<ArchiveSummary> import_directly(const std::string& database_url, const std::string& file) {
  SH_TRY_OK(check_database_url(database_url));
  SH_TRY(std::shared_ptr<metadata::ArchiveInput> archive, open_archive(file));
  runtime::AsioRuntime runtime;
  return runtime::run_task(runtime, import_from(runtime, database_url, std::move(archive)));
}

}  // namespace streamhouse::cli
