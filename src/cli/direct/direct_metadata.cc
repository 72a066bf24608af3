#include "cli/direct/direct_metadata.h"

#include <filesystem>

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

Task<Result<bool>> unfreeze(runtime::Runtime& runtime, std::string url) {
  metadata::OpenMetadata options{.url = std::move(url), .holder = "streamctl metadata unfreeze"};
  SH_CO_TRY(const auto database,
            co_await metadata::open_metadata_store(runtime, std::move(options)));
  cluster::FreezeMark mark(database->store());
  const Status checked = co_await mark.check();
  if (checked) co_return false;
  if (checked.error().code != Errc::kRegressed) co_return checked.error();
  SH_CO_TRY_OK(co_await mark.clear());
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
