#pragma once
/// \file  ArchiveBytes: an archive in memory, to be written and to be read.

#include <algorithm>

#include "metadata/archive/archive_reader.h"
#include "metadata/archive/archive_writer.h"

namespace streamhouse::tests {

class ArchiveBytes final : public metadata::ArchiveOutput, public metadata::ArchiveInput {
 public:
  ArchiveBytes() = default;
  explicit ArchiveBytes(base::ByteVector content) : content(std::move(content)) {}

  base::Status restart() override {
    content.clear();
    return {};
  }
  base::Status write(base::BytesView bytes) override {
    content.insert(content.end(), bytes.begin(), bytes.end());
    return {};
  }
  base::Status rewind() override {
    at_ = 0;
    return {};
  }
  base::Result<std::size_t> read(base::MutableBytesView to) override {
    const std::size_t count = std::min({to.size(), content.size() - at_, piece_max});
    std::copy_n(content.data() + at_, count, to.data());
    at_ += count;
    return count;
  }

  base::ByteVector content;
  std::size_t piece_max = 100;  ///< Bytes of one read.

 private:
  std::size_t at_ = 0;
};

/// Every row of an archive. Errors: ArchiveReader's.
inline base::Result<std::vector<metadata::ArchiveRow>> read_archive(base::ByteVector content) {
  ArchiveBytes bytes(std::move(content));
  metadata::ArchiveReader reader(bytes);
  SH_TRY_OK(reader.begin());
  std::vector<metadata::ArchiveRow> rows;
  while (true) {
    SH_TRY(auto row, reader.next());
    if (!row) return rows;
    rows.push_back(*std::move(row));
  }
}

/// An archive of these rows. Errors: ArchiveWriter's.
inline base::Result<base::ByteVector> write_archive(const std::vector<metadata::ArchiveRow>& rows) {
  const auto bytes = std::make_shared<ArchiveBytes>();
  metadata::ArchiveWriter writer(bytes);
  SH_TRY_OK(writer.begin());
  for (const metadata::ArchiveRow& row : rows) SH_TRY_OK(writer.take(row));
  SH_TRY([[maybe_unused]] const auto summary, writer.finish());
  return std::move(bytes->content);
}

}  // namespace streamhouse::tests
