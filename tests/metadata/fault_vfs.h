#pragma once
/// \file  FaultVfs: a SQLite VFS over the system's own that fails on demand, and that knows what a
/// loss of power would leave of each file.

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace streamhouse::tests {

/// Lifetime:  outlives every connection that is opened with its name.
/// Threading: one thread.
class FaultVfs {
 public:
  /// One step of a file: a write, a truncation or a sync.
  enum class Fault : std::uint8_t {
    kDiskFull,    ///< Writes fail as on a full disk.
    kWriteError,  ///< Writes and truncations fail, half of a write is done.
    kSyncError,   ///< Syncs fail, and make nothing durable.
  };

  explicit FaultVfs(std::string name) : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *system_;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + system_->szOsFile;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    SH_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK, "a VFS can be registered");
  }
  ~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }

  /// The `nth` step from now on (from 1) that can have the fault does, and so do all after it until
  /// heal().
  void fail_from(Fault fault, int nth) {
    fault_ = fault;
    steps_left_ = nth;
    hit_ = false;
  }
  void heal() { steps_left_ = 0; }
  /// Whether a fault has occurred since fail_from().
  bool hit() const { return hit_; }

  /// Writes into `directory` what a disk might hold if the power went now: what was synced, and of
  /// what was not synced any set of sectors. Files of other directories keep their names.
  void lose_power(const std::filesystem::path& directory, std::mt19937_64& random) const {
    for (const auto& [path, content] : contents_) {
      std::string image = content.synced;
      for (const Step& step : content.unsynced) keep_some(step, image, random);
      std::ofstream(directory / std::filesystem::path(path).filename(), std::ios::binary) << image;
    }
  }

 private:
  static constexpr std::size_t kSector = 512;

  /// Not synced yet: `bytes` at `offset`, or, without bytes, the file cut off there.
  struct Step {
    std::size_t offset = 0;
    std::string bytes = {};
  };
  struct Content {
    std::string synced = {};
    std::vector<Step> unsynced = {};
  };
  struct File {
    sqlite3_file base;  ///< First: SQLite sees only this.
    FaultVfs* vfs;
    Content* content;  ///< nullptr for files that need not be durable.
    sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static void apply(const Step& step, std::string& image) {
    if (step.bytes.empty()) return image.resize(std::min(image.size(), step.offset));
    image.resize(std::max(image.size(), step.offset + step.bytes.size()));
    image.replace(step.offset, step.bytes.size(), step.bytes);
  }
  static void keep_some(const Step& step, std::string& image, std::mt19937_64& random) {
    if (step.bytes.empty()) {
      if (random() % 2 == 0) apply(step, image);
      return;
    }
    const auto kept = random() % 3;  // none, all, some
    for (std::size_t at = 0; at < step.bytes.size();) {
      const std::size_t size =
          std::min(kSector - (step.offset + at) % kSector, step.bytes.size() - at);
      if (kept == 1 || (kept == 2 && random() % 2 == 0))
        apply({step.offset + at, step.bytes.substr(at, size)}, image);
      at += size;
    }
  }

  bool fails(Fault fault) {
    const bool concerned =
        fault == fault_ || (fault == Fault::kWriteError && fault_ == Fault::kDiskFull);
    if (!concerned || steps_left_ == 0) return false;
    if (steps_left_ > 1) {
      --steps_left_;
      return false;
    }
    hit_ = true;
    return true;
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* granted) {
    auto& self = *static_cast<FaultVfs*>(vfs->pAppData);
    File& shim = of(file);
    shim.vfs = &self;
    constexpr int kDurable = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    shim.content = (flags & kDurable) != 0 ? self.content_of(path) : nullptr;
    const int code = self.system_->xOpen(self.system_, path, shim.system(), flags, granted);
    shim.base.pMethods = shim.system()->pMethods == nullptr ? nullptr : &kMethods;
    return code;
  }

  /// What is there when a file is opened counts as synced.
  Content* content_of(const std::string& path) {
    const auto [at, is_new] = contents_.try_emplace(path);
    if (is_new) {
      std::ifstream file(path, std::ios::binary);
      at->second.synced.assign(std::istreambuf_iterator<char>(file), {});
    }
    return &at->second;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    File& shim = of(file);
    const bool fails = shim.content != nullptr && shim.vfs->fails(Fault::kWriteError);
    const bool full = shim.vfs->fault_ == Fault::kDiskFull;
    if (fails && full) return SQLITE_FULL;
    if (fails) size /= 2;
    if (shim.content != nullptr && size > 0)
      shim.content->unsynced.push_back(
          {static_cast<std::size_t>(offset),
           std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
    const int code = shim.system()->pMethods->xWrite(shim.system(), data, size, offset);
    return fails ? SQLITE_IOERR_WRITE : code;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& shim = of(file);
    if (shim.content != nullptr) {
      if (shim.vfs->fails(Fault::kWriteError)) return SQLITE_IOERR_TRUNCATE;
      shim.content->unsynced.push_back({static_cast<std::size_t>(size), {}});
    }
    return shim.system()->pMethods->xTruncate(shim.system(), size);
  }
  static int sync(sqlite3_file* file, int /*flags*/) {
    File& shim = of(file);
    if (shim.content != nullptr) {
      if (shim.vfs->fails(Fault::kSyncError)) return SQLITE_IOERR_FSYNC;
      for (const Step& step : shim.content->unsynced) apply(step, shim.content->synced);
      shim.content->unsynced.clear();
    }
    return SQLITE_OK;  // durability is ours to simulate: no need to wait for a real disk
  }

  using Methods = sqlite3_io_methods;
  /// Everything else goes to the system's file.
  template <auto kMethod>
  struct Forward;
  template <class R, class... Arguments, R (*Methods::*kMethod)(sqlite3_file*, Arguments...)>
  struct Forward<kMethod> {
    static R call(sqlite3_file* file, Arguments... arguments) {
      sqlite3_file* const system = of(file).system();
      return (system->pMethods->*kMethod)(system, arguments...);
    }
  };

  static constexpr Methods kMethods{
      .iVersion = 2,  // no memory mapping: it would bypass us
      .xClose = Forward<&Methods::xClose>::call,
      .xRead = Forward<&Methods::xRead>::call,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = Forward<&Methods::xFileSize>::call,
      .xLock = Forward<&Methods::xLock>::call,
      .xUnlock = Forward<&Methods::xUnlock>::call,
      .xCheckReservedLock = Forward<&Methods::xCheckReservedLock>::call,
      .xFileControl = Forward<&Methods::xFileControl>::call,
      .xSectorSize = Forward<&Methods::xSectorSize>::call,
      .xDeviceCharacteristics = Forward<&Methods::xDeviceCharacteristics>::call,
      .xShmMap = Forward<&Methods::xShmMap>::call,
      .xShmLock = Forward<&Methods::xShmLock>::call,
      .xShmBarrier = Forward<&Methods::xShmBarrier>::call,
      .xShmUnmap = Forward<&Methods::xShmUnmap>::call,
  };

  const std::string name_;
  sqlite3_vfs* const system_;
  sqlite3_vfs vfs_{};
  std::map<std::string, Content> contents_;
  Fault fault_ = Fault::kDiskFull;
  int steps_left_ = 0;  ///< Until the fault; 1 = from now on; 0 = healthy.
  bool hit_ = false;
};

}  // namespace streamhouse::tests
