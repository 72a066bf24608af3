#pragma once
/// \file  AgentProcess: a real streamhouse-server with its data in a folder of its own.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/scratch_directory.h"

namespace streamhouse::e2e {

/// Ended by SIGKILL if it still lives at the end of the test.
class AgentProcess {
 public:
  using Flags = std::vector<std::string>;

  /// Starts and waits until it is ready.
  explicit AgentProcess(Flags flags = {});
  ~AgentProcess();
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  /// Again, on the same data. Requires: it has ended.
  void start();
  void signal(int number) const;
  /// The exit code, or minus the number of the signal that ended it; nullopt if it lives on.
  std::optional<int> wait(std::chrono::seconds longest = std::chrono::seconds(60));
  /// SIGTERM, and the exit code.
  int stop();
  void kill();

  /// host:port of its gRPC listener.
  const std::string& address() const { return address_; }
  std::string database() const { return (folder_.path() / "metadata.db").string(); }
  std::string log() const;

 private:
  tests::ScratchDirectory folder_;
  Flags flags_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace streamhouse::e2e
