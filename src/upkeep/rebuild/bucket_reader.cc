#include "upkeep/rebuild/bucket_reader.h"

#include <algorithm>
#include <ranges>

#include "metadata/archive/archive_object.h"
#include "segment/object_reader.h"
#include "segment/seal_marker.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Result;
using base::Status;
using objectstore::ObjectInfo;
using runtime::Task;

namespace {

constexpr std::size_t kObjectsPerPage = 1'000;
/// Objects up to this size are read by one request.
constexpr std::uint64_t kWholeMax = std::uint64_t{64} << 10;
/// A marker has far fewer; no damage makes a rebuild read more.
constexpr std::uint64_t kMarkerBytesMax = 1'024;

/// Whether an answer is about the object, and not about the moment.
bool is_damage(Errc code) {
  return code == Errc::kCorrupt || code == Errc::kNotFound || code == Errc::kInvalidOffset;
}

bool is_small(std::uint64_t size) { return size < segment::kHeaderSize + segment::kTrailerSize; }

}  // namespace

Task<Result<BucketFacts>> BucketReader::read() {
  std::string after;
  for (bool more = true; more;) {
    SH_CO_TRY(const auto page, co_await objects_.list("", after, kObjectsPerPage));
    more = page.more;
    for (const ObjectInfo& object : page.objects) {
      after = object.key;
      note_time(object);
      SH_CO_TRY_OK(co_await look_at(object));
      ++object_count_;
    }
    if (progress_) progress_(object_count_);
  }
  SH_CO_TRY_OK(co_await read_newest());
  if (cluster_from_.empty()) {
    co_return base::make_error(Errc::kNotFound, "the object store holds no object of a cluster");
  }
  co_return std::move(facts_);
}

/// Seal markers may be those of a rebuild that broke off.
void BucketReader::note_time(const ObjectInfo& object) {
  const auto name = segment::parse_key(object.key);
  const bool is_marker = name && std::holds_alternative<segment::SealKey>(*name);
  if (!is_marker && object.modified_ms > newest_.second) newest_ = {object.key, object.modified_ms};
}

Task<Status> BucketReader::look_at(ObjectInfo object) {
  const auto name = segment::parse_key(object.key);
  if (!name) {
    left_out_.push_back({object.key, "its key is not one of ours"});
    co_return Status{};
  }
  if (const auto* flush = std::get_if<segment::FlushKey>(&*name)) {
    co_return co_await read_flushed(std::move(object), *flush);
  }
  if (const auto* compacted = std::get_if<segment::SegmentKey>(&*name)) {
    co_return co_await read_compacted(std::move(object), *compacted);
  }
  if (const auto* seal = std::get_if<segment::SealKey>(&*name)) {
    co_return co_await read_seal(std::move(object), *seal);
  }
  if (const auto* trim = std::get_if<segment::TrimKey>(&*name)) {
    model::Seq& to = facts_.sessions[trim->session].trimmed_to;
    to = std::max(to, trim->seq);
  } else if (const auto* topic = std::get_if<segment::CatalogueKey>(&*name)) {
    catalogue_[topic->topic].push_back(std::move(object));
  } else if (const auto* groups = std::get_if<segment::GroupsKey>(&*name)) {
    auto& epoch = facts_.shard_epochs[groups->shard];
    epoch = std::max(epoch, groups->epoch);
    snapshots_[groups->shard].push_back(std::move(object));
  }
  co_return Status{};
}

Task<Status> BucketReader::read_flushed(ObjectInfo object, segment::FlushKey name) {
  auto ends = co_await read_ends(object);
  SessionFacts& session = facts_.sessions[name.session];
  if (!ends && is_damage(ends.error().code)) {
    // The planner reports it, if it counts.
    session.damaged.insert(name.seq);
    co_return Status{};
  }
  if (!ends) co_return ends.error();
  session.objects.emplace(name.seq, FlushedFacts{.known_committed = ends->header.known_committed,
                                                 .previous = ends->header.previous,
                                                 .size = object.size,
                                                 .crc = ends->crc,
                                                 .spans = std::move(ends->spans)});
  co_return Status{};
}

Task<Status> BucketReader::read_compacted(ObjectInfo object, segment::SegmentKey name) {
  auto ends = co_await read_ends(object);
  if (!ends && !is_damage(ends.error().code)) co_return ends.error();
  if (!ends) {
    damaged(object.key, ends.error());
    co_return Status{};
  }
  facts_.compacted.push_back({.name = name,
                              .size = object.size,
                              .inputs = std::move(ends->inputs),
                              .spans = std::move(ends->spans)});
  co_return Status{};
}

