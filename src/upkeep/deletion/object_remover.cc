#include "upkeep/deletion/object_remover.h"

#include <algorithm>

#include "segment/layout/object_frame.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

using base::Result;
using base::Status;
using runtime::Task;

namespace {

constexpr std::size_t kObjectsPerPage = 500;

std::int64_t milliseconds(runtime::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// Of `count` objects that are left. `why`: what the store said of the first, if it was asked.
base::Error not_now(std::size_t count, const std::optional<base::Error>& why) {
  std::string text = std::to_string(count) + " objects could not be removed now";
  if (why) text += ": " + why->text;
  return base::make_error(base::Errc::kUnavailable, std::move(text));
}

}  // namespace

Task<Status> ObjectRemover::remove_dead() {
  while (!over()) {
    SH_CO_TRY_OK(co_await ports_.session.check_no_loss());
    SH_CO_TRY(const metadata::DatabaseMs now, co_await ports_.metadata.database_now());
    const metadata::DatabaseMs dead_before = now - milliseconds(grace_);
    SH_CO_TRY(const auto dead, co_await ports_.metadata.list_dead(dead_before, kObjectsPerPage));
    std::vector<std::string> keys;
    for (const metadata::ObjectRow& row : dead) keys.push_back(row.key);
    TrimMarks::Covered covered = co_await marks_.cover(std::move(keys));
    Removal removal = co_await remove(std::move(covered.keys));
    if (!removal.refusal) removal.refusal = std::move(covered.refusal);
    const std::size_t left = dead.size() - removal.gone.size();
    if (!removal.gone.empty()) {
      SH_CO_TRY_OK(co_await ports_.metadata.forget_objects(std::move(removal.gone)));
    }
    if (left > 0) co_return not_now(left, removal.refusal);
    if (dead.size() < kObjectsPerPage) break;
  }
  co_return Status{};
}

/// What could not be removed now stays for the next round.
Task<ObjectRemover::Removal> ObjectRemover::remove(std::vector<std::string> keys) {
  Removal removal;
  std::size_t asked = 0;
  for (std::size_t at = 0; at < keys.size() && !over(); at += asked) {
    asked = std::min(keys.size() - at, ports_.objects.removals_per_request());
    std::vector<std::string> some(&keys[at], &keys[at] + asked);
    const auto removed = co_await remove_some(std::move(some));
    if (!removed && !removal.refusal) removal.refusal = removed.error();
    for (std::size_t i = 0; removed && i < asked; ++i) {
      const Status& one = (*removed)[i];
      if (one) removal.gone.push_back(keys[at + i]);
      if (!one && !removal.refusal) removal.refusal = one.error();
    }
  }
  removed_ += removal.gone.size();
  co_return removal;
}

/// By one request.
Task<Result<std::vector<Status>>> ObjectRemover::remove_some(std::vector<std::string> keys) {
  if (keys.size() > 1) co_return co_await ports_.objects.remove_many(std::move(keys));
  Status removed = co_await ports_.objects.remove(std::move(keys.front()));
  co_return std::vector<Status>{std::move(removed)};
}

Task<Status> ObjectRemover::remove_all(std::vector<std::string> keys) {
  const std::size_t count = keys.size();
  const Removal removal = co_await remove(std::move(keys));
  const std::size_t left = count - removal.gone.size();
  if (left > 0) co_return not_now(left, removal.refusal);
  co_return Status{};
}

/// The names are read before the keys: after the seal no name is added.
Task<Result<bool>> ObjectRemover::sweep(model::SessionId session) {
  SH_CO_TRY(auto named, co_await ports_.metadata.named_objects(session));
  if (!named.seal) co_return false;
  SweepPlanner planner(session, std::move(named));
  const std::string prefix = segment::session_prefix(session);
  std::string after;
  for (bool more = true; more && !over();) {
    SH_CO_TRY(const auto page, co_await ports_.objects.list(prefix, after, kObjectsPerPage));
    for (const objectstore::ObjectInfo& object : page.objects) planner.look_at(object.key);
    if (!page.objects.empty()) after = page.objects.back().key;
    more = page.more;
  }
  SH_CO_TRY_OK(co_await check_seal(&planner));
  SH_CO_TRY(auto garbage, planner.garbage());
  SH_CO_TRY_OK(co_await remove_all(std::move(garbage)));
  co_return true;
}

/// What was put and never committed knows of no commit at the seal or behind it.
Task<Status> ObjectRemover::check_seal(const SweepPlanner* planner) {
  const auto& key = planner->newest_behind_seal();
  if (!key) co_return Status{};
  const auto bytes = co_await ports_.objects.get(*key, {0, segment::kHeaderSize});
  if (!bytes && bytes.error().code == base::Errc::kNotFound) co_return Status{};  // swept already
  SH_CO_TRY_OK(bytes);
  SH_CO_TRY(const segment::ObjectHeader header, segment::decode_header(*key, *bytes));
  co_return planner->check_seal(header.known_committed);
}

Task<Status> ObjectRemover::sweep_compacted(std::set<model::SessionId> sealed) {
  CompactedSweepPlanner planner(std::move(sealed));
  std::string after(segment::kCompactedPrefix);
  for (bool more = true; more && !over();) {
    SH_CO_TRY(const auto rows, co_await ports_.metadata.list_objects(after, kObjectsPerPage));
    planner.set_rows(rows);
    more = rows.size() == kObjectsPerPage;
    const std::string upto = more ? rows.back().key : std::string();
    SH_CO_TRY_OK(co_await look_at_compacted(after, upto, &planner));
    after = upto;
  }
  if (over()) co_return Status{};
  SH_CO_TRY(auto garbage, planner.garbage());
  co_return co_await remove_all(std::move(garbage));
}

/// The keys after `after` up to `upto`; up to the last if that is empty.
Task<Status> ObjectRemover::look_at_compacted(std::string after, std::string upto,
                                              CompactedSweepPlanner* planner) {
  const std::string prefix(segment::kCompactedPrefix);
  while (true) {
    SH_CO_TRY(const auto page, co_await ports_.objects.list(prefix, after, kObjectsPerPage));
    for (const objectstore::ObjectInfo& object : page.objects) {
      if (!upto.empty() && object.key > upto) co_return Status{};
      planner->look_at(object.key);
    }
    if (!page.more || page.objects.empty() || over()) co_return Status{};
    after = page.objects.back().key;
  }
}

}  // namespace streamhouse::upkeep
