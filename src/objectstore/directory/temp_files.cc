#include "objectstore/directory/temp_files.h"

#include <map>
#include <utility>
#include <vector>

#include "base/hex.h"

namespace streamhouse::objectstore {

using base::Errc;

namespace {

// Begins with a dot, as no component of a key does.
constexpr const char* kSubfolder = ".tmp";
constexpr std::size_t kInstanceDigits = 16;
constexpr std::uint64_t kLockAttemptsMax = 16;

std::string lock_name(const std::string& instance) { return instance + ".lock"; }

/// Names in the subfolder by the instance they begin with; other names belong to nobody we know.
using NamesByInstance = std::map<std::string, std::vector<std::string>>;

Result<NamesByInstance> names_by_instance(const Directory& directory) {
  NamesByInstance names;
  SH_TRY_OK(directory.scan([&](const Entry& entry) {
    const std::string instance = entry.name.substr(0, kInstanceDigits);
    if (entry.kind == EntryKind::kFile && base::parse_hex64(instance))
      names[instance].push_back(entry.name);
  }));
  return names;
}

/// Removes the instance's files, its lock file last, so that a sweep that is cut short can be done
/// again. Failures are left to the next sweep.
void remove_names(Directory& directory, const std::string& instance,
                  const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (name != lock_name(instance)) static_cast<void>(directory.remove_file(name));
  static_cast<void>(directory.remove_file(lock_name(instance)));
}

/// An instance is dead if nobody holds its lock file. One whose lock file is missing is dead too:
/// a lock file comes before the first temporary file and nobody removes it while it is held.
void sweep_instance(Directory& directory, const std::string& instance,
                    const std::vector<std::string>& names) {
  auto lock = directory.open_file(lock_name(instance));
  if (!lock) {
    if (lock.error().code == Errc::kNotFound) remove_names(directory, instance, names);
    return;
  }
  const auto outcome = (*lock)->try_lock();
  if (outcome && *outcome == LockOutcome::kLocked) remove_names(directory, instance, names);
}

Status sweep(Directory& directory) {
  SH_TRY(const auto names, names_by_instance(directory));
  for (const auto& [instance, own_names] : names) sweep_instance(directory, instance, own_names);
  return {};
}

/// Null if a sweep of another process met the new file before it was locked, and removes it.
Result<std::shared_ptr<File>> take_lock(Directory& directory, const std::string& instance) {
  auto created = directory.create_file(lock_name(instance));
  if (!created) {
    if (created.error().code == Errc::kExists) return std::shared_ptr<File>();
    return std::move(created).error();
  }
  std::shared_ptr<File> lock = *std::move(created);
  SH_TRY(const LockOutcome outcome, lock->try_lock());
  SH_TRY(const bool linked, lock->is_linked());
  if (outcome == LockOutcome::kHeldElsewhere || !linked) return std::shared_ptr<File>();
  return lock;
}

Result<std::shared_ptr<Directory>> open_subfolder(Directory& root) {
  if (Status created = root.create_directory(kSubfolder);
      !created && created.error().code != Errc::kExists)
    return std::move(created).error();
  SH_TRY(std::shared_ptr<Directory> directory, root.open_directory(kSubfolder));
  return directory;
}

}  // namespace

Result<TempFiles> TempFiles::open(Directory& root, std::uint64_t instance) {
  SH_TRY(auto directory, open_subfolder(root));
  SH_TRY_OK(sweep(*directory));
  for (std::uint64_t attempt = 0; attempt < kLockAttemptsMax; ++attempt) {
    std::string name = base::to_hex(instance + attempt);
    SH_TRY(auto lock, take_lock(*directory, name));
    if (lock) return TempFiles(std::move(directory), std::move(name), std::move(lock));
  }
  return base::make_error(Errc::kUnavailable, "no lock file could be taken in the subfolder .tmp");
}

std::string TempFiles::name_of(std::uint64_t number) const {
  return instance_ + "-" + std::to_string(number);
}

Status TempFiles::write(const std::string& name, const Chunks& content) const {
  SH_TRY(const auto file, directory_->create_file(name));
  Status written = file->append(content);
  if (written) written = file->sync();
  if (!written) discard(name);
  return written;
}

Status TempFiles::publish(const std::string& name, Directory& target,
                          const std::string& target_name) const {
  return directory_->publish(name, target, target_name);
}

void TempFiles::discard(const std::string& name) const {
  static_cast<void>(directory_->remove_file(name));
}

}  // namespace streamhouse::objectstore
