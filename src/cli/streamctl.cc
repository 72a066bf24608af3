#include "cli/streamctl.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "cli/commands/run.h"
#include "cli/line/command_line.h"
#include "cli/output/encoding.h"
#include "cli/output/json.h"

namespace streamhouse::cli {

namespace {

void print_error(OutputFormat format, const std::string& code, const std::string& text) {
  if (format == OutputFormat::kJson) {
    fmt::print(stderr, "{}\n", error_json(code, text));
  } else {
    fmt::print(stderr, "error: {}: {}\n", code, one_line(text));
  }
}

Exit exit_of(const base::Error& error, Answered answered) {
  const bool unknown = error.code == base::Errc::kUnknownOutcome || answered == Answered::kNo;
  return unknown ? Exit::kNoAnswer : Exit::kRefused;
}

Exit run_line(const CommandLine& line) {
  Client client(line.global.server, line.global.timeout);
  Output output(line.global.output, STDOUT_FILENO);
  Context context{client, output};
  const auto exit = run(line.command, context);
  if (output.closed()) return Exit::kDone;  // the reader had enough
  if (exit) return *exit;
  const auto& error = exit.error();
  print_error(line.global.output, std::string(base::errc_name(error.code)), error.text);
  return exit_of(error, client.last_failure_answered());
}

}  // namespace

Exit run_streamctl(const std::vector<std::string>& words, const std::string& server) {
  const auto parsed = parse_command_line(words, server);
  if (const auto* const line = std::get_if<CommandLine>(&parsed)) return run_line(*line);
  if (const auto* const error = std::get_if<UsageError>(&parsed)) {
    print_error(error->output, "invalid", error->text);
    return Exit::kUsage;
  }
  Output output(OutputFormat::kTable, STDOUT_FILENO);
  const auto printed =
      output.write(std::get<HelpText>(parsed).text) ? output.flush() : base::Status();
  return printed || output.closed() ? Exit::kDone : Exit::kRefused;
}

}  // namespace streamhouse::cli
