#pragma once
/// \file  SimFile: an open file of a SimDisk.

#include "objectstore/simulation/sim_process.h"

namespace streamhouse::objectstore {

class SimFile final : public File {
 public:
  using ProcessPtr = std::shared_ptr<SimFileSystem::Process>;

  /// `path` stands in errors only.
  SimFile(ProcessPtr process, SimNodePtr node, std::string path)
      : process_(std::move(process)), node_(std::move(node)), path_(std::move(path)) {}

  Status append(std::span<const Bytes> pieces) override;
  Status sync() override;
  Result<Bytes> read(ByteRange range) const override;
  Result<std::uint64_t> size() const override;
  Result<bool> is_linked() const override;
  Result<LockOutcome> try_lock() override;

 private:
  void append_some(const Bytes& whole);

  ProcessPtr process_;
  SimNodePtr node_;
  std::string path_;
  std::shared_ptr<const ProcessPtr> lock_;  ///< Names its holder; the node knows it weakly.
};

}  // namespace streamhouse::objectstore
