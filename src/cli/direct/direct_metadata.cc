#include "cli/direct/direct_metadata.h"

#include <filesystem>

#include "cli/direct/aws_environment.h"
#include "cluster/freeze_mark.h"
#include "metadata/opened_metadata_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/telemetry/redact.h"

namespace streamhouse::cli {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

namespace {

using metadata::OpenFor;

/// Opens the database anew, so that a look neither creates tables nor needs the leader's place.
Task<Result<std::unique_ptr<metadata::OpenedMetadataStore>>> open(runtime::Runtime& runtime,
                                                                  std::string url,
                                                                  OpenFor purpose) {
  metadata::OpenMetadata options{.url = std::move(url),
                                 .purpose = purpose,
                                 .holder = "streamctl metadata unfreeze",
                                 .aws = aws_environment()};
  co_return co_await metadata::open_metadata_store(runtime, std::move(options));
}

Task<Result<bool>> is_frozen(runtime::Runtime& runtime, std::string url) {
  SH_CO_TRY(const auto database, co_await open(runtime, std::move(url), OpenFor::kLook));
  const Status checked = co_await cluster::FreezeMark(database->store()).check();
  if (checked) co_return false;
  if (checked.error().code != Errc::kRegressed) co_return checked.error();
  co_return true;
}

Task<Result<bool>> unfreeze(runtime::Runtime& runtime, std::string url) {
  SH_CO_TRY(const bool frozen, co_await is_frozen(runtime, url));
  if (!frozen) co_return false;
  SH_CO_TRY(const auto database, co_await open(runtime, std::move(url), OpenFor::kLead));
  SH_CO_TRY_OK(co_await cluster::FreezeMark(database->store()).clear());
  co_return true;
}

}  // namespace

Status check_database(const std::string& url) {
  const base::Status good = metadata::check_metadata_url(url);
  if (!good)
    return {good.error().code, runtime::redact("DATABASE_URL=" + url) + ": " + good.error().text};
  const auto path = metadata::sqlite_path_of_url(url);
  if (!path) return {};  // a server: whether it is there shows when it is opened
  if (std::error_code failure; std::filesystem::exists(*path, failure)) return {};
  return {Errc::kNotFound, "DATABASE_URL=" + url + ": there is no such file"};
}

Result<bool> unfreeze_directly(const std::string& database_url) {
  SH_TRY_OK(check_database(database_url));
  runtime::AsioRuntime runtime;
  return runtime::run_task(runtime, unfreeze(runtime, database_url));
}

}  // namespace streamhouse::cli
