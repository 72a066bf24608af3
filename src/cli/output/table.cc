#include "cli/output/table.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "cli/output/encoding.h"

namespace streamhouse::cli {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

bool is_number(const std::string& cell) {
  const auto digits = cell.starts_with('-') ? cell.substr(1) : cell;
  return std::ranges::all_of(digits, [](char c) { return '0' <= c && c <= '9'; });
}

/// Characters, not bytes: those of UTF-8 beyond the first of a character start with bits 10.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string map_text(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, std::string> sorted;
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
    const auto& type = *entry.GetDescriptor();
    const auto& access = *entry.GetReflection();
    sorted[access.GetString(entry, type.map_key())] = access.GetString(entry, type.map_value());
  }
  std::string text;
  for (const auto& [key, value] : sorted) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  return text.empty() ? "-" : text;
}

std::string cell_text(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_map()) return map_text(message, field);
  if (field.has_presence() && !reflection.HasField(message, &field)) return "-";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::to_string(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::to_string(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_STRING: {
      auto text = reflection.GetString(message, &field);
      return text.empty() ? "-" : text;
    }
    default:
      SH_CHECK(false, "a table shows numbers, texts and maps of texts");
  }
  return {};
}

std::string capitals(std::string text) {
  for (auto& c : text) c = 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  SH_CHECK(cells.size() == header_.size(), "a row has a cell for each column");
  for (auto& cell : cells) cell = one_line(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::render() const {
  std::string text;
  std::vector<std::size_t> widths;
  std::vector<bool> numeric;
  for (std::size_t column = 0; column < header_.size(); ++column) {
    widths.push_back(width(header_[column]));
    numeric.push_back(!rows_.empty());
    for (const auto& row : rows_) {
      widths[column] = std::max(widths[column], width(row[column]));
      numeric[column] = numeric[column] && is_number(row[column]);
    }
  }
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const std::string padding(widths[column] - width(cells[column]), ' ');
      if (column > 0) line += "  ";
      line += numeric[column] ? padding + cells[column] : cells[column] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_line(header_);
  for (const auto& row : rows_) add_line(row);
  return text;
}

Table table_of(const Message& list, const std::string& field,
               const std::vector<std::string>& columns) {
  const auto* const rows = list.GetDescriptor()->FindFieldByName(field);
  SH_CHECK(rows != nullptr && rows->is_repeated(), "a table's rows are a repeated field");
  const auto& type = *rows->message_type();
  std::vector<const FieldDescriptor*> fields;
  for (const auto& name : columns) fields.push_back(type.FindFieldByName(name));
  for (int i = 0; columns.empty() && i < type.field_count(); ++i) fields.push_back(type.field(i));

  std::vector<std::string> header;
  for (const auto* shown : fields) {
    SH_CHECK(shown != nullptr, "a table's column is a field of its rows");
    header.push_back(capitals(shown->name()));
  }
  Table table(std::move(header));
  for (int i = 0; i < list.GetReflection()->FieldSize(list, rows); ++i) {
    const auto& message = list.GetReflection()->GetRepeatedMessage(list, rows, i);
    std::vector<std::string> cells;
    for (const auto* shown : fields) cells.push_back(cell_text(message, *shown));
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace streamhouse::cli
