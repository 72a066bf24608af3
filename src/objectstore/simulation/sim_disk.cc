#include "objectstore/simulation/sim_disk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace streamhouse::objectstore {

namespace {
constexpr std::size_t kBlockBytes = 512;
// So many changes of one directory, and the system has written it back by itself.
constexpr std::size_t kUnsyncedNamesMax = 256;
}  // namespace

SimDisk::SimDisk(std::uint64_t seed)
    : random_(seed), root_(std::make_shared<SimNode>(EntryKind::kDirectory)) {
  root_->names = 1;
}

int SimDisk::step() {
  ++counts_.steps;
  if (error_rate_ == 0 || !random_.chance(error_rate_)) return 0;
  ++counts_.io_errors;
  return EIO;
}

void SimDisk::change(SimNode& directory, const std::string& name, SimNodePtr node) {
  if (directory.earlier.size() >= kUnsyncedNamesMax) directory.earlier.clear();
  SimNodePtr& entry = directory.entries[name];
  if (node && ++node->names == 1) bytes_used_ += node->content.size();
  if (entry && --entry->names == 0) bytes_used_ -= entry->content.size();
  directory.earlier[name].push_back(std::exchange(entry, std::move(node)));
  if (!entry) directory.entries.erase(name);
}

int SimDisk::append(SimNode& file, base::BytesView bytes) {
  const std::uint64_t room = capacity_ - std::min(capacity_, bytes_used_);
  const auto fitting = bytes.first(std::min<std::uint64_t>(room, bytes.size()));
  file.content.insert(file.content.end(), fitting.begin(), fitting.end());
  if (file.names > 0) bytes_used_ += fitting.size();
  if (fitting.size() == bytes.size()) return 0;
  ++counts_.full_errors;
  return ENOSPC;
}

void SimDisk::lose_power() {
  ++counts_.power_losses;
  settle_directory(*root_);
}

void SimDisk::settle_directory(SimNode& directory) {
  for (const auto& [name, states] : std::exchange(directory.earlier, {})) {
    const std::uint64_t kept = random_.below(states.size() + 1);
    if (kept == states.size()) continue;
    ++counts_.lost_changes;
    change(directory, name, states[kept]);
  }
  directory.earlier.clear();
  for (const auto& [name, node] : directory.entries) {
    if (node->kind == EntryKind::kDirectory)
      settle_directory(*node);
    else
      settle_file(*node);
  }
}

void SimDisk::settle_file(SimNode& file) {
  const std::size_t before = file.content.size();
  const std::size_t unsynced = before - file.durable_size;
  if (unsynced == 0) return;
  enum { kAll, kNothing, kPrefix, kBlocks, kOutcomes };
  const std::uint64_t outcome = random_.below(kOutcomes);
  if (outcome == kNothing) ++counts_.cut_files;
  if (outcome == kPrefix || outcome == kBlocks) ++counts_.torn_files;
  if (outcome == kNothing) file.content.resize(file.durable_size);
  if (outcome == kPrefix) file.content.resize(file.durable_size + random_.below(unsynced));
  if (outcome == kBlocks) zero_some_blocks(file);
  bytes_used_ -= before - file.content.size();
  file.durable_size = file.content.size();
  file.sync_failed = false;
}

void SimDisk::zero_some_blocks(SimNode& file) {
  for (std::size_t start = file.durable_size; start < file.content.size(); start += kBlockBytes) {
    const std::size_t end = std::min(start + kBlockBytes, file.content.size());
    if (!random_.chance(0.5)) continue;
    std::fill(file.content.begin() + static_cast<std::ptrdiff_t>(start),
              file.content.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
  }
}

}  // namespace streamhouse::objectstore
