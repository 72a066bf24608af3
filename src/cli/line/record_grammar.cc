#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/line/grammar_parts.h"

namespace streamhouse::cli {

namespace {

base::Result<std::string> readable_path(const std::string& word) {
  if (word == "-" || ::access(word.c_str(), R_OK) == 0) return word;
  return {base::Errc::kInvalid, "cannot read '" + word + "': " + std::strerror(errno)};
}

void add_record_options(CLI::App& app, Produce& command) {
  auto* const key =
      add_text(app, "--key", command.key, "the key of every record")->type_name("TEXT");
  add_text(app, "--key-separator", command.key_separator,
           "a line is its key, this text, its value; cut where the text first stands")
      ->type_name("TEXT")
      ->excludes(key);
  add_pairs(app, "--header", command.headers, "a header of every record; may come several times");
  add(app, "--timestamp", command.timestamp_ms, integer<std::int64_t>(1, kLargest),
      "milliseconds since 1970 (default: now)")
      ->type_name("MS");
}

}  // namespace

void add_produce(CLI::App& root, CommandLine& line) {
  const auto [app, command] =
      add_command<Produce>(root, "produce", line, "Append records to a topic");
  add_text(app, "TOPIC", command.topic, "where to; it must be there")->required();
  add(app, "PARTITION", command.partition, integer<std::int32_t>(0, kLargestPartition),
      "which one (default: chosen by key; without keys, batches take turns)");
  auto* const value =
      add_text(app, "--value", command.value, "one record with this value")->type_name("TEXT");
  auto* const input = add(app, "--input", command.input, readable_path,
                          "a record for each line of a file; - is standard input")
                          ->type_name("FILE|-")
                          ->excludes(value);
  add_record_options(app, command);
  require_one(app, value, input);
  app.footer(
      "streamctl produce orders 0 --value Hello\n"
      "streamctl produce orders --input events.jsonl --header source=import\n"
      "tail -f app.log | streamctl produce logs --input -\n"
      "echo alice:42 | streamctl produce scores --input - --key-separator :");
}

void add_consume(CLI::App& root, CommandLine& line) {
  const auto [app, command] = add_command<Consume>(
      root, "consume", line, "Print the records of a topic, up to what is committed now");
  add_text(app, "TOPIC", command.topic, "what to read")->required();
  add(app, "PARTITION", command.partition, integer<std::int32_t>(0, kLargestPartition),
      "which one (default: all, one after the other)");
  add(app, "--offset", command.start, parse_start_offset,
      "where to begin: an offset, an end, or a time (default: where the group is, else earliest)")
      ->type_name("N|earliest|latest|@MS");
  add_text(app, "--group", command.group,
           "go on where this group is, and commit what has been printed")
      ->type_name("GROUP");
  add(app, "--max-records", command.max_records, integer<std::int64_t>(1, kLargest),
      "stop after so many")
      ->type_name("N");
  const auto follow = [&wish = command.follow](std::int64_t) { wish = Follow::kYes; };
  app.add_flag_function("--follow", follow, "go on with new records until interrupted");
  add_text(app, "--key-separator", command.key_separator,
           "print the key and this text before each value")
      ->type_name("TEXT");
  app.footer(
      "streamctl consume orders 0 --offset 0\n"
      "streamctl consume orders --group billing --follow\n"
      "streamctl consume orders --offset @1700000000000 -o json | jq .value");
}

}  // namespace streamhouse::cli
