#include "net/aws/md5.h"

#include <openssl/evp.h>

#include <array>

namespace streamhouse::net {

std::string md5_base64(base::BytesView bytes) {
  constexpr std::size_t kDigestBytes = 16;
  std::array<unsigned char, kDigestBytes> digest{};
  const int hashed =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  if (hashed != 1) return {};
  constexpr std::size_t kTextBytes = (kDigestBytes + 2) / 3 * 4;
  std::array<unsigned char, kTextBytes + 1> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {text.begin(), text.end() - 1};
}

}  // namespace streamhouse::net
