#include "upkeep/fsck/fsck.h"

#include <algorithm>

#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"
#include "upkeep/fsck/partition_check.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Status;
using metadata::row_name;
using runtime::Task;

namespace {

constexpr std::size_t kRowsPerPage = 500;
/// Partitions whose spans are loaded at once.
constexpr std::size_t kPartitionsPerSnapshot = 100;
constexpr std::size_t kFindingsPerReport = 100;
constexpr std::int64_t kObjectsPerReport = 200;

/// Damage of the metadata is something to report, not a reason to stop.
bool is_damage(const base::Error& error) { return error.code == Errc::kCorrupt; }

Finding damage(const base::Error& error) { return {.invariant = "R5", .detail = error.text}; }

}  // namespace

Task<Status> Fsck::run() {
  SH_CO_TRY(const metadata::ClusterInfo info, co_await ports_.metadata.cluster_info());
  cluster_ = info.cluster_id.bytes;
  SH_CO_TRY_OK(co_await read_partitions());
  SH_CO_TRY_OK(co_await check_sessions());
  SH_CO_TRY_OK(co_await check_compacted());
  SH_CO_TRY_OK(co_await check_partitions());
  co_return co_await report();
}

/// Before the logs: what a row says then, the logs hold at least.
Task<Status> Fsck::read_partitions() {
  model::TopicNo after{0};
  while (true) {
    SH_CO_TRY(const auto topics, co_await ports_.metadata.list_topics(after, kRowsPerPage));
    for (const metadata::Topic& topic : topics) {
      after = topic.no;
      topics_.emplace(topic.no, topic.name);
      auto rows = co_await ports_.metadata.list_partitions(topic.no);
      if (!rows && rows.error().code == Errc::kTopicNotFound) continue;  // purged meanwhile
      if (!rows) co_return rows.error();
      for (metadata::Partition& row : *rows) {
        row.producers = {};
        rows_.push_back(std::move(row));
      }
    }
    if (topics.size() < kRowsPerPage) co_return Status{};
  }
}

Task<Status> Fsck::check_sessions() {
  model::SessionId after = model::kNoSession;
  while (true) {
    SH_CO_TRY(const auto sessions, co_await ports_.metadata.list_sessions(after, kRowsPerPage));
    for (const metadata::Session& session : sessions) {
      after = session.id;
      const Status checked = co_await check_session(session);
      if (!checked && !is_damage(checked.error())) co_return checked;
      if (!checked) add({damage(checked.error())});
      SH_CO_TRY_OK(co_await report_if_due());
    }
    if (sessions.size() < kRowsPerPage) co_return Status{};
  }
}

/// The checkpoint before the log: what it covers, the log holds at least.
Task<Status> Fsck::check_session(metadata::Session session) {
  const auto checkpoint = co_await ports_.metadata.get_checkpoint(session.id);
  if (!checkpoint && !is_damage(checkpoint.error())) co_return checkpoint.error();
  if (!checkpoint) add({damage(checkpoint.error())});
  SH_CO_TRY_OK(co_await check_log(session));
  SH_CO_TRY_OK(co_await check_names(session.id));
  if (!checkpoint || !*checkpoint) co_return Status{};
  for (const auto& entry : (*checkpoint)->partitions) checkpointed_[entry.partition].take(entry);
  co_return co_await check_covered(session.id, (*checkpoint)->upto_seq);
}

Task<Status> Fsck::check_log(metadata::Session session) {
  LogCheck log(session);
  segment::SpanTable spans;
  while (true) {
    const model::Seq after = log.next() - 1;
    SH_CO_TRY(const auto rows, co_await ports_.metadata.tail(session.id, after, kRowsPerPage));
    for (const metadata::LogRow& row : rows) {
      if (row.seq != log.next()) {
        SH_CO_TRY_OK(co_await check_gap(session, &log, row.seq));
      }
      add(log.take(row, spans));
      for (const segment::Span& span : spans) coverage_.add(span);
      if (row.kind == metadata::RowKind::kCommit) {
        SH_CO_TRY_OK(co_await check_commit(session.id, row, std::move(spans)));
      }
      SH_CO_TRY_OK(co_await report_if_due());
    }
    if (rows.size() < kRowsPerPage) break;
  }
  if (session.state != metadata::SessionState::kLive && !log.sealed()) {
    add({{.invariant = "F5", .detail = "session " + to_string(session.id) + " has lost its seal"}});
  }
  co_return Status{};
}

/// A gap that a trim has left meanwhile is none.
Task<Status> Fsck::check_gap(metadata::Session session, LogCheck* log, model::Seq found) {
  SH_CO_TRY(const metadata::Session now, co_await ports_.metadata.get_session(session.id));
  const model::Seq missing = std::max(log->next(), now.trimmed_to + 1);
  log->skip_to(found);
  if (missing >= found) co_return Status{};
  add({{.invariant = "W7",
        .object = segment::object_key(session.id, missing),
        .detail = row_name(session.id, missing) + " is missing, row " +
                  std::to_string(found.value()) + " is there"}});
  co_return Status{};
}

