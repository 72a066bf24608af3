#include "upkeep/rebuild/rebuild.h"

#include <algorithm>
#include <utility>

#include "segment/seal_marker.h"
#include "upkeep/rebuild/rebuild_rows.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

Task<Result<RebuildReport>> Rebuild::run() {
  const bool writes = options_.what == RebuildOptions::Do::kWrite;
  if (writes) {
    SH_CO_TRY_OK(co_await check_target());
  }
  SH_CO_TRY(const BucketFacts facts, co_await reader_.read());
  SH_CO_TRY(RebuildReport report, plan(facts));
  if (!writes) co_return report;
  SH_CO_TRY_OK(check_quiet());
  const bool refused = options_.on_findings == RebuildOptions::OnFindings::kRefuse;
  if (refused && !report.findings.empty()) co_return report;
  SH_CO_TRY_OK(co_await check_target());
  SH_CO_TRY_OK(co_await write(&facts));
  report.written = true;
  co_return report;
}

/// Before the bucket is read, which may take long, and after it; import_metadata has the last word.
Task<Status> Rebuild::check_target() {
  const auto importing = co_await ports_.metadata->get_setting(metadata::kImportMark);
  if (importing) co_return Status{};  // perhaps our own attempt
  if (importing.error().code != Errc::kNotFound) co_return importing.error();
  SH_CO_TRY(const auto topics, co_await ports_.metadata->list_topics(model::TopicNo(0), 1));
  SH_CO_TRY(const auto sessions, co_await ports_.metadata->list_sessions(model::kNoSession, 1));
  SH_CO_TRY(const auto settings, co_await ports_.metadata->list_settings(""));
  if (topics.empty() && sessions.empty() && settings.empty()) co_return Status{};
  co_return base::make_error(Errc::kConflict,
                             "the database is not empty: metadata are rebuilt into a new one");
}

Status Rebuild::check_quiet() const {
  if (options_.agents == RebuildOptions::Agents::kStopped) return {};
  const auto& [key, modified_ms] = reader_.newest();
  if (modified_ms <= options_.now_ms - kQuietMs) return {};
  return {Errc::kConflict, "object " + key +
                               " was written within the last minute: an agent may be at work on "
                               "this object store. Stop all agents, and say so"};
}

Result<RebuildReport> Rebuild::plan(const BucketFacts& facts) {
  RebuildPlan planned = RebuildPlanner(facts).plan();
  metadata::ArchiveWriter writer(ports_.rows);
  SH_TRY_OK(pass_rows(facts, planned, writer));
  SH_TRY(const metadata::ArchiveSummary summary, writer.finish());
  RebuildReport report{.cluster = facts.cluster.cluster_id,
                       .counts = summary.counts,
                       .record_count = planned.record_count,
                       .object_count = reader_.object_count(),
                       .findings = reader_.findings(),
                       .left_out = reader_.left_out()};
  for (const auto& [no, topic] : planned.topics) report.topics.emplace(no, topic.name);
  std::ranges::move(planned.findings, std::back_inserter(report.findings));
  std::ranges::move(planned.left_out, std::back_inserter(report.left_out));
  for (const auto& [session, run] : planned.sessions) {
    const auto known = facts.sessions.find(session);
    const bool sealed =
        known != facts.sessions.end() && (known->second.seal || known->second.has_damaged_seal);
    if (!sealed) unsealed_.emplace_back(session, run.seal);
  }
  return report;
}

/// The markers first: from the moment that an agent may start on the database, objects of these
/// sessions may be removed, and a second rebuild must still know where they ended.
Task<Status> Rebuild::write(const BucketFacts* facts) {
  for (const auto& [session, seal] : unsealed_) {
    std::string key = segment::to_key(segment::SealKey{session});
    objectstore::Chunks marker{
        base::Bytes(segment::encode_seal_marker({facts->cluster.cluster_id.bytes, session, seal}))};
    SH_CO_TRY_OK(co_await ports_.objects.put(std::move(key), std::move(marker)));
  }
  const auto imported = co_await metadata::import_metadata(*ports_.metadata, ports_.archive);
  if (!imported) co_return imported.error();
  co_return Status{};
}

}  // namespace streamhouse::upkeep
