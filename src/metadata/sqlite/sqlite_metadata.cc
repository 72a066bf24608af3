#include "metadata/sqlite/sqlite_metadata.h"

#include <filesystem>
#include <system_error>

#include "metadata/sqlite/driver/migrations.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kHasCluster = "SELECT 1 FROM sh_cluster WHERE key = 'cluster_id'";
constexpr std::string_view kInsertCluster = "INSERT INTO sh_cluster (key, value) VALUES (?1, ?2)";

Status make_parent_directories(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (parent.empty()) return {};
  std::error_code failure;
  std::filesystem::create_directories(parent, failure);
  if (!failure) return {};
  return make_error(Errc::kUnavailable, "directory " + parent.string() + ": " + failure.message());
}

/// Gives a new database its identity.
Status found_cluster(Connection& db, const model::TopicId& cluster_id, DatabaseMs now) {
  return db.transaction([&]() -> Status {
    SH_TRY(const auto founded, db.value<int>(kHasCluster));
    if (founded) return {};
    SH_TRY_OK(db.execute(kInsertCluster, "cluster_id", cluster_id));
    SH_TRY_OK(db.execute(kInsertCluster, "created_at", now));
    return {};
  });
}

}  // namespace

SqliteMetadata::SqliteMetadata(std::optional<DatabaseLock> lock,
                               std::unique_ptr<Connection> connection, DatabaseMs now)
    : lock_(std::move(lock)), connection_(std::move(connection)), now_(now) {}

Result<std::unique_ptr<SqliteMetadata>> SqliteMetadata::open(const SqliteOptions& options,
                                                             DatabaseMs now) {
  SH_TRY_OK(make_parent_directories(options.path));
  SH_TRY(DatabaseLock lock, DatabaseLock::acquire(options.path, options.holder));
  SH_TRY(auto connection, Connection::open(options.path, OpenMode::kReadWrite, options.vfs));
  SH_TRY_OK(migrate(*connection, embedded_migrations(), now));
  SH_TRY_OK(found_cluster(*connection, options.new_cluster_id, now));
  return std::make_unique<SqliteMetadata>(std::move(lock), std::move(connection), now);
}

Result<std::unique_ptr<SqliteMetadata>> SqliteMetadata::open_read_only(const SqliteOptions& options,
                                                                       DatabaseMs now) {
  SH_TRY(auto connection, Connection::open(options.path, OpenMode::kReadOnly, options.vfs));
  SH_TRY_OK(check_migrated(*connection, embedded_migrations()));
  return std::make_unique<SqliteMetadata>(std::nullopt, std::move(connection), now);
}

}  // namespace streamhouse::metadata
