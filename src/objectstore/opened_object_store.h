#pragma once
/// \file  The object store that a URL names, opened with all that it runs on.

#include <memory>

#include "net/aws/credentials/aws_settings.h"
#include "objectstore/object_store.h"
#include "objectstore/s3/s3_probe.h"
#include "runtime/runtime.h"

namespace streamhouse::objectstore {

struct OpenObjects {
  std::string url = {};                ///< `file:PATH` or `s3://BUCKET/PREFIX`.
  net::AwsSettings aws = {};           ///< Of a bucket.
  S3Access access = S3Access::kWrite;  ///< Of a bucket: what is tried at the start.
};

/// Lifetime:  the store's; outlives every call. The runtime outlives it.
/// Threading: the runtime's executor.
class OpenedObjectStore {
 public:
  virtual ~OpenedObjectStore() = default;
  virtual ObjectStore& store() = 0;
  /// Whether it is a service that others use, too, and that may refuse calls for a while: the
  /// number of calls at once is to be limited, and refused ones are to be expected.
  virtual bool is_shared() const = 0;
};

/// A directory is made if it is not there; a bucket is not. Errors: kInvalid for any other URL, and
/// naming what has to be set right of a bucket; kUnavailable and the like if trying again may help;
/// else the store is refused.
Task<Result<std::unique_ptr<OpenedObjectStore>>> open_object_store(runtime::Runtime& runtime,
                                                                   OpenObjects options);

}  // namespace streamhouse::objectstore
