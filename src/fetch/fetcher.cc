#include "fetch/fetcher.h"

#include <algorithm>

namespace streamhouse::fetch {
namespace {

using base::Errc;

/// How long a fetch waits for the index of a partition that was just taken over, or for the
/// heartbeat of rule P14.
constexpr auto kPatience = std::chrono::seconds(5);

base::Error not_led() { return base::make_error(Errc::kNotLeader, "not led here"); }

base::Error out_of_range(const partition::PartitionLog& log, model::Offset offset) {
  return base::make_error(Errc::kInvalidOffset,
                          "offset " + std::to_string(offset.value()) + " lies outside [" +
                              std::to_string(log.log_start().value()) + ", " +
                              std::to_string(log.high_watermark().value()) + "]");
}

}  // namespace

base::Result<Fetcher::Log> Fetcher::find_led(model::TopicPartition key) const {
  auto log = ports_.partitions.find(key);
  if (!log) return not_led();
  return log;
}

runtime::Task<base::Result<Fetched>> Fetcher::fetch(FetchRequest request) {
  SH_CO_TRY(const Log log, find_led(request.key));
  SH_CO_TRY_OK(co_await check_range(log, request.offset));
  SH_CO_TRY_OK(co_await wait_for_data(log, request));
  co_return co_await read(log, request);
}

/// Rule P14: an offset above my high watermark may be one that a newer leader has committed.
runtime::Task<base::Status> Fetcher::check_range(Log log, model::Offset offset) {
  if (offset > log->high_watermark()) {
    const bool confirmed = co_await ports_.session.confirm(kPatience);
    // A release that is queued may be written already, and somebody else lead on.
    const bool led = confirmed && log->state() == partition::LogState::kLeading;
    if (!led) co_return base::Status(not_led());
  }
  if (log->state() == partition::LogState::kClosed) co_return base::Status(not_led());
  const bool inside = log->log_start() <= offset && offset <= log->high_watermark();
  if (!inside) co_return base::Status(out_of_range(*log, offset));
  co_return base::Status{};
}

runtime::Task<base::Status> Fetcher::wait_for_data(Log log, FetchRequest request) {
  while (request.offset >= log->high_watermark()) {
    const runtime::Woken woken = co_await log->changed().wait_until(request.deadline);
    if (log->state() == partition::LogState::kClosed) co_return base::Status(not_led());
    if (woken == runtime::Woken::kDeadline) break;
  }
  co_return base::Status{};
}

runtime::Task<base::Result<Fetched>> Fetcher::read(Log log, FetchRequest request) {
  if (request.offset < log->log_start()) co_return out_of_range(*log, request.offset);
  Fetched fetched{.high_watermark = log->high_watermark(), .log_start = log->log_start()};
  if (request.offset >= fetched.high_watermark) co_return fetched;
  fetched.batches = log->read_tail(request.offset, request.bytes_max);
  if (!fetched.batches.empty()) co_return fetched;
  co_return co_await read_store(log, request);
}

runtime::Task<base::Result<Fetched>> Fetcher::read_store(Log log, FetchRequest request) {
  const runtime::MonoTime deadline = ports_.runtime.now() + kPatience;
  std::optional<partition::FoundSpan> found = log->index().find(request.offset);
  if (found) ports_.indexes.answered(*log);
  while (!found) {
    if (log->index_loaded()) co_return out_of_range(*log, request.offset);  // log start moved
    const base::Status indexed = co_await ports_.indexes.loaded(log, deadline);
    if (!indexed) co_return co_await why_unread(log, request.offset, indexed.error());
    found = log->index().find(request.offset);
  }
  blockcache::SpanRead wanted{.object_key = found->object->key,
                              .object_size = found->object->size,
                              .partition = log->key(),
                              .span = found->offsets,
                              .from = request.offset,
                              .bytes_max = request.bytes_max};
  Fetched fetched{.high_watermark = log->high_watermark(),
                  .log_start = log->log_start(),
                  .batches = {},
                  .source = Source::kStore};
  auto batches = co_await ports_.blocks.read(std::move(wanted));
  if (!batches) co_return co_await why_unread(log, request.offset, batches.error());
  fetched.batches = *std::move(batches);
  co_return fetched;
}

/// An object may be gone because a newer leader has moved the log start past it: damage is answered
/// only by a leader that is one.
runtime::Task<base::Error> Fetcher::why_unread(Log log, model::Offset offset, base::Error error) {
  if (error.code == Errc::kCorrupt) {
    const bool confirmed = co_await ports_.session.confirm(kPatience);
    const bool led = confirmed && log->state() == partition::LogState::kLeading;
    if (!led) co_return not_led();
  }
  if (offset < log->log_start()) co_return out_of_range(*log, offset);
  co_return error;
}

/// Led here, with its index.
runtime::Task<base::Result<Fetcher::Log>> Fetcher::find_indexed(model::TopicPartition key) {
  SH_CO_TRY(const Log log, find_led(key));
  const runtime::MonoTime deadline = ports_.runtime.now() + kPatience;
  if (log->index_loaded()) ports_.indexes.answered(*log);
  while (!log->index_loaded()) SH_CO_TRY_OK(co_await ports_.indexes.loaded(log, deadline));
  co_return log;
}

runtime::Task<base::Result<TimestampHit>> Fetcher::find_at(model::TopicPartition key,
                                                           std::int64_t timestamp) {
  SH_CO_TRY(const Log log, co_await find_indexed(key));
  const std::optional<partition::FoundSpan> first = log->index().find_timestamp(timestamp);
  model::Offset offset =
      first ? std::max(first->offsets.base, log->log_start()) : log->high_watermark();
  while (offset < log->high_watermark()) {
    FetchRequest request{.key = key, .offset = offset, .deadline = {}};
    SH_CO_TRY(const Fetched fetched, co_await read(log, request));
    SH_CO_TRY(const TimestampHit hit, find_timestamp(fetched.batches, offset, timestamp));
    if (hit.found) co_return hit;
    offset = hit.offset;
  }
  co_return TimestampHit{.found = false, .offset = log->high_watermark()};
}

runtime::Task<base::Result<TimestampHit>> Fetcher::find_newest(model::TopicPartition key) {
  SH_CO_TRY(const Log log, co_await find_indexed(key));
  const auto newest = log->index().max_timestamp();
  if (!newest) co_return TimestampHit{.found = false, .offset = log->high_watermark()};
  co_return co_await find_at(key, *newest);
}

}  // namespace streamhouse::fetch
