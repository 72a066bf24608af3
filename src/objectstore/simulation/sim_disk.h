#pragma once
/// \file  SimDisk: a disk in memory that forgets, at a loss of power, what was not synced.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "objectstore/directory/file_system.h"
#include "runtime/random.h"

namespace streamhouse::objectstore {

/// A file or a directory, as running processes see it, with what a loss of power may bring back.
struct SimNode {
  explicit SimNode(EntryKind node_kind) : kind(node_kind) {}

  const EntryKind kind;
  std::uint32_t names = 0;  ///< Entries that lead here; 0 = removed.

  base::ByteVector content;
  std::size_t durable_size = 0;  ///< The prefix of `content` that was synced.
  bool sync_failed = false;      ///< No later sync saves what lies behind durable_size.
  std::weak_ptr<const void> lock;

  using NodePtr = std::shared_ptr<SimNode>;
  std::map<std::string, NodePtr> entries;
  /// Of each name changed since the last sync: its nodes (or null) before each of the changes.
  std::map<std::string, std::vector<NodePtr>> earlier;
};
using SimNodePtr = SimNode::NodePtr;

/// Lifetime:  outlives the processes (SimFileSystem) that use it.
/// Threading: one thread; deterministic from its seed.
class SimDisk {
 public:
  struct Counts {
    std::uint64_t steps = 0;  ///< Calls of all processes.
    std::uint64_t power_losses = 0;
    std::uint64_t torn_files = 0;    ///< Kept a part of what was written since their last sync.
    std::uint64_t cut_files = 0;     ///< Lost all of it.
    std::uint64_t lost_changes = 0;  ///< Names that went back to an earlier state.
    std::uint64_t io_errors = 0;
    std::uint64_t full_errors = 0;
  };

  explicit SimDisk(std::uint64_t seed);

  /// Ends every process. Each file keeps what was synced and, of the rest, all, nothing, a prefix,
  /// or some blocks of 512 bytes among zeros; each name changed since the last sync of its
  /// directory is left in any of the states it had since then.
  void lose_power();
  /// Content beyond this many bytes meets ENOSPC. Unlimited at first.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  /// Content of all files that have a name.
  std::uint64_t bytes_used() const { return bytes_used_; }
  /// The share of calls that fail with EIO.
  void set_error_rate(double rate) { error_rate_ = rate; }
  const Counts& counts() const { return counts_; }

  /// For SimFileSystem only, as is all that follows. Rises at each loss of power.
  std::uint64_t generation() const { return counts_.power_losses; }
  const SimNodePtr& root() const { return root_; }
  runtime::Random& random() { return random_; }
  /// Counts a call; 0, or the errno that it is to fail with.
  int step();
  bool is_full() const { return bytes_used_ >= capacity_; }
  /// Makes `name` lead to `node`, or to nothing.
  void change(SimNode& directory, const std::string& name, SimNodePtr node);
  /// Appends what fits; ENOSPC if that is not all, else 0.
  int append(SimNode& file, base::BytesView bytes);

 private:
  void settle_directory(SimNode& directory);
  void settle_file(SimNode& file);
  void zero_some_blocks(SimNode& file);

  runtime::Random random_;
  std::uint64_t bytes_used_ = 0;
  std::uint64_t capacity_ = UINT64_MAX;
  double error_rate_ = 0;
  Counts counts_;
  SimNodePtr root_;
};

}  // namespace streamhouse::objectstore
