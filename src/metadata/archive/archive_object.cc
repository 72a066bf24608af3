#include "metadata/archive/archive_object.h"

#include <algorithm>

#include "base/check.h"
#include "metadata/archive/archive_reader.h"
#include "metadata/archive/archive_writer.h"

namespace streamhouse::metadata {
namespace {

class Collected final : public ArchiveOutput {
 public:
  Status restart() override {
    bytes.clear();
    return {};
  }
  Status write(base::BytesView more) override {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  }
  base::ByteVector bytes;
};

class Borrowed final : public ArchiveInput {
 public:
  explicit Borrowed(base::BytesView bytes) : all_(bytes), rest_(bytes) {}

  Status rewind() override {
    rest_ = all_;
    return {};
  }
  Result<std::size_t> read(base::MutableBytesView to) override {
    const std::size_t count = std::min(to.size(), rest_.size());
    std::ranges::copy(rest_.first(count), to.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  base::BytesView all_;
  base::BytesView rest_;
};

Result<std::vector<ArchiveRow>> read_all(ArchiveReader& reader) {
  SH_TRY_OK(reader.begin());
  std::vector<ArchiveRow> rows;
  while (true) {
    SH_TRY(auto row, reader.next());
    if (!row) return rows;
    rows.push_back(*std::move(row));
  }
}

}  // namespace

base::Bytes pack_rows(const std::vector<ArchiveRow>& rows) {
  const auto collected = std::make_shared<Collected>();
  ArchiveWriter writer(collected);
  Status written = writer.begin();
  for (const ArchiveRow& row : rows)
    if (written) written = writer.take(row);
  SH_CHECK(written && writer.finish(), "rows in order, none too large");
  return base::Bytes(std::move(collected->bytes));
}

Result<std::vector<ArchiveRow>> unpack_rows(const std::string& object, base::BytesView bytes) {
  Borrowed input(bytes);
  ArchiveReader reader(input);
  auto rows = read_all(reader);
  if (rows) return rows;
  return {rows.error().code, "object " + object + ": " + rows.error().text};
}

}  // namespace streamhouse::metadata
