#include "objectstore/simulation/sim_file_system.h"

#include <cerrno>
#include <utility>

#include "objectstore/directory/file_error.h"
#include "objectstore/object_key.h"
#include "objectstore/simulation/sim_directory.h"
#include "objectstore/simulation/sim_process.h"

namespace streamhouse::objectstore {

Status SimFileSystem::Process::begin(std::string_view operation, const std::string& path,
                                     const std::function<void()>& half_done) {
  const auto stopped = [&] {
    return base::make_error(base::Errc::kStopped,
                            std::string(operation) + " " + path + ": the process has died");
  };
  if (!is_alive()) return stopped();
  ++steps;
  if (steps == crash_step) {
    killed = true;
    if (half_done) half_done();
    if (on_crash) on_crash();
    return stopped();
  }
  int error_number = disk.step();
  if (const auto failure = failures.find(steps); failure != failures.end())
    error_number = failure->second;
  if (error_number == 0) return {};
  if (half_done) half_done();
  return file_error(error_number, operation, path);
}

SimFileSystem::SimFileSystem(SimDisk& disk) : process_(std::make_shared<Process>(disk)) {}

SimFileSystem::~SimFileSystem() { kill(); }

Result<std::unique_ptr<Directory>> SimFileSystem::open_root(const std::string& path) {
  SH_TRY_OK(process_->begin("open root", path));
  SimNodePtr at = process_->disk.root();
  for (const auto& name : split_components(path)) {
    if (name.empty()) continue;
    const auto found = at->entries.find(name);
    if (found == at->entries.end())
      process_->disk.change(*at, name, std::make_shared<SimNode>(EntryKind::kDirectory));
    at->earlier.erase(name);
    at = at->entries.at(name);
    if (at->kind != EntryKind::kDirectory) return file_error(ENOTDIR, "open root", path);
  }
  return std::make_unique<SimDirectory>(process_, at, path);
}

void SimFileSystem::crash_at(std::uint64_t step, std::function<void()> on_crash) {
  process_->crash_step = step;
  process_->on_crash = std::move(on_crash);
}

void SimFileSystem::fail_at(std::uint64_t step, int error_number) {
  process_->failures[step] = error_number;
}

void SimFileSystem::kill() { process_->killed = true; }
bool SimFileSystem::is_alive() const { return process_->is_alive(); }
std::uint64_t SimFileSystem::steps() const { return process_->steps; }

}  // namespace streamhouse::objectstore
