#include "net/aws/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace streamhouse::net {

struct Sha256::Context {
  Context() : digest(EVP_MD_CTX_new()) {}
  ~Context() { EVP_MD_CTX_free(digest); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* const digest;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  SH_CHECK(context_->digest != nullptr &&
               EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) == 1,
           "SHA-256 starts");
}

Sha256::~Sha256() = default;

void Sha256::update(base::BytesView bytes) {
  SH_CHECK(EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  SH_CHECK(EVP_DigestFinal_ex(context_->digest, digest.data(), nullptr) == 1, "SHA-256 ends");
  return digest;
}

Sha256Digest sha256(base::BytesView bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

Sha256Digest hmac_sha256(base::BytesView key, base::BytesView message) {
  Sha256Digest digest{};
  const auto* const done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                message.data(), message.size(), digest.data(), nullptr);
  SH_CHECK(done != nullptr, "HMAC works");
  return digest;
}

}  // namespace streamhouse::net
