#pragma once
/// \file  AgentProcess: a real streamhouse-server with its data in a folder of its own.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/scratch_directory.h"

namespace streamhouse::e2e {

struct AgentSetup {
  std::vector<std::string> flags = {};
  std::string program = SH_SERVER;       ///< Or what takes its flags.
  std::vector<std::string> prefix = {};  ///< The command that runs the program, in this process.
  /// Where its data lies; empty = in the agent's folder.
  std::filesystem::path database_folder = {};
  std::filesystem::path object_folder = {};
};

/// Ended by SIGKILL if it still lives at the end of the test.
class AgentProcess {
 public:
  /// Starts and waits until it is ready.
  explicit AgentProcess(AgentSetup setup = {});
  ~AgentProcess();
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  /// Again, on the same data. Requires: it has ended.
  void start();
  /// The first half of start(): the process exists.
  void launch();
  void signal(int number) const;
  /// The exit code, or minus the number of the signal that ended it; nullopt if it lives on.
  std::optional<int> wait(std::chrono::seconds longest = std::chrono::seconds(60));
  /// SIGTERM, and the exit code.
  int stop();
  void kill();

  /// host:port of its gRPC listener.
  const std::string& address() const { return address_; }
  /// host:port of its HTTP listener.
  const std::string& http() const { return http_; }
  /// Its current directory, which holds its data.
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string database_url() const;
  std::string object_store_url() const;
  std::string log() const;
  /// The most memory it ever had resident, in bytes. Requires: it lives.
  std::size_t resident_bytes_max() const;

 private:
  tests::ScratchDirectory folder_;
  AgentSetup setup_;
  std::string address_;
  std::string http_;
  pid_t pid_ = -1;
  int ready_pipe_ = -1;  ///< Its standard output; -1 once read.
};

}  // namespace streamhouse::e2e
