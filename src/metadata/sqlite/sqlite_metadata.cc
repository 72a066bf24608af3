#include "metadata/sqlite/sqlite_metadata.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "metadata/sqlite/driver/migrations.h"

namespace streamhouse::metadata {

namespace fs = std::filesystem;
using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kHasCluster = "SELECT 1 FROM sh_cluster WHERE key = 'cluster_id'";
constexpr std::string_view kInsertCluster = "INSERT INTO sh_cluster (key, value) VALUES (?1, ?2)";

base::Error directory_error(const fs::path& directory, const std::error_code& failure) {
  return make_error(Errc::kUnavailable,
                    "directory " + directory.string() + ": " + failure.message());
}

/// Makes the names in a directory durable.
Status sync_directory(const fs::path& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = handle >= 0 && fsync(handle) == 0;
  const std::error_code failure(errno, std::generic_category());
  if (handle >= 0) close(handle);
  if (synced) return {};
  return directory_error(directory, failure);
}

/// Makes what is missing of the path; SQLite itself syncs only the directory of its files.
Status make_directories(const fs::path& directory) {
  std::error_code failure;
  if (fs::is_directory(directory, failure)) return {};
  SH_TRY_OK(make_directories(directory.parent_path()));
  fs::create_directory(directory, failure);
  if (failure) return directory_error(directory, failure);
  return sync_directory(directory.parent_path());
}

/// The one path of the file whatever links lead to it, so that all agree on its lock.
Result<fs::path> resolve(const std::string& path) {
  std::error_code failure;
  fs::path resolved = fs::weakly_canonical(fs::absolute(path), failure);
  if (failure) return directory_error(path, failure);
  return resolved;
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
  SH_TRY(const fs::path path, resolve(options.path));
  SH_TRY_OK(make_directories(path.parent_path()));
  SH_TRY(DatabaseLock lock, DatabaseLock::acquire(path, options.holder));
  SH_TRY(auto connection, Connection::open(path, OpenMode::kReadWrite, options.vfs));
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
