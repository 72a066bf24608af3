// Reading every row of the database.
#include "metadata/sql/every_row.h"
#include "metadata/sqlite/sqlite_metadata.h"

namespace streamhouse::metadata {

using namespace sqlite;

namespace {

constexpr std::string_view kClusterValue = "SELECT value FROM sh_cluster WHERE key = ?1";
constexpr std::string_view kNewestTopicNo =
    "SELECT seq FROM sqlite_sequence WHERE name = 'sh_topics'";

/// Passes what `read` makes of each row to the sink; `read` returns a row or a Result of one.
template <class Read>
Status pass(Connection& db, RowSink& sink, std::string_view sql, Read read) {
  const auto visit = [&](Row row) -> Result<Next> {
    SH_TRY(auto value, Result<ValueRead<Read>>(read(row)));
    SH_TRY_OK(sink.take(std::move(value)));
    return Next::kContinue;
  };
  return db.each(sql, visit);
}

Result<ClusterRow> read_cluster(Connection& db) {
  ClusterRow row;
  SH_TRY(const auto id, db.value<model::TopicId>(kClusterValue, "cluster_id"));
  SH_TRY(const auto created, db.value<DatabaseMs>(kClusterValue, "created_at"));
  SH_TRY(const auto producer, db.value<model::ProducerId>(kClusterValue, "next_producer_id"));
  SH_TRY(const auto topic, db.value<model::TopicNo>(kNewestTopicNo));
  if (!id) return {base::Errc::kCorrupt, db.path() + ": has no cluster id"};
  row.cluster = {.cluster_id = *id, .created_ms = created.value_or(0)};
  row.topic_no_latest = topic.value_or(model::TopicNo(0));
  row.producer_id_next = producer.value_or(model::ProducerId(0));
  return row;
}

}  // namespace

Status SqliteMetadata::read_rows(const std::shared_ptr<RowSink>& sink) {
  return db().snapshot([&]() -> Status {
    SH_TRY_OK(sink->begin());
    SH_TRY(const ClusterRow cluster, read_cluster(db()));
    SH_TRY_OK(sink->take(cluster));
    return pass_every_row<Row>(
        [&](std::string_view sql, auto read) { return pass(db(), *sink, sql, read); });
  });
}

}  // namespace streamhouse::metadata
