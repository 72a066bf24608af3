#pragma once
/// \file  PosixFileSystem: the operating system's own files (Linux).

#include "objectstore/directory/file_system.h"

namespace streamhouse::objectstore {

/// The call behind Directory::publish. Both refuse an existing name.
enum class PublishCall : std::uint8_t {
  kRename,  ///< renameat2 with RENAME_NOREPLACE; where the file system lacks it, kLink.
  kLink,    ///< link, then unlink of the old name.
};

/// New directories have mode 0750, new files 0640, less the umask. open_root follows symbolic
/// links and takes relative paths from the working directory; nothing below it follows any.
class PosixFileSystem final : public FileSystem {
 public:
  explicit PosixFileSystem(PublishCall publish_call = PublishCall::kRename)
      : publish_call_(publish_call) {}

  Result<std::unique_ptr<Directory>> open_root(const std::string& path) override;

 private:
  PublishCall publish_call_;
};

}  // namespace streamhouse::objectstore
