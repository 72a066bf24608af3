#pragma once
/// \file  The first requests to a bucket: may we use it, and what can its server do?

#include "objectstore/s3/s3_client.h"
#include "objectstore/s3/s3_object_store.h"

namespace streamhouse::objectstore {

enum class S3Access : std::uint8_t {
  kRead,   ///< Only reading is tried.
  kWrite,  ///< An object is put, read and removed below `PREFIX/.probe/`, where no ObjectKey lies.
};

struct S3Probe {
  S3Asked asked;
  std::string prefix;       ///< Of the store's keys.
  std::string object_name;  ///< Of the object to try with; no other process uses it.
  S3Access access = S3Access::kWrite;
};

/// Lists, puts, puts again, gets and removes. Errors: kInvalid naming what has to be set right
/// (bucket, region, keys, rights, clock); kUnavailable and the like if trying again may help, and
/// then a probe object may be left over.
Task<Result<S3CreateOnly>> probe_bucket(runtime::Runtime& runtime, S3Client& client, S3Probe probe);

}  // namespace streamhouse::objectstore
