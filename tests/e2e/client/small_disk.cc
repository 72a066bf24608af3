#include "tests/e2e/client/small_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "base/check.h"

namespace streamhouse::e2e {

SmallDisk::SmallDisk(std::size_t mebibytes) {
  const std::string path = scratch_.path().string();
  const std::string told = path + ".told";
  const std::string line = "exec 2>" + told + "; exec unshare -rm sh -c 'mount -t tmpfs -o size=" +
                           std::to_string(mebibytes) + "m none " + path + " && echo $$ >" + told +
                           ".pid && exec cat'";
  holder_ = ::popen(line.c_str(), "we");
  SH_CHECK(holder_ != nullptr, "a shell");
  while (pid_.empty() && refusal_.empty()) {
    std::ifstream(told + ".pid") >> pid_;
    std::getline(std::ifstream(told), refusal_);
    ::usleep(1000);
  }
  std::filesystem::remove(told);
  std::filesystem::remove(told + ".pid");
}

SmallDisk::~SmallDisk() { ::pclose(holder_); }

std::vector<std::string> SmallDisk::prefix() const {
  return {"nsenter", "-t", pid_, "-U", "-m", "--preserve-credentials"};
}

std::filesystem::path SmallDisk::filler() const {
  return "/proc/" + pid_ + "/root" + path().string() + "/filler";
}

void SmallDisk::fill() {
  const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  SH_CHECK(file >= 0, "the disk is reached from outside");
  const std::string page(4096, 'x');
  while (::write(file, page.data(), page.size()) > 0) continue;
  ::close(file);
}

void SmallDisk::free() { std::filesystem::remove(filler()); }

}  // namespace streamhouse::e2e
