#pragma once
/// \file  SimDirectory: an open directory of a SimDisk.

#include "objectstore/simulation/sim_process.h"

namespace streamhouse::objectstore {

class SimDirectory final : public Directory {
 public:
  using ProcessPtr = std::shared_ptr<SimFileSystem::Process>;

  /// `path` stands in errors only.
  SimDirectory(ProcessPtr process, SimNodePtr node, std::string path)
      : process_(std::move(process)), node_(std::move(node)), path_(std::move(path)) {}

  Result<std::unique_ptr<File>> create_file(const std::string& name) override;
  Result<std::unique_ptr<File>> open_file(const std::string& name) const override;
  Status create_directory(const std::string& name) override;
  Result<std::unique_ptr<Directory>> open_directory(const std::string& name) const override;
  Result<FileInfo> file_info(const std::string& name) const override;
  Status publish(const std::string& name, Directory& target,
                 const std::string& target_name) override;
  Status remove_file(const std::string& name) override;
  Status remove_directory(const std::string& name) override;
  Status sync() override;
  Status scan(const std::function<void(const Entry&)>& visit) const override;

 private:
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  SimNodePtr find(const std::string& name) const;
  Result<SimNodePtr> create(const std::string& name, EntryKind kind, std::string_view operation);

  ProcessPtr process_;
  SimNodePtr node_;
  std::string path_;
};

}  // namespace streamhouse::objectstore
