#include "metadata/sqlite/tables/changes.h"

namespace streamhouse::metadata::sqlite {
namespace {

constexpr std::int64_t kChangesKept = 100'000;
constexpr std::int64_t kForgetEvery = 1'000;

constexpr std::string_view kInsert =
    "INSERT INTO sh_changes (kind, key, created_at) VALUES (?1, ?2, ?3) RETURNING version";
constexpr std::string_view kForget = "DELETE FROM sh_changes WHERE version <= ?1";

}  // namespace

Status add_change(Connection& db, ChangeKind kind, std::string_view key, DatabaseMs now) {
  SH_TRY(const auto version, db.value<std::int64_t>(kInsert, kind, key, now));
  if (*version % kForgetEvery == 0) SH_TRY_OK(db.execute(kForget, *version - kChangesKept));
  return {};
}

Status add_topic_change(Connection& db, model::TopicNo topic, DatabaseMs now) {
  return add_change(db, ChangeKind::kTopic, std::to_string(topic.value()), now);
}

Status add_lease_change(Connection& db, TopicPartition key, DatabaseMs now) {
  return add_change(db, ChangeKind::kLease, to_string(key), now);
}

}  // namespace streamhouse::metadata::sqlite
