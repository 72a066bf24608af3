#include "metadata/sql/migration.h"

#include <algorithm>

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

constexpr std::string_view kSpaces = " \t\r\n";

/// Where what begins at `at` ends: a comment, something quoted, or a single character.
std::size_t end_of_piece(std::string_view script, std::size_t at) {
  const auto behind = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = script.find(mark, from);
    return found == std::string_view::npos ? script.size() : found + mark.size();
  };
  if (script.substr(at).starts_with("--")) return behind("\n", at);
  if (script[at] == '\'' || script[at] == '"') return behind(script.substr(at, 1), at + 1);
  return at + 1;
}

/// Without the spaces and comments before it.
std::string_view without_lead(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    if (!text.starts_with("--")) return text;
    text.remove_prefix(end_of_piece(text, 0));
  }
}

}  // namespace

std::vector<std::string_view> statements_of(std::string_view script) {
  std::vector<std::string_view> statements;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= script.size();) {
    if (at < script.size() && script[at] != ';') {
      at = end_of_piece(script, at);
      continue;
    }
    const std::string_view statement = without_lead(script.substr(begin, at - begin));
    if (!statement.empty()) statements.push_back(statement);
    begin = ++at;
  }
  return statements;
}

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
