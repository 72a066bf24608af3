#pragma once
/// \file  Putting a large object in parts: S3's multipart upload.

#include <optional>
#include <string>
#include <vector>

#include "objectstore/s3/s3_client.h"
#include "objectstore/wrappers/retry_call.h"
#include "runtime/blocking_pool.h"

namespace streamhouse::objectstore {

/// The bytes of `range` of the content, shared with it. Requires: the range lies within it.
Chunks slice_chunks(const Chunks& content, ByteRange range);

/// SHA-256 of the content in hex.
std::string sha256_hex(const Chunks& content);

/// One upload, once. Parts are put several at once, each repeated by itself; nothing is visible
/// before the last request has put them together.
/// Lifetime:  outlives run().
/// Threading: the runtime's executor.
class S3PartsUpload {
 public:
  struct Ports {
    runtime::BlockingPool& pool;  ///< Where parts are hashed.
    S3Client& client;
    Retries retries;  ///< Of parts.
  };
  struct Object {
    std::string key;  ///< Whole, with the prefix.
    Chunks content;
    std::uint64_t part_bytes = 0;
    std::vector<net::HttpHeader> at_start = {};  ///< Headers that say what the object will be.
    std::vector<net::HttpHeader> at_end = {};    ///< Headers of the request that creates it.
  };

  S3PartsUpload(Ports ports, Object object);

  /// The answer to the request that creates the object; one that failed inside has status 500.
  /// Errors, before that request: kUnavailable and the like; parts that were put are given up.
  Task<Result<net::ClientResponse>> run();

 private:
  Task<Status> begin();
  Task<Status> put_parts();
  Task<void> put_waiting_parts();
  Task<Result<std::string>> put_part(std::size_t number);
  Task<Result<net::ClientResponse>> put_part_once(std::size_t number, Chunks part,
                                                  std::string sha256);
  Task<Result<net::ClientResponse>> complete();
  Task<void> abandon();

  const Ports ports_;
  const Object object_;
  const std::size_t part_count_;
  std::string upload_id_;
  std::size_t next_part_ = 0;
  std::vector<std::string> etags_;
  std::optional<base::Error> failure_;
};

}  // namespace streamhouse::objectstore
