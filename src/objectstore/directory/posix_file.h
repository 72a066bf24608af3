#pragma once
/// \file  PosixFile: an open file of the operating system.

#include "objectstore/directory/file_descriptor.h"
#include "objectstore/directory/file_system.h"

namespace streamhouse::objectstore {

class PosixFile final : public File {
 public:
  /// `path` stands in errors only.
  PosixFile(FileDescriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status append(std::span<const Bytes> pieces) override;
  Status sync() override;
  Result<Bytes> read(ByteRange range) const override;
  Result<std::uint64_t> size() const override;
  Result<bool> is_linked() const override;
  Result<LockOutcome> try_lock() override;

 private:
  FileDescriptor descriptor_;
  std::string path_;
};

}  // namespace streamhouse::objectstore
