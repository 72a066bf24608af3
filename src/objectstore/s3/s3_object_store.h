#pragma once
/// \file  S3ObjectStore: objects in a bucket of Amazon S3, or of a server that speaks as it does.

#include <memory>

#include "objectstore/s3/s3_client.h"
#include "objectstore/s3/s3_parts.h"
#include "runtime/blocking_pool.h"

namespace streamhouse::objectstore {

/// Whether the server refuses to overwrite when it is told to (`If-None-Match: *`).
enum class S3CreateOnly : std::uint8_t {
  kByServer,  ///< It answers 412.
  kByLook,    ///< It does not: the store looks first. Two puts at once can then both succeed.
};

/// One attempt a call; RetryObjectStore repeats them. (The parts of a large object are repeated
/// here, each by itself; before the first, the store looks whether the object is there.) Bytes are
/// checked both ways: the server verifies the SHA-256 of what is put, and keeps it as the object's
/// metadata; a get of a whole object is compared with it, and a put that meets an object tells by
/// it whether that is the same. A get of a part is checked for being the part that was asked for;
/// what is in it, the object's own checksums show. Names in the bucket that no ObjectKey has are
/// passed over. A refusal that an operator can set right while the store is in use (keys, rights,
/// the clock, even the bucket) is kUnavailable. Threading: the runtime's executor.
class S3ObjectStore final : public ObjectStore {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    runtime::BlockingPool& pool;  ///< Where large contents are hashed.
    S3Client& client;
  };
  struct Options {
    std::string prefix = {};  ///< Of every key: empty, or ends with a slash.
    S3CreateOnly create_only = S3CreateOnly::kByServer;
    std::uint64_t single_put_bytes_max = 64u << 20;  ///< Larger objects are put in parts.
    std::uint64_t part_bytes = 16u << 20;            ///< At least 5 MiB, says S3; 10,000 of them.
    RetryPolicy::Options part_retries = {};
  };

  /// Lifetime: the ports outlive the store and every call.
  S3ObjectStore(Ports ports, Options options)
      : ports_(ports), options_(std::move(options)), part_retries_(options_.part_retries) {}

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;
  /// A server that cannot do it is asked once: from then on removals_per_request() is 1.
  Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys) override;
  std::size_t removals_per_request() const override { return removals_per_request_; }

 private:
  /// What is to be put, and how it is told from other contents.
  struct Content {
    ObjectKey key;
    Chunks chunks;
    std::uint64_t size = 0;
    std::string sha256;
  };
  struct Stored {
    std::uint64_t size = 0;
    std::string sha256;  ///< Empty if another program put it.
  };

  S3Request request(std::string method, const ObjectKey& key) const;
  Task<std::string> hash(Chunks chunks);
  Task<Status> put_new(Content content);
  Task<Result<net::ClientResponse>> put_whole(Content content);
  Task<Result<net::ClientResponse>> put_parts(Content content);
  /// Success if the object there has the same bytes, else kExists.
  Task<Status> compare(Content content);
  /// compare(); nullopt if there is no object.
  Task<std::optional<Status>> look(Content content);
  /// nullopt if there is none.
  Task<Result<std::optional<Stored>>> find(ObjectKey key);
  Task<Result<Bytes>> get_whole(ObjectKey key, std::uint64_t size);
  Task<Result<Bytes>> get_some(ObjectKey key, ByteRange range);

  const Ports ports_;
  const Options options_;
  RetryPolicy part_retries_;
  std::size_t removals_per_request_ = kRemovalsMax;
};

}  // namespace streamhouse::objectstore
