#pragma once
/// \file  SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), as AWS signatures use them.

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace streamhouse::net {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// The digest of bytes that come in pieces. Cost: some 0.5 ms a MiB.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(base::BytesView bytes);
  /// Ends it; only destruction may follow.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest sha256(base::BytesView bytes);
Sha256Digest hmac_sha256(base::BytesView key, base::BytesView message);

}  // namespace streamhouse::net