Task<Result<BucketReader::Ends>> BucketReader::read_ends(ObjectInfo object) {
  const std::uint64_t size = object.size;
  if (is_small(size))
    co_return base::make_error(Errc::kCorrupt, "object " + object.key + " is cut");
  const base::ByteRange tail_range =
      size <= kWholeMax ? base::ByteRange{0, size} : segment::tail_range(size);
  SH_CO_TRY(const base::Bytes tail, co_await objects_.get(object.key, tail_range));
  base::Bytes front = tail;
  if (tail_range.position > 0) {
    const base::ByteRange header_range{0, segment::kHeaderSize};
    SH_CO_TRY(front, co_await objects_.get(object.key, header_range));
  }
  if (tail.size() != tail_range.length || front.size() < segment::kHeaderSize) {
    co_return base::make_error(Errc::kCorrupt, "object " + object.key + " is cut");
  }
  Ends ends;
  SH_CO_TRY(ends.header,
            segment::decode_header(object.key, front.view().first(segment::kHeaderSize)));
  SH_CO_TRY(const segment::ObjectTrailer trailer,
            segment::decode_trailer(object.key, size, tail.view().last(segment::kTrailerSize)));
  base::Bytes footer;
  if (const auto missing = segment::missing_footer(trailer, size, tail)) {
    SH_CO_TRY(footer, co_await objects_.get(object.key, *missing));
  } else {
    footer = base::Bytes::copy_of(segment::footer_within(trailer, size, tail));
  }
  SH_CO_TRY(const auto decoded, segment::ObjectFooter::decode(object.key, trailer, footer));
  ends.crc = trailer.object_crc;
  ends.inputs = decoded.inputs();
  ends.spans = base::Bytes::copy_of(footer.view().last(trailer.table_length));
  SH_CO_TRY_OK(take_cluster(object.key, {.cluster_id = {ends.header.cluster}}));
  co_return ends;
}

/// Without a marker that can be read the session's objects say how far they go.
Task<Status> BucketReader::read_seal(ObjectInfo object, segment::SealKey name) {
  const base::ByteRange range{0, std::min(object.size, kMarkerBytesMax)};
  const auto bytes = co_await objects_.get(object.key, range);
  const auto marker = bytes ? segment::decode_seal_marker(object.key, *bytes)
                            : Result<segment::SealMarker>(bytes.error());
  if (!marker && !is_damage(marker.error().code)) co_return marker.error();
  SessionFacts& session = facts_.sessions[name.session];
  if (!marker) {
    session.has_damaged_seal = true;
    damaged(object.key, marker.error());
    co_return Status{};
  }
  session.seal = marker->seq;
  co_return take_cluster(object.key, {.cluster_id = {marker->cluster}});
}

Task<Status> BucketReader::read_newest() {
  for (auto& [id, versions] : catalogue_) {
    std::ranges::reverse(versions);
    SH_CO_TRY_OK(co_await read_archives(std::move(versions)));
  }
  for (auto& [shard, snapshots] : snapshots_) {
    std::ranges::reverse(snapshots);
    SH_CO_TRY_OK(co_await read_archives(std::move(snapshots)));
  }
  co_return Status{};
}

/// The newest that can be read; earlier ones are left where they are.
Task<Status> BucketReader::read_archives(std::vector<ObjectInfo> newest_first) {
  bool taken = false;
  for (const ObjectInfo& object : newest_first) {
    if (taken) {
      left_out_.push_back({object.key, "a newer one of its kind is there"});
      continue;
    }
    const base::ByteRange range{0, object.size};
    const auto bytes = co_await objects_.get(object.key, range);
    if (!bytes && !is_damage(bytes.error().code)) co_return bytes.error();
    auto rows = bytes ? metadata::unpack_rows(object.key, *bytes)
                      : Result<std::vector<metadata::ArchiveRow>>(bytes.error());
    if (!rows && !is_damage(rows.error().code)) co_return rows.error();
    if (!rows) {
      damaged(object.key, rows.error());
      continue;
    }
    SH_CO_TRY_OK(take_rows(object.key, *std::move(rows)));
    taken = true;
  }
  co_return Status{};
}

Status BucketReader::take_rows(const std::string& key, std::vector<metadata::ArchiveRow> rows) {
  for (metadata::ArchiveRow& row : rows) {
    if (const auto* cluster = std::get_if<metadata::ClusterRow>(&row)) {
      SH_TRY_OK(take_cluster(key, cluster->cluster));
      facts_.topic_no_latest = std::max(facts_.topic_no_latest, cluster->topic_no_latest);
      facts_.producer_id_next = std::max(facts_.producer_id_next, cluster->producer_id_next);
    } else if (auto* topic = std::get_if<metadata::Topic>(&row)) {
      const auto [known, first] = facts_.topics.try_emplace(topic->no, *topic);
      if (!first)
        damaged(key,
                {Errc::kCorrupt, "its number is that of topic '" + known->second.name + "' too"});
    } else if (auto* group = std::get_if<metadata::Group>(&row)) {
      facts_.groups[group->group_id] = std::move(*group);
    } else if (auto* offset = std::get_if<metadata::StoredOffset>(&row)) {
      const auto at = std::pair(offset->group_id, offset->offset.key);
      facts_.offsets[at] = std::move(offset->offset);
    }
  }
  return {};
}

Status BucketReader::take_cluster(const std::string& key, const metadata::ClusterInfo& cluster) {
  if (cluster_from_.empty()) {
    cluster_from_ = key;
    facts_.cluster.cluster_id = cluster.cluster_id;
  }
  if (facts_.cluster.cluster_id != cluster.cluster_id) {
    return {Errc::kConflict, "object " + cluster_from_ + " is of cluster " +
                                 to_string(facts_.cluster.cluster_id) + ", object " + key +
                                 " of cluster " + to_string(cluster.cluster_id)};
  }
  facts_.cluster.created_ms = std::max(facts_.cluster.created_ms, cluster.created_ms);
  return {};
}

void BucketReader::damaged(const std::string& key, const base::Error& why) {
  findings_.push_back({.fault = RebuildFault::kDamagedObject, .object = key, .detail = why.text});
}

}  // namespace streamhouse::upkeep
