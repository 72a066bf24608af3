#include "upkeep/fsck/object_check.h"

#include <algorithm>

#include "base/crc32c.h"
#include "model/record_batch.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Status;
using runtime::Task;

namespace {

/// Whether a decoder's or the store's answer is about the object, and not about the moment.
bool is_about_object(Errc code) {
  return code == Errc::kCorrupt || code == Errc::kUnsupported || code == Errc::kNotFound ||
         code == Errc::kInvalidOffset;
}

std::optional<segment::ObjectIdentity> identity_of(std::string_view key) {
  const auto name = segment::parse_key(key);
  if (!name) return std::nullopt;
  if (const auto* flush = std::get_if<segment::FlushKey>(&*name)) {
    return segment::ObjectIdentity{segment::ObjectLevel::kFlushed, flush->session, flush->seq};
  }
  if (const auto* run = std::get_if<segment::SegmentKey>(&*name)) {
    return segment::ObjectIdentity{segment::ObjectLevel::kCompacted, run->compactor,
                                   model::Seq(run->number)};
  }
  return std::nullopt;
}

}  // namespace

Task<Status> ObjectCheck::run() {
  const Status checked = co_await check();
  if (checked || finding_) co_return Status{};
  if (!is_about_object(checked.error().code)) co_return checked;
  finding_ = Finding{.invariant = "R5", .object = named_.key, .detail = checked.error().text};
  if (span_ != nullptr) {
    finding_->partition = span_->partition;
    finding_->offset = next_;
  }
  co_return Status{};
}

Task<Status> ObjectCheck::check() {
  SH_CO_TRY_OK(co_await check_size());
  SH_CO_TRY_OK(co_await read_ends());
  SH_CO_TRY_OK(check_footer());
  co_return co_await read_body();
}

/// Ends the check with something that has a name of its own.
base::Error ObjectCheck::wrong(std::string invariant, std::string detail) {
  finding_ =
      Finding{.invariant = std::move(invariant), .object = named_.key, .detail = std::move(detail)};
  return base::make_error(Errc::kCorrupt, finding_->detail);
}

Task<Status> ObjectCheck::check_size() {
  const auto info = co_await objects_.head(named_.key);
  if (!info && info.error().code == Errc::kNotFound) {
    co_return wrong("S1", "the object is missing");
  }
  if (!info) co_return info.error();
  exists_ = true;
  if (info->size != named_.size || info->size < segment::kHeaderSize + segment::kTrailerSize) {
    co_return wrong("R5", "the object has " + std::to_string(info->size) + " bytes, its row says " +
                              std::to_string(named_.size));
  }
  co_return Status{};
}

/// Header, trailer and footer. A small object is read in one go.
Task<Status> ObjectCheck::read_ends() {
  const std::uint64_t size = named_.size;
  if (size <= kReadBytes) {
    SH_CO_TRY(window_, co_await get({0, size}));
    window_at_ = 0;
  }
  const base::ByteRange front{0, segment::kHeaderSize};
  SH_CO_TRY(const base::Bytes header, co_await get(front));
  SH_CO_TRY_OK(check_header(header));
  crc_ = base::crc32c(header);
  const base::ByteRange tail_range = segment::tail_range(size);
  SH_CO_TRY(const base::Bytes tail, co_await get(tail_range));
  const base::BytesView last = tail.view().last(segment::kTrailerSize);
  SH_CO_TRY(const segment::ObjectTrailer trailer, segment::decode_trailer(named_.key, size, last));
  base::Bytes footer;
  if (const auto missing = segment::missing_footer(trailer, size, tail)) {
    SH_CO_TRY(footer, co_await get(*missing));
  } else {
    footer = base::Bytes::copy_of(segment::footer_within(trailer, size, tail));
  }
  SH_CO_TRY(footer_, segment::ObjectFooter::decode(named_.key, trailer, footer));
  if (named_.span_table &&
      !base::equal(footer.view().last(trailer.table_length), named_.span_table->view())) {
    co_return wrong("R5", "the object's span table is not that of its row");
  }
  co_return Status{};
}

