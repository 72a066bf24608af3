#include "cli/direct/archive_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace streamhouse::cli {

using base::Errc;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kPipe = "-";
constexpr std::string_view kPartSuffix = ".part";

base::Error file_error(const std::string& name, Errc code = Errc::kUnavailable) {
  const std::error_code failure(errno, std::generic_category());
  return base::make_error(code, name + ": " + failure.message());
}

Status write_all(std::FILE* file, base::BytesView bytes, const std::string& name) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return {};
  return file_error(name);
}

/// Grows beside the name that it gets in the end.
class FileTarget final : public ArchiveTarget {
 public:
  FileTarget(std::string path, File file)
      : path_(std::move(path)), part_(path_ + std::string(kPartSuffix)), file_(std::move(file)) {}
  ~FileTarget() override {
    if (file_) std::remove(part_.c_str());
  }

  Status restart() override {
    const bool at_start = std::fseek(file_.get(), 0, SEEK_SET) == 0;
    if (at_start && ftruncate(fileno(file_.get()), 0) == 0) return {};
    return file_error(part_);
  }
  Status write(base::BytesView bytes) override { return write_all(file_.get(), bytes, part_); }
  Status close() override {
    if (std::fflush(file_.get()) != 0 || fsync(fileno(file_.get())) != 0) return file_error(part_);
    if (std::rename(part_.c_str(), path_.c_str()) != 0) return file_error(path_);
    file_.reset();
    return {};
  }

 private:
  const std::string path_;
  const std::string part_;
  File file_;  ///< Null once it has its name.
};

class PipeTarget final : public ArchiveTarget {
 public:
  Status restart() override {
    if (written_)
      return {Errc::kUnavailable, "the database was lost while the archive was written: run again"};
    return {};
  }
  Status write(base::BytesView bytes) override {
    written_ = true;
    return write_all(stdout, bytes, "standard output");
  }
  Status close() override {
    if (std::fflush(stdout) == 0) return {};
    return file_error("standard output");
  }

 private:
  bool written_ = false;
};

class FileInput final : public metadata::ArchiveInput {
 public:
  FileInput(std::string name, File file) : name_(std::move(name)), file_(std::move(file)) {}

  Status rewind() override {
    if (std::fseek(file_.get(), 0, SEEK_SET) == 0) return {};
    return file_error(name_);
  }
  Result<std::size_t> read(base::MutableBytesView to) override {
    const std::size_t read = std::fread(to.data(), 1, to.size(), file_.get());
    if (read == 0 && std::ferror(file_.get()) != 0) return file_error(name_);
    return read;
  }

 private:
  const std::string name_;
  File file_;
};

constexpr std::string_view kTemporary = "a temporary file";

class KeptFile final : public KeptArchive {
 public:
  explicit KeptFile(File file) : file_(std::move(file)) {}

  Status restart() override {
    SH_TRY_OK(rewind());
    if (ftruncate(fileno(file_.get()), 0) == 0) return {};
    return file_error(std::string(kTemporary));
  }
  Status write(base::BytesView bytes) override {
    return write_all(file_.get(), bytes, std::string(kTemporary));
  }
  Status rewind() override {
    if (std::fseek(file_.get(), 0, SEEK_SET) == 0) return {};
    return file_error(std::string(kTemporary));
  }
  Result<std::size_t> read(base::MutableBytesView to) override {
    const std::size_t read = std::fread(to.data(), 1, to.size(), file_.get());
    if (read == 0 && std::ferror(file_.get()) != 0) return file_error(std::string(kTemporary));
    return read;
  }

 private:
  File file_;
};

/// All of standard input, in a file without a name.
Result<File> keep_standard_input() {
  File kept(std::tmpfile());
  if (!kept) return file_error("a temporary file");
  std::array<std::uint8_t, std::size_t{64} << 10> piece{};
  while (true) {
    const std::size_t read = std::fread(piece.data(), 1, piece.size(), stdin);
    if (read == 0 && std::ferror(stdin) != 0) return file_error("standard input");
    if (read == 0) return kept;
    SH_TRY_OK(write_all(kept.get(), base::BytesView(piece).first(read), "a temporary file"));
  }
}

}  // namespace

Result<std::shared_ptr<ArchiveTarget>> create_archive(const std::string& path) {
  if (path == kPipe) return std::make_shared<PipeTarget>();
  File file(std::fopen((path + std::string(kPartSuffix)).c_str(), "wb"));
  if (!file) return file_error(path + std::string(kPartSuffix));
  return std::make_shared<FileTarget>(path, std::move(file));
}

Result<std::shared_ptr<KeptArchive>> keep_archive() {
  File file(std::tmpfile());
  if (!file) return file_error(std::string(kTemporary));
  return std::make_shared<KeptFile>(std::move(file));
}

Result<std::unique_ptr<metadata::ArchiveInput>> open_archive(const std::string& path) {
  if (path == kPipe) {
    SH_TRY(File kept, keep_standard_input());
    return std::make_unique<FileInput>("a temporary file", std::move(kept));
  }
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return file_error(path, errno == ENOENT ? Errc::kNotFound : Errc::kUnavailable);
  return std::make_unique<FileInput>(path, std::move(file));
}

}  // namespace streamhouse::cli
