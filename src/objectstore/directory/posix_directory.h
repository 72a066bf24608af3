#pragma once
/// \file  PosixDirectory: an open directory of the operating system.

#include "objectstore/directory/file_descriptor.h"
#include "objectstore/directory/posix_file_system.h"

namespace streamhouse::objectstore {

class PosixDirectory final : public Directory {
 public:
  /// `path` stands in errors only.
  PosixDirectory(FileDescriptor descriptor, std::string path, PublishCall publish_call)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), publish_call_(publish_call) {}

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
  EntryKind kind_of(const char* name) const;

  FileDescriptor descriptor_;
  std::string path_;
  PublishCall publish_call_;
};

}  // namespace streamhouse::objectstore