Status ObjectCheck::check_header(base::BytesView bytes) {
  auto header = segment::decode_header(named_.key, bytes);
  if (header) {
    header_ = *header;
    return {};
  }
  const auto anyone = segment::decode_header("", bytes);  // no key: whosever it is
  const auto expected = identity_of(named_.key);
  if (anyone && expected && anyone->identity != *expected) {
    return wrong("W4", "it is the object of seq " + std::to_string(anyone->identity.seq.value()) +
                           " of session " + to_string(anyone->identity.session) +
                           ", committed under another name too");
  }
  return header.error();
}

Status ObjectCheck::check_footer() {
  const segment::ObjectTrailer& trailer = footer_->trailer();
  if (header_.cluster != named_.cluster) return wrong("R5", "it was written by another cluster");
  if (named_.crc && trailer.object_crc != *named_.crc) {
    return wrong("R5", "it is not the object that was committed: its checksum is another");
  }
  return {};
}

Task<Status> ObjectCheck::read_body() {
  for (const segment::Span& span : footer_->spans()) {
    span_ = &span;
    next_ = span.offsets.base;
    const auto blocks = footer_->blocks_of(span);
    for (const segment::Block& block : blocks) {
      SH_CO_TRY(const base::Bytes bytes, co_await get(block.range()));
      SH_CO_TRY_OK(check_block(block, bytes));
    }
  }
  span_ = nullptr;
  const segment::ObjectTrailer& trailer = footer_->trailer();
  const base::ByteRange footer_range = trailer.footer();
  SH_CO_TRY(const base::Bytes footer, co_await get(footer_range));
  if (base::crc32c(footer, crc_) != trailer.object_crc) {
    co_return wrong("R5", "the whole object fails its checksum");
  }
  co_return Status{};
}

/// A block of span_: its checksum, then its batches one after the other.
Status ObjectCheck::check_block(const segment::Block& block, base::BytesView bytes) {
  SH_TRY_OK(segment::verify_block(named_.key, block, bytes));
  crc_ = base::crc32c_joined(crc_, block.crc, block.length);
  const bool gaps_allowed = header_.identity.level == segment::ObjectLevel::kCompacted;
  model::BatchCursor cursor(bytes);
  while (true) {
    const base::ByteRange where{block.position + bytes.size() - cursor.rest().size(), 0};
    const auto fault = [&](std::string_view why) {
      return segment::object_corrupt(named_.key, "batch", where, why);
    };
    const auto batch = cursor.next();
    if (!batch) return fault(batch.error().text);
    if (!*batch) break;
    const model::Offset base = (*batch)->base_offset();
    if (gaps_allowed ? base < next_ : base != next_) return fault("is not at the next offset");
    if ((*batch)->next_offset() > block.offsets.next) return fault("reaches past its block");
    if (!gaps_allowed && (*batch)->leader_epoch() != span_->epoch) {
      return fault("has another leader epoch than its span");
    }
    if (!(*batch)->crc_matches()) return fault("fails its CRC");
    next_ = (*batch)->next_offset();
    records_ += (*batch)->record_count();
  }
  if (next_ != block.offsets.next) {
    return segment::object_corrupt(named_.key, "block", block.range(), "lacks batches");
  }
  return {};
}

/// Out of the window where it holds the range; else a window of kReadBytes is read there.
Task<ObjectCheck::Piece> ObjectCheck::get(base::ByteRange range) {
  const bool held = range.position >= window_at_ && range.end() <= window_at_ + window_.size();
  if (!held) {
    const std::uint64_t wanted = std::max<std::uint64_t>(range.length, kReadBytes);
    const base::ByteRange ahead{range.position, std::min(wanted, named_.size - range.position)};
    SH_CO_TRY(window_, co_await objects_.get(named_.key, ahead));
    window_at_ = ahead.position;
    if (window_.size() != ahead.length) {
      co_return base::make_error(Errc::kCorrupt, "the store answered too little");
    }
  }
  co_return window_.slice(range.position - window_at_, range.length);
}

}  // namespace streamhouse::upkeep
