#include "cli/direct/direct_fsck.h"

#include <filesystem>

#include "cli/direct/aws_environment.h"
#include "cli/direct/direct_metadata.h"
#include "metadata/opened_metadata_store.h"
#include "objectstore/opened_object_store.h"
#include "objectstore/store_front.h"
#include "objectstore/store_url.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "upkeep/fsck/fsck.h"

namespace streamhouse::cli {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

namespace {

constexpr std::string_view kS3 = "s3://";
using Show = std::function<Status(const v1::FsckResponse&)>;

void describe(const upkeep::Finding& finding, v1::Violation& out) {
  out.set_invariant(finding.invariant);
  if (!finding.object.empty()) out.set_object(finding.object);
  if (!finding.topic.empty()) out.set_topic(finding.topic);
  if (finding.partition) out.set_partition_id(finding.partition->partition.value());
  if (finding.offset) out.set_offset(finding.offset->value());
  out.set_detail(finding.detail);
}

class ShowSink final : public upkeep::FsckSink {
 public:
  explicit ShowSink(Show show) : show_(std::move(show)) {}

  Task<Status> report(upkeep::FsckCounts counts, upkeep::Findings found) override {
    v1::FsckResponse part;
    part.set_objects(counts.objects);
    part.set_records(counts.records);
    part.set_bytes(counts.bytes);
    for (const upkeep::Finding& finding : found) describe(finding, *part.add_violations());
    co_return show_(part);
  }

 private:
  Show show_;
};

Task<Status> check(runtime::Runtime& runtime, StoreUrls urls, Show show) {
  metadata::OpenMetadata database{
      .url = urls.database, .purpose = metadata::OpenFor::kLook, .aws = aws_environment()};
  SH_CO_TRY(const auto metadata,
            co_await metadata::open_metadata_store(runtime, std::move(database)));
  objectstore::OpenObjects store{
      .url = urls.objects, .aws = aws_environment(), .access = objectstore::S3Access::kRead};
  SH_CO_TRY(const auto objects, co_await objectstore::open_object_store(runtime, std::move(store)));
  objectstore::StoreFront front(objects->store(), *objects, runtime);
  ShowSink sink(std::move(show));
  upkeep::Fsck fsck({.metadata = metadata->store(), .objects = front.store()}, sink);
  co_return co_await fsck.run();
}

}  // namespace

Status check_objects(const std::string& url) {
  if (url.starts_with(kS3)) return {};  // a bucket is never made
  const auto path = objectstore::directory_of_url(url);
  if (!path) return {path.error().code, "OBJECT_STORE=" + url + ": " + path.error().text};
  if (std::error_code failure; std::filesystem::is_directory(*path, failure)) return {};
  return {Errc::kNotFound, "OBJECT_STORE=" + url + ": there is no such directory"};
}

Status fsck_directly(const StoreUrls& urls, Show show) {
  SH_TRY_OK(check_database(urls.database));
  SH_TRY_OK(check_objects(urls.objects));
  runtime::AsioRuntime runtime;
  return runtime::run_task(runtime, check(runtime, urls, std::move(show)));
}

}  // namespace streamhouse::cli
