// Reading every row of the database.
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/visible_watermarks.h"
#include "metadata/sql/every_row.h"

namespace streamhouse::metadata {

using namespace postgres;

namespace {

constexpr std::string_view kCluster =
    "SELECT cluster_id, created_at, (SELECT value FROM sh_counters WHERE name = 'topic_no'),"
    " (SELECT value FROM sh_counters WHERE name = 'producer_id') FROM sh_cluster WHERE id = 1";

using VisibleOfAll = std::map<SessionId, VisibleWatermarks>;

void raise_visible(const VisibleOfAll& visible, Partition& row) {
  const auto found = visible.find(row.owner);
  if (found != visible.end()) row.visible_high_watermark = visible_for(found->second, row);
}

/// Passes what `read` makes of each row to the sink; `read` returns a row or a Result of one.
template <class Read>
Status pass(Connection& db, RowSink& sink, const VisibleOfAll& visible, std::string_view sql,
            Read read) {
  const auto visit = [&](Row row) -> Status {
    SH_TRY(auto value, Result<ValueRead<Read>>(read(row)));
    if constexpr (std::is_same_v<decltype(value), Partition>) raise_visible(visible, value);
    return sink.take(std::move(value));
  };
  return db.stream(sql, visit);
}

/// Reading a large table takes its time; each row that arrives shows that the server is there.
Status take_time(Connection& db) {
  if (db.dialect().lift_timeout.empty()) return {};
  return db.run_script(db.dialect().lift_timeout);
}

ClusterRow read_cluster(Row row) {
  ClusterRow cluster;
  row.read_from(0, cluster.cluster.cluster_id, cluster.cluster.created_ms, cluster.topic_no_latest,
                cluster.producer_id_next);
  return cluster;
}

}  // namespace

Status PostgresMetadata::read_rows(const std::shared_ptr<RowSink>& sink) {
  return db().snapshot([&]() -> Status {
    SH_TRY_OK(take_time(db()));
    SH_TRY_OK(sink->begin());
    SH_TRY(const auto cluster, db().first(kCluster, read_cluster));
    if (!cluster) return {base::Errc::kCorrupt, db().target() + ": has no cluster id"};
    SH_TRY_OK(sink->take(*cluster));
    SH_TRY(const VisibleOfAll visible, visible_of_all(db()));
    return pass_every_row<Row>(
        [&](std::string_view sql, auto read) { return pass(db(), *sink, visible, sql, read); });
  });
}

}  // namespace streamhouse::metadata