/// No object that a row names may be marked dead: it would be deleted.
Task<Status> Fsck::check_names(model::SessionId session) {
  SH_CO_TRY(const metadata::NamedObjects named, co_await ports_.metadata.named_objects(session));
  for (const std::string& key : named.dead) {
    const auto name = segment::parse_key(key);
    const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
    if (flush == nullptr || flush->session != session) continue;
    if (!std::ranges::binary_search(named.commits, flush->seq)) continue;
    add({{.invariant = "S1",
          .object = key,
          .detail = row_name(session, flush->seq) + " names an object that is marked dead"}});
  }
  co_return Status{};
}

/// What a checkpoint covers, a take-over does not read again: it must have been there.
Task<Status> Fsck::check_covered(model::SessionId session, model::Seq upto) {
  SH_CO_TRY(const auto rows, co_await ports_.metadata.tail(session, upto - 1, 1));
  const bool there =
      !rows.empty() && rows.front().seq == upto && rows.front().kind != metadata::RowKind::kSeal;
  if (there) co_return Status{};
  SH_CO_TRY(const metadata::Session now, co_await ports_.metadata.get_session(session));
  if (now.trimmed_to >= upto) co_return Status{};
  add({{.invariant = "L4",
        .detail = "the checkpoint of session " + to_string(session) + " covers row " +
                  std::to_string(upto.value()) + ", which the log does not hold"}});
  co_return Status{};
}

Task<Status> Fsck::check_commit(model::SessionId session, metadata::LogRow row,
                                segment::SpanTable spans) {
  ObjectCheck check(ports_.objects, {.key = segment::object_key(session, row.seq),
                                     .size = row.object_size,
                                     .cluster = cluster_,
                                     .crc = row.crc,
                                     .span_table = row.payload});
  SH_CO_TRY_OK(co_await check.run());
  count(check, row.object_size);
  if (!check.finding()) co_return Status{};
  SH_CO_TRY(const bool named, co_await still_named(session, row.seq));
  if (!named) co_return Status{};
  Finding finding = *check.finding();
  if (!finding.partition && !spans.empty()) {
    finding.partition = spans.front().partition;
    finding.offset = spans.front().offsets.base;
  }
  add({std::move(finding)});
  co_return Status{};
}

Task<base::Result<bool>> Fsck::still_named(model::SessionId session, model::Seq seq) {
  SH_CO_TRY(const auto rows, co_await ports_.metadata.tail(session, seq - 1, 1));
  co_return !rows.empty() && rows.front().seq == seq;
}

Task<Status> Fsck::check_partitions() {
  std::vector<model::TopicPartition> keys;
  for (const metadata::Partition& row : rows_) {
    const Checkpointed& shown = checkpointed_[row.key];
    if (coverage_.agrees_with(row, shown)) continue;
    keys.push_back(row.key);
    if (keys.size() == kPartitionsPerSnapshot) {
      SH_CO_TRY_OK(co_await check_snapshots(std::exchange(keys, {})));
    }
  }
  co_return co_await check_snapshots(std::move(keys));
}

Task<Status> Fsck::check_snapshots(std::vector<model::TopicPartition> keys) {
  if (keys.empty()) co_return Status{};
  const auto loaded = co_await ports_.metadata.load_partitions(std::move(keys));
  if (!loaded && !is_damage(loaded.error())) co_return loaded.error();
  if (!loaded) add({damage(loaded.error())});
  if (loaded) {
    for (const metadata::LoadedPartition& one : *loaded) {
      add(check_partition(one, checkpointed_[one.row.key]));
    }
    SH_CO_TRY_OK(co_await check_segments(&*loaded));
  }
  co_return co_await report_if_due();
}

void Fsck::count(const ObjectCheck& check, std::uint64_t size) {
  if (!check.exists()) return;
  ++counts_.objects;
  counts_.records += check.records();
  counts_.bytes += static_cast<std::int64_t>(size);
}

void Fsck::add(Findings found) {
  for (Finding& finding : found) {
    const auto topic = finding.partition ? topics_.find(finding.partition->topic) : topics_.end();
    if (topic != topics_.end()) finding.topic = topic->second;
    found_.push_back(std::move(finding));
  }
}

Task<Status> Fsck::report_if_due() {
  const bool due = found_.size() >= kFindingsPerReport ||
                   counts_.objects - reported_objects_ >= kObjectsPerReport;
  if (!due) co_return Status{};
  co_return co_await report();
}

Task<Status> Fsck::report() {
  reported_objects_ = counts_.objects;
  co_return co_await sink_.report(counts_, std::exchange(found_, {}));
}

}  // namespace streamhouse::upkeep
