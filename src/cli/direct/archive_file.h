#pragma once
/// \file  An archive of metadata as a file, or as what a pipe carries.

#include <cstdio>
#include <memory>
#include <string>

#include "metadata/archive/archive_reader.h"
#include "metadata/archive/archive_writer.h"

namespace streamhouse::cli {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Threading: one thread at a time.
class ArchiveTarget : public metadata::ArchiveOutput {
 public:
  /// Everything has been written: makes it durable, and gives it its name.
  virtual base::Status close() = 0;
};
/// `path`, or `-` for standard output. A file appears under its name when it is complete; an older
/// one stays until then. Errors: kUnavailable naming the file.
base::Result<std::shared_ptr<ArchiveTarget>> create_archive(const std::string& path);

/// `path`, or `-` for standard input, which is kept in a temporary file since it is read twice.
/// Errors: kNotFound, kUnavailable naming the file.
base::Result<std::unique_ptr<metadata::ArchiveInput>> open_archive(const std::string& path);

/// An archive on its way from one place to another: what was written is what is read.
class KeptArchive : public metadata::ArchiveOutput, public metadata::ArchiveInput {};
/// In a temporary file without a name. Errors: kUnavailable.
base::Result<std::shared_ptr<KeptArchive>> keep_archive();

}  // namespace streamhouse::cli
