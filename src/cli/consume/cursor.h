#pragma once
/// \file  How far one partition has been read. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/commands.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {

class Cursor {
 public:
  explicit Cursor(std::int32_t partition) : partition_(partition) {}

  std::int32_t partition() const { return partition_; }
  /// From where this cursor stands; before it has read anything, from where the command says.
  /// `records_max` 0 = no limit.
  v1::ConsumeRequest request(const Consume& command, Follow follow, std::int64_t records_max) const;

  /// The record at `offset` has been printed.
  void printed(std::int64_t offset);
  /// A stream without follow has come to its end.
  void reached(std::int64_t high_watermark);
  /// What a group is to commit since this was last asked for.
  std::optional<std::int64_t> take_commit();

 private:
  std::int32_t partition_;
  std::optional<std::int64_t> next_;  ///< Offset to go on at.
  bool uncommitted_ = false;
};

}  // namespace streamhouse::cli
