#include "metadata/postgres/tables/changes.h"

#include "metadata/postgres/driver/chunks.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::int64_t kChangesKept = 100'000;
constexpr std::int64_t kForgetEvery = 1'000;

constexpr std::string_view kAdvance =
    "UPDATE sh_counters SET value = value + $1 WHERE name = 'change' RETURNING value";
constexpr std::string_view kInsert =
    "INSERT INTO sh_changes (version, kind, key, created_at)"
    " SELECT $3 + c.place, $1, c.key, $2 FROM unnest($4) WITH ORDINALITY AS c (key, place)";
constexpr std::string_view kForget = "DELETE FROM sh_changes WHERE version <= $1";

}  // namespace

Status add_changes(Connection& db, ChangeKind kind, const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  const auto count = static_cast<std::int64_t>(keys.size());
  SH_TRY(const auto advanced, db.value<std::int64_t>(kAdvance, count));
  if (!advanced) return {base::Errc::kCorrupt, db.target() + ": has no change counter"};
  std::int64_t newest = *advanced - count;
  const auto insert = [&](std::span<const std::string> part) -> Status {
    const std::vector<std::string_view> texts(part.begin(), part.end());
    SH_TRY_OK(db.execute(kInsert, kind, db.now(), newest, texts));
    newest += static_cast<std::int64_t>(part.size());
    return {};
  };
  SH_TRY_OK(in_chunks(std::span<const std::string>(keys), insert));
  if (*advanced / kForgetEvery > (*advanced - count) / kForgetEvery)
    SH_TRY_OK(db.execute(kForget, *advanced - kChangesKept));
  return {};
}

Status add_change(Connection& db, ChangeKind kind, const std::string& key) {
  return add_changes(db, kind, {key});
}

Status add_topic_change(Connection& db, model::TopicNo topic) {
  return add_change(db, ChangeKind::kTopic, std::to_string(topic.value()));
}

Status add_lease_changes(Connection& db, const std::vector<TopicPartition>& keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const TopicPartition& key : keys) texts.push_back(to_string(key));
  return add_changes(db, ChangeKind::kLease, texts);
}

}  // namespace streamhouse::metadata::postgres
