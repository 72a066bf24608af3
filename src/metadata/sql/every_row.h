#pragma once
/// \file  Which rows of the SQL tables an export takes, and in which order (RowSink, archive.h).

#include <string_view>

#include "metadata/archive.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

namespace every_row {

inline constexpr auto kTopics =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics ORDER BY topic_no");
inline constexpr auto kPartitions = sql_text(kSelectPartitions, "ORDER BY p.topic_no, p.partition");
inline constexpr auto kGroups =
    sql_text("SELECT ", kGroupColumns, " FROM sh_groups ORDER BY group_id");
inline constexpr auto kObjects = sql_text(kSelectObjects, "ORDER BY object_key");
inline constexpr auto kSegments =
    sql_text(kSelectSegments, "ORDER BY topic_no, partition, next_offset");
inline constexpr auto kOffsets = sql_text(kSelectOffsets, "ORDER BY group_id, topic_no, partition");
/// Those that count; a store may have others, each as it likes.
inline constexpr auto kFloors =
    sql_text(kSelectFloors,
             "WHERE commit_no > 0 AND leader_epoch = (SELECT p.leader_epoch FROM sh_partitions p"
             " WHERE p.topic_no = sh_group_floors.topic_no"
             " AND p.partition = sh_group_floors.partition) ORDER BY topic_no, partition");
inline constexpr auto kSettings = sql_text(
    "SELECT key, value, version FROM sh_settings WHERE key <> '", kImportMark, "' ORDER BY key");

// Session ids in their unsigned order: the first half, then the second.
inline constexpr auto kSessions =
    sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session >= 0 ORDER BY session");
inline constexpr auto kSessionsAbove =
    sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session < 0 ORDER BY session");
inline constexpr auto kLog = sql_text(kSelectLogRows, "WHERE session >= 0 ORDER BY session, seq");
inline constexpr auto kLogAbove =
    sql_text(kSelectLogRows, "WHERE session < 0 ORDER BY session, seq");
inline constexpr auto kCheckpoints =
    sql_text(kSelectCheckpoints, "WHERE session >= 0 ORDER BY session");
inline constexpr auto kCheckpointsAbove =
    sql_text(kSelectCheckpoints, "WHERE session < 0 ORDER BY session");

}  // namespace every_row

/// Every row after the cluster's. `pass(sql, read)` hands what `read` makes of each selected row to
/// the sink; `read` returns a row or a Result of one. The first error ends it.
template <class Row, class Pass>
Status pass_every_row(const Pass& pass) {
  SH_TRY_OK(pass(every_row::kTopics, read_topic<Row>));
  SH_TRY_OK(pass(every_row::kPartitions, read_partition<Row>));
  SH_TRY_OK(pass(every_row::kSessions, read_session<Row>));
  SH_TRY_OK(pass(every_row::kSessionsAbove, read_session<Row>));
  SH_TRY_OK(pass(every_row::kLog, read_session_log_row<Row>));
  SH_TRY_OK(pass(every_row::kLogAbove, read_session_log_row<Row>));
  SH_TRY_OK(pass(every_row::kCheckpoints, read_session_checkpoint<Row>));
  SH_TRY_OK(pass(every_row::kCheckpointsAbove, read_session_checkpoint<Row>));
  SH_TRY_OK(pass(every_row::kObjects, read_stored_object<Row>));
  SH_TRY_OK(pass(every_row::kSegments, read_stored_segment<Row>));
  SH_TRY_OK(pass(every_row::kGroups, read_group<Row>));
  SH_TRY_OK(pass(every_row::kOffsets, read_stored_offset<Row>));
  SH_TRY_OK(pass(every_row::kFloors, read_group_floor<Row>));
  return pass(every_row::kSettings, read_setting<Row>);
}

}  // namespace streamhouse::metadata
