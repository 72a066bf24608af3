#include "service/admin/segment_service.h"

#include <algorithm>
#include <charconv>

#include "segment/object_key.h"

namespace streamhouse::service {
namespace {

using base::Errc;

constexpr std::size_t kRowsPerPage = 1'000;

struct SegmentName {
  std::string topic;
  model::PartitionIndex partition;
  model::Offset base;
};

template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
  Integer value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// A topic's name may hold dashes itself: numbers are taken off the end.
std::optional<SegmentName> parse_segment_id(std::string_view id) {
  const std::size_t last = id.rfind('-');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t middle = id.rfind('-', last - 1);
  if (middle == std::string_view::npos || middle == 0) return std::nullopt;
  const auto partition = parse_number<std::int32_t>(id.substr(middle + 1, last - middle - 1));
  const auto base = parse_number<std::int64_t>(id.substr(last + 1));
  if (!partition || !base) return std::nullopt;
  return SegmentName{.topic = std::string(id.substr(0, middle)),
                     .partition = model::PartitionIndex(*partition),
                     .base = model::Offset(*base)};
}

base::Status check_partition(const metadata::Topic& topic, model::PartitionIndex partition) {
  if (partition.value() >= 0 && partition.value() < topic.partition_count) return {};
  return {Errc::kPartitionNotFound,
          "topic " + topic.name + " has no partition " + std::to_string(partition.value())};
}

}  // namespace

std::string segment_id(const StoredSegment& segment) {
  return segment.topic + "-" + std::to_string(segment.partition.value()) + "-" +
         std::to_string(segment.location.offsets.base.value());
}

runtime::Task<base::Result<SegmentPage>> SegmentService::list(
    std::string topic, std::optional<model::PartitionIndex> partition, SegmentsAfter after,
    std::size_t limit) {
  SH_CO_TRY(const cluster::TopicPtr found, co_await ports_.topics.read(topic));
  std::int32_t first = after.partition.value();
  std::int32_t end = found->partition_count;
  if (partition) {
    SH_CO_TRY_OK(check_partition(*found, *partition));
    first = std::max(first, partition->value());
    end = partition->value() + 1;
  }
  SegmentPage page;
  for (std::int32_t index = first; index < end; ++index) {
    const model::TopicPartition key{found->no, model::PartitionIndex(index)};
    const model::Offset from = index == after.partition.value() ? after.offset : model::Offset(0);
    const std::size_t room = limit - page.segments.size();
    SH_CO_TRY(const auto spans, co_await ports_.metadata.list_segments(key, from, room + 1));
    for (const metadata::SpanLocation& span : spans) {
      if (span.offsets.base < from) continue;
      if (page.segments.size() == limit) {
        page.next = SegmentsAfter{.partition = key.partition, .offset = span.offsets.base};
        co_return page;
      }
      page.segments.push_back({.topic = topic, .partition = key.partition, .location = span});
    }
  }
  co_return page;
}

runtime::Task<base::Result<StoredSegment>> SegmentService::find(std::string id) {
  const auto name = parse_segment_id(id);
  if (!name) {
    co_return base::make_error(Errc::kInvalid,
                               "segment id '" + id + "': expected TOPIC-PARTITION-BASE_OFFSET");
  }
  SH_CO_TRY(const cluster::TopicPtr topic, co_await ports_.topics.read(name->topic));
  SH_CO_TRY_OK(check_partition(*topic, name->partition));
  const model::TopicPartition key{topic->no, name->partition};
  auto location = co_await ports_.metadata.find_segment(key, name->base);
  if (location && location->offsets.base == name->base) {
    co_return StoredSegment{
        .topic = name->topic, .partition = name->partition, .location = *std::move(location)};
  }
  if (!location && location.error().code != Errc::kNotFound) co_return location.error();
  co_return base::make_error(Errc::kNotFound, "segment " + id + " does not exist");
}

runtime::Task<base::Result<SegmentPart>> SegmentService::read(StoredSegment segment,
                                                              model::Offset from,
                                                              std::size_t bytes_max) {
  SH_CO_TRY(const cluster::TopicPtr topic, co_await ports_.topics.get(segment.topic));
  const model::TopicPartition key{topic->no, segment.partition};
  std::optional<base::Error> damage;
  if (segment.location.offsets.contains(from)) {
    auto part = co_await read_at(key, segment.location, from, bytes_max);
    if (part || part.error().code != Errc::kCorrupt) co_return part;
    damage = part.error();
  }
  SH_CO_TRY(const metadata::SpanLocation now, co_await find_again(key, from));
  // Named still, so nobody has removed or replaced it.
  if (damage && now.object_key == segment.location.object_key) co_return *damage;
  co_return co_await read_at(key, now, from, bytes_max);
}

runtime::Task<base::Result<SegmentPart>> SegmentService::read_at(model::TopicPartition key,
                                                                 metadata::SpanLocation location,
                                                                 model::Offset from,
                                                                 std::size_t bytes_max) {
  blockcache::SpanRead wanted{.object_key = location.object_key,
                              .object_size = location.object_size,
                              .partition = key,
                              .span = location.offsets,
                              .from = from,
                              .bytes_max = bytes_max};
  SH_CO_TRY(auto batches, co_await ports_.blocks.read(std::move(wanted)));
  co_return SegmentPart{.location = std::move(location), .batches = std::move(batches)};
}

/// The deletion grace covers one read, not a walk through a large segment: what it was to read
/// next may have been compacted or deleted meanwhile.
runtime::Task<base::Result<metadata::SpanLocation>> SegmentService::find_again(
    model::TopicPartition key, model::Offset offset) {
  auto found = co_await ports_.metadata.find_segment(key, offset);
  if (found || found.error().code != Errc::kNotFound) co_return found;
  SH_CO_TRY(const metadata::Partition row, co_await ports_.metadata.get_partition(key));
  if (offset >= row.log_start) co_return found;
  co_return base::make_error(Errc::kInvalidOffset,
                             "offset " + std::to_string(offset.value()) + " of partition " +
                                 to_string(key) + " was deleted meanwhile: the log starts at " +
                                 std::to_string(row.log_start.value()));
}

runtime::Task<base::Result<ObjectPage>> SegmentService::objects(std::string after,
                                                                std::size_t limit) {
  const std::size_t rows_max = limit + 1;
  SH_CO_TRY(std::vector<StoredObject> all, co_await flushed_objects(after, rows_max));
  SH_CO_TRY(const auto rows, co_await ports_.metadata.list_objects(after, rows_max));
  for (const metadata::ObjectRow& row : rows) {
    StoredObject object{.key = row.key, .level = row.level, .state = row.state, .size = row.size};
    if (row.state == metadata::ObjectState::kDead) object.dead_ms = row.dead_ms;
    all.push_back(std::move(object));
  }
  std::ranges::sort(all, {}, &StoredObject::key);
  ObjectPage page{.objects = std::move(all), .more = false};
  page.more = page.objects.size() > limit;
  if (page.more) page.objects.resize(limit);
  co_return page;
}

/// Objects that commit rows name, which have no row of their own until they are dead: the first
/// `limit` behind `after`. Logs are not in the order of keys, so all are read; no more is kept.
runtime::Task<base::Result<std::vector<StoredObject>>> SegmentService::flushed_objects(
    std::string after, std::size_t limit) {
  std::vector<StoredObject> objects;
  model::SessionId session{0};
  while (true) {
    SH_CO_TRY(const auto sessions, co_await ports_.metadata.list_sessions(session, kRowsPerPage));
    for (const metadata::Session& one : sessions) {
      session = one.id;
      model::Seq seq{0};
      bool more = true;
      while (more) {
        SH_CO_TRY(const auto rows, co_await ports_.metadata.tail(one.id, seq, kRowsPerPage));
        for (const metadata::LogRow& row : rows) {
          seq = row.seq;
          if (row.kind != metadata::RowKind::kCommit) continue;
          std::string key = segment::object_key(one.id, row.seq);
          if (key <= after) continue;
          objects.push_back(
              {.key = std::move(key), .size = row.object_size, .created_ms = row.created_ms});
          std::ranges::push_heap(objects, {}, &StoredObject::key);
          if (objects.size() <= limit) continue;
          std::ranges::pop_heap(objects, {}, &StoredObject::key);
          objects.pop_back();
        }
        more = rows.size() == kRowsPerPage;
      }
    }
    if (sessions.size() < kRowsPerPage) co_return objects;
  }
}

}  // namespace streamhouse::service
