#include "objectstore/opened_object_store.h"

#include "net/http/http_client.h"
#include "objectstore/directory/posix_file_system.h"
#include "objectstore/file_object_store.h"
#include "objectstore/s3/s3_bucket.h"
#include "objectstore/store_url.h"
#include "runtime/thread_pool.h"

namespace streamhouse::objectstore {
namespace {

constexpr std::string_view kS3 = "s3://";
constexpr std::size_t kDirectoryThreads = 8;  ///< Requests to a directory at once.

class OpenedDirectory final : public OpenedObjectStore {
 public:
  explicit OpenedDirectory(runtime::Runtime& runtime)
      : pool_(runtime, {.name = "objects", .threads = kDirectoryThreads}) {}

  Task<Status> open(std::string path, std::uint64_t instance) {
    FileObjectStore::Options options{.path = std::move(path)};
    SH_CO_TRY(files_,
              co_await FileObjectStore::create(file_system_, pool_, instance, std::move(options)));
    co_return Status{};
  }
  ObjectStore& store() override { return *files_; }
  bool is_shared() const override { return false; }

 private:
  runtime::ThreadPool pool_;
  PosixFileSystem file_system_;
  std::unique_ptr<FileObjectStore> files_;
};

class OpenedBucket final : public OpenedObjectStore {
 public:
  OpenedBucket(runtime::Runtime& runtime, const net::AwsSettings& aws)
      : runtime_(runtime),
        pool_(runtime, {.name = "objects", .threads = 1}),
        http_(runtime, {.ca_file = aws.ca_file}) {}

  Task<Status> open(S3Config config) {
    const S3Bucket::Ports ports{.runtime = runtime_, .pool = pool_, .http = http_};
    SH_CO_TRY(bucket_, co_await S3Bucket::open(ports, std::move(config)));
    co_return Status{};
  }
  ObjectStore& store() override { return bucket_->store(); }
  bool is_shared() const override { return true; }

 private:
  runtime::Runtime& runtime_;
  runtime::ThreadPool pool_;  ///< For files with credentials.
  net::HttpClient http_;
  std::unique_ptr<S3Bucket> bucket_;
};

}  // namespace

Task<Result<std::unique_ptr<OpenedObjectStore>>> open_object_store(runtime::Runtime& runtime,
                                                                   OpenObjects options) {
  if (options.url.starts_with(kS3)) {
    S3Config config{.aws = std::move(options.aws), .access = options.access};
    SH_CO_TRY(config.location, parse_s3_url(options.url));
    auto bucket = std::make_unique<OpenedBucket>(runtime, config.aws);
    SH_CO_TRY_OK(co_await bucket->open(std::move(config)));
    co_return bucket;
  }
  SH_CO_TRY(std::string path, directory_of_url(options.url));
  auto directory = std::make_unique<OpenedDirectory>(runtime);
  SH_CO_TRY_OK(co_await directory->open(std::move(path), runtime.random().next()));
  co_return directory;
}

}  // namespace streamhouse::objectstore
