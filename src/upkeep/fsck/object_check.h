#pragma once
/// \file  ObjectCheck: reads one object piece by piece and compares it with what the metadata says
/// of it (S1, W4, R5).

#include "objectstore/object_store.h"
#include "segment/object_reader.h"
#include "upkeep/fsck/findings.h"

namespace streamhouse::upkeep {

/// What the metadata says.
struct NamedObject {
  std::string key = {};
  std::uint64_t size = 0;
  segment::ClusterId cluster = {};
  std::optional<std::uint32_t> crc = {};       ///< Of a commit row.
  std::optional<base::Bytes> span_table = {};  ///< Of a commit row.
};

/// Memory: the footer and kReadBytes (or one block, if that is larger), whatever the object's size.
/// Lifetime:  one object. Threading: the runtime's executor.
class ObjectCheck {
 public:
  /// What one request asks for at most, but for a single block that is larger.
  static constexpr std::size_t kReadBytes = 1u << 20;

  ObjectCheck(objectstore::ObjectStore& objects, NamedObject named)
      : objects_(objects), named_(std::move(named)) {}

  /// Errors: the store's, if it cannot be read now. What is wrong with the object is in finding().
  runtime::Task<base::Status> run();

  /// The first thing that is wrong; the rest of the object was not looked at.
  const std::optional<Finding>& finding() const { return finding_; }
  bool exists() const { return exists_; }
  std::int64_t records() const { return records_; }
  /// What the object replaces, once run() found nothing wrong.
  const std::vector<segment::ObjectInputs>& inputs() const { return footer_->inputs(); }
  const segment::SpanTable& spans() const { return footer_->spans(); }

 private:
  using Piece = base::Result<base::Bytes>;

  runtime::Task<base::Status> check();
  runtime::Task<base::Status> check_size();
  runtime::Task<base::Status> read_ends();
  base::Status check_header(base::BytesView bytes);
  base::Status check_footer();
  runtime::Task<base::Status> read_body();
  base::Status check_block(const segment::Block& block, base::BytesView bytes);
  runtime::Task<Piece> get(base::ByteRange range);
  base::Error wrong(std::string invariant, std::string detail);

  objectstore::ObjectStore& objects_;
  NamedObject named_;
  base::Bytes window_;  ///< Read last, from window_at_ on.
  std::uint64_t window_at_ = 0;
  segment::ObjectHeader header_;
  std::optional<segment::ObjectFooter> footer_;
  std::uint32_t crc_ = 0;                ///< Of the object up to where it was read.
  const segment::Span* span_ = nullptr;  ///< That the next block belongs to.
  model::Offset next_;                   ///< Of the next batch of it.
  std::optional<Finding> finding_;
  bool exists_ = false;
  std::int64_t records_ = 0;
};

}  // namespace streamhouse::upkeep
