#include "net/aws/credentials/small_file.h"

#include <fstream>

namespace streamhouse::net {

namespace {
constexpr std::size_t kBytesMax = 1u << 20;
}

base::Result<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {base::Errc::kNotFound, "cannot read " + path};
  std::string text(kBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kBytesMax) return {base::Errc::kInvalid, path + " is larger than 1 MiB"};
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

}  // namespace streamhouse::net
