#pragma once
/// \file  Schema migrations: numbered SQL files of migrations/<dialect>, built into the program.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace streamhouse::metadata {

struct Migration {
  int version;  ///< From the file name, 1, 2, ... without a gap.
  std::string_view name;
  std::string_view sql;
  std::uint32_t checksum() const;
};

/// A migration as a database remembers it, in sh_schema_migrations.
struct AppliedMigration {
  int version = 0;
  std::string name = {};
  std::uint32_t checksum = 0;
};

/// Whether what a database has is the beginning of `migrations`, unchanged. `database` names it.
/// Errors: kUnsupported, naming the migration.
base::Status check_applied(const std::string& database, std::span<const AppliedMigration> applied,
                           std::span<const Migration> migrations);
/// The statements of a script, without the semicolons and comments between them. Semicolons in
/// comments and in quotes of either kind end nothing.
std::vector<std::string_view> statements_of(std::string_view script);

/// The error of a database that is only looked at and has not all migrations.
base::Error not_migrated(const std::string& database, std::size_t applied, std::size_t all);

}  // namespace streamhouse::metadata
