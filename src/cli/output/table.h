#pragma once
/// \file  Text in columns, for people.

#include <string>
#include <utility>
#include <vector>

namespace google::protobuf {
class Message;
}

namespace streamhouse::cli {

/// A header, always shown, and rows below it. A column whose cells are all numbers stands to the
/// right. Control characters in a cell are written as escapes: a row is a line.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  /// Requires: as many cells as the header has.
  void add_row(std::vector<std::string> cells);
  std::string render() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// A row for each message of `list`'s repeated field `field`, a column for each name in `columns`
/// (empty = every field of those messages): the field's name in capitals, `-` where a value is
/// absent, `key=value,...` for a map.
/// Requires: the fields exist.
Table table_of(const google::protobuf::Message& list, const std::string& field,
               const std::vector<std::string>& columns = {});

}  // namespace streamhouse::cli
