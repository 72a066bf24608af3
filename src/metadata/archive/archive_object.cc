#include "metadata/archive/archive_object.h"

#include <algorithm>

#include "base/check.h"
#include "metadata/archive/archive_reader.h"

namespace streamhouse::metadata {
namespace {

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

class RowPacker::Packed final : public ArchiveOutput {
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

RowPacker::RowPacker() : packed_(std::make_shared<Packed>()), writer_(packed_) {
  SH_CHECK(writer_.begin(), "memory takes everything");
}

RowPacker::~RowPacker() = default;

Status RowPacker::add(ArchiveRow row) { return writer_.take(std::move(row)); }

Result<base::Bytes> RowPacker::finish() {
  SH_TRY([[maybe_unused]] const ArchiveSummary summary, writer_.finish());
  return base::Bytes(std::move(packed_->bytes));
}

base::Bytes pack_rows(const std::vector<ArchiveRow>& rows) {
  RowPacker packer;
  Status added;
  for (const ArchiveRow& row : rows)
    if (added) added = packer.add(row);
  SH_CHECK(added, "rows in order, none too large");
  auto packed = packer.finish();
  SH_CHECK(packed, "memory takes everything");
  return *std::move(packed);
}

Result<std::vector<ArchiveRow>> unpack_rows(const std::string& object, base::BytesView bytes) {
  Borrowed input(bytes);
  ArchiveReader reader(input);
  auto rows = read_all(reader);
  if (rows) return rows;
  return {rows.error().code, "object " + object + ": " + rows.error().text};
}

}  // namespace streamhouse::metadata
