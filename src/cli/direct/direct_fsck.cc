#include "cli/direct/direct_fsck.h"

#include <cstdlib>
#include <filesystem>

#include "metadata/sqlite/sqlite_metadata_store.h"
#include "net/http/http_client.h"
#include "objectstore/directory/posix_file_system.h"
#include "objectstore/file_object_store.h"
#include "objectstore/s3/s3_bucket.h"
#include "objectstore/store_url.h"
#include "objectstore/wrappers/retry_object_store.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/thread_pool.h"
#include "upkeep/fsck/fsck.h"

namespace streamhouse::cli {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

namespace {

constexpr std::string_view kSqlite = "sqlite:";
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

Result<std::string> database_path(const std::string& url) {
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    return {Errc::kInvalid, "DATABASE_URL=" + url + ": expected sqlite:PATH"};
  }
  std::string path = url.substr(kSqlite.size());
  if (std::error_code failure; std::filesystem::exists(path, failure)) return path;
  return {Errc::kNotFound, "DATABASE_URL=" + url + ": there is no such file"};
}

Result<std::string> objects_path(const std::string& url) {
  auto path = objectstore::directory_of_url(url);
  if (!path) return {path.error().code, "OBJECT_STORE=" + url + ": " + path.error().text};
  if (std::error_code failure; std::filesystem::is_directory(*path, failure)) return path;
  return {Errc::kNotFound, "OBJECT_STORE=" + url + ": there is no such directory"};
}

net::AwsSettings aws_settings() {
  return net::AwsSettings::from([](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

/// Both stores, opened for looking only.
class DirectStores {
 public:
  explicit DirectStores(runtime::Runtime& runtime)
      : runtime_(runtime),
        object_pool_(runtime, {.name = "objects"}),
        database_pool_(runtime, {.name = "metadata"}) {}

  /// `objects` is the URL of the object store.
  Task<Status> run(std::string database, std::string objects, Show show) {
    SH_CO_TRY(auto opened, metadata::SqliteMetadata::open_read_only({.path = std::move(database)},
                                                                    runtime_.wall_now()));
    metadata_ = std::make_unique<metadata::SqliteMetadataStore>(
        database_pool_, std::move(opened), [this] { return runtime_.wall_now(); });
    SH_CO_TRY(auto* const store, co_await open_objects(std::move(objects)));
    objectstore::RetryObjectStore retried(*store, runtime_, {});
    ShowSink sink(std::move(show));
    upkeep::Fsck fsck({.metadata = *metadata_, .objects = retried}, sink);
    co_return co_await fsck.run();
  }

 private:
  Task<Result<objectstore::ObjectStore*>> open_objects(std::string url) {
    if (!url.starts_with("s3://")) {
      SH_CO_TRY(std::string path, objects_path(url));
      objectstore::FileObjectStore::Options options{.path = std::move(path)};
      const std::uint64_t instance = runtime_.random().next();
      SH_CO_TRY(directory_, co_await objectstore::FileObjectStore::create(
                                files_, object_pool_, instance, std::move(options)));
      co_return directory_.get();
    }
    objectstore::S3Config config{.aws = aws_settings(), .access = objectstore::S3Access::kRead};
    SH_CO_TRY(config.location, objectstore::parse_s3_url(url));
    net::HttpClient::Options options{.ca_file = config.aws.ca_file};
    http_ = std::make_unique<net::HttpClient>(runtime_, std::move(options));
    const objectstore::S3Bucket::Ports ports{
        .runtime = runtime_, .pool = object_pool_, .http = *http_};
    SH_CO_TRY(bucket_, co_await objectstore::S3Bucket::open(ports, std::move(config)));
    co_return &bucket_->store();
  }

  runtime::Runtime& runtime_;
  runtime::ThreadPool object_pool_;
  runtime::ThreadPool database_pool_;
  objectstore::PosixFileSystem files_;
  std::unique_ptr<objectstore::FileObjectStore> directory_;  ///< This or the bucket.
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<objectstore::S3Bucket> bucket_;
  std::unique_ptr<metadata::SqliteMetadataStore> metadata_;
};

void take(std::string& url, const char* variable) {
  const char* const value = std::getenv(variable);
  if (value != nullptr && *value != '\0') url = value;
}

}  // namespace

StoreUrls store_urls_of_environment() {
  StoreUrls urls;
  take(urls.database, "DATABASE_URL");
  std::string bucket;
  take(bucket, "S3_BUCKET");
  if (!bucket.empty()) urls.objects = "s3://" + bucket;
  take(urls.objects, "OBJECT_STORE");
  return urls;
}

Status fsck_directly(const StoreUrls& urls, Show show) {
  SH_TRY(std::string database, database_path(urls.database));
  if (!urls.objects.starts_with("s3://")) SH_TRY_OK(objects_path(urls.objects));
  runtime::AsioRuntime runtime;
  DirectStores stores(runtime);
  return runtime::run_task(runtime, stores.run(std::move(database), urls.objects, std::move(show)));
}

}  // namespace streamhouse::cli
