#include "metadata/sql/migration.h"

#include "base/crc32c.h"

namespace streamhouse::metadata {

using base::Errc;

namespace {

base::Error refusal(const std::string& database, const AppliedMigration& applied,
                    std::string_view reason) {
  return base::make_error(Errc::kUnsupported, database + ": migration " +
                                                  std::to_string(applied.version) + " (" +
                                                  applied.name + ") " + std::string(reason));
}

}  // namespace

std::uint32_t Migration::checksum() const { return base::crc32c(base::as_bytes(sql)); }

base::Status check_applied(const std::string& database, std::span<const AppliedMigration> applied,
                           std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= migrations.size() || migrations[i].version != applied[i].version)
      return refusal(database, applied[i], "is unknown to this program: a newer one made it");
    if (migrations[i].checksum() != applied[i].checksum)
      return refusal(database, applied[i], "is another than this program's: it was changed since");
  }
  return {};
}

base::Error not_migrated(const std::string& database, std::size_t applied, std::size_t all) {
  return base::make_error(Errc::kUnsupported, database + ": has " + std::to_string(applied) +
                                                  " of this program's " + std::to_string(all) +
                                                  " migrations: start an agent on it first");
}

}  // namespace streamhouse::metadata
