#include "cli/commands/run.h"

#include "cli/line/command_line.h"
#include "cli/output/json.h"

namespace streamhouse::cli {

using base::Result;

Result<Exit> run(const Command& command, Context& context) {
  return std::visit([&](const auto& each) { return run(each, context); }, command);
}

Result<Exit> print(Context& context, const std::string& json, const std::string& text) {
  const bool wants_json = context.output.format() == OutputFormat::kJson;
  SH_TRY_OK(context.output.write(wants_json ? json + "\n" : text));
  SH_TRY_OK(context.output.flush());
  return Exit::kDone;
}

Result<Exit> run(const Version&, Context& context) {
  return print(context, version_json(), "streamctl " SH_VERSION "\n");
}

Result<Exit> run(const Completion& command, Context& context) {
  const auto root = describe_commands();
  const auto script = command.shell == Shell::kBash  ? bash_completion(root)
                      : command.shell == Shell::kZsh ? zsh_completion(root)
                                                     : fish_completion(root);
  SH_TRY_OK(context.output.write(script));
  SH_TRY_OK(context.output.flush());
  return Exit::kDone;
}

}  // namespace streamhouse::cli
