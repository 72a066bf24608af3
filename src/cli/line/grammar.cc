#include "cli/line/grammar.h"

#include "cli/line/grammar_parts.h"

namespace streamhouse::cli {

namespace {

CLI::App& add_group(CLI::App& root, const std::string& name, const std::string& description) {
  auto& group = *root.add_subcommand(name, description);
  group.require_subcommand(1);
  return group;
}

void add_topic_create(CLI::App& group, CommandLine& line) {
  const auto [app, command] = add_command<TopicCreate>(group, "create", line, "Create a topic");
  add_text(app, "TOPIC", command.topic, "its name")->required();
  add(app, "--partitions", command.partition_count, integer<std::int32_t>(1, kLargestPartition),
      "how many (default: what the agent is set to)")
      ->type_name("N");
  add(app, "--retention-ms", command.retention_ms, parse_retention,
      "how long records are kept (default: for ever)")
      ->type_name("MS|none");
  add_pairs(app, "--config", command.config, "a setting; may come several times");
  app.footer("streamctl topic create orders --partitions 10 --retention-ms 604800000");
}

void add_topic_alter(CLI::App& group, CommandLine& line) {
  const auto [app, command] =
      add_command<TopicAlter>(group, "alter", line, "Change a topic's settings");
  add_text(app, "TOPIC", command.topic, "its name")->required();
  add(app, "--retention-ms", command.retention_ms, parse_retention,
      "how long records are kept; none = for ever")
      ->type_name("MS|none");
  add_pairs(app, "--config", command.config, "a setting; may come several times");
  const auto unset = [&keys = command.unset](const std::string& key) { keys.push_back(key); };
  add_repeatable(app, "--unset", unset,
                 "a setting that returns to its default; may come several times")
      ->type_name("KEY");
  app.footer("streamctl topic alter orders --retention-ms none --unset streamhouse.ack");
}

void add_topic_commands(CLI::App& root, CommandLine& line) {
  auto& group = add_group(root, "topic", "Create, change, show and delete topics");
  add_topic_create(group, line);
  add_topic_alter(group, line);
  add_command<TopicList>(group, "list", line, "List all topics");
  const auto [describe, described] =
      add_command<TopicDescribe>(group, "describe", line, "Show a topic and its partitions");
  add_text(describe, "TOPIC", described.topic, "its name")->required();
  const auto [erase, erased] =
      add_command<TopicDelete>(group, "delete", line, "Delete a topic and all its records");
  add_text(erase, "TOPIC", erased.topic, "its name")->required();
}

void add_group_commit(CLI::App& group, CommandLine& line) {
  const auto [app, command] =
      add_command<GroupCommit>(group, "commit", line, "Set where a group goes on reading");
  add_text(app, "GROUP", command.group, "its id; created if there is none")->required();
  add_text(app, "TOPIC", command.topic, "what it reads")->required();
  add(app, "PARTITION", command.partition, integer<std::int32_t>(0, kLargestPartition),
      "which partition of it")
      ->required();
  add(app, "OFFSET", command.offset, integer<std::int64_t>(0, kLargest), "the next record to read")
      ->required();
  add_text(app, "--metadata", command.metadata, "a note kept with the offset")->type_name("TEXT");
}

void add_group_commands(CLI::App& root, CommandLine& line) {
  auto& group = add_group(root, "group", "Show consumer groups and set their offsets");
  add_command<GroupList>(group, "list", line, "List all groups");
  const auto [describe, described] = add_command<GroupDescribe>(
      group, "describe", line, "Show a group's committed offsets and how far behind they are");
  add_text(describe, "GROUP", described.group, "its id")->required();
  add_group_commit(group, line);
  const auto [erase, erased] =
      add_command<GroupDelete>(group, "delete", line, "Delete a group and its offsets");
  add_text(erase, "GROUP", erased.group, "its id")->required();
}

void add_storage_commands(CLI::App& root, CommandLine& line) {
  auto& group = add_group(root, "segment", "Show where records are stored");
  const auto [list, listed] =
      add_command<SegmentList>(group, "list", line, "List the segments of a topic");
  add_text(list, "TOPIC", listed.topic, "its name")->required();
  add(list, "PARTITION", listed.partition, integer<std::int32_t>(0, kLargestPartition),
      "only of this partition");
  const auto [dump, dumped] =
      add_command<SegmentDump>(group, "dump", line, "Print the records of one segment");
  add_text(dump, "ID", dumped.id, "TOPIC-PARTITION-BASE, as `segment list` shows it")->required();
  const auto [fsck, checked] = add_command<Fsck>(
      root, "fsck", line, "Check metadata and objects against each other; reads every object");
  const auto direct = [&stores = checked.stores](std::int64_t) { stores = StoreAccess::kDirect; };
  fsck.add_flag_function("--direct", direct,
                         "open the stores of DATABASE_URL and OBJECT_STORE, ask no agent");
}

void add_metadata_rebuild(CLI::App& group, CommandLine& line) {
  const auto [app, command] = add_command<MetadataRebuild>(
      group, "rebuild", line, "Fill an empty database with what the objects of OBJECT_STORE say");
  const auto stopped = [&to = command.agents](std::int64_t) { to = AgentsStopped::kYes; };
  app.add_flag_function("--agents-stopped", stopped,
                        "go on although objects were written within the last minute");
  const auto despite = [&to = command.despite_findings](std::int64_t) {
    to = DespiteFindings::kYes;
  };
  app.add_flag_function("--despite-findings", despite,
                        "go without what is lost; agents will remove objects that nothing names");
  const auto dry_run = [&to = command.dry_run](std::int64_t) { to = DryRun::kYes; };
  app.add_flag_function("--dry-run", dry_run, "only say what would be written");
  app.footer("DATABASE_URL=sqlite:./data/metadata.db streamctl metadata rebuild --dry-run");
}

void add_metadata_commands(CLI::App& root, CommandLine& line) {
  auto& metadata = add_group(root, "metadata", "Work on the metadata store of DATABASE_URL itself");
  add_command<MetadataUnfreeze>(metadata, "unfreeze", line,
                                "Let agents go on from a database that has lost rows");
  const auto [exporting, exported] = add_command<MetadataExport>(
      metadata, "export", line, "Write all metadata into a file; no agent may be at work");
  add_text(exporting, "FILE", exported.file, "the archive to write, - = stdout")->required();
  exporting.footer("DATABASE_URL=sqlite:./data/metadata.db streamctl metadata export all.archive");
  const auto [importing, imported] = add_command<MetadataImport>(
      metadata, "import", line, "Fill an empty database with the metadata of an archive");
  add_text(importing, "FILE", imported.file, "the archive, - = stdin")->required();
  importing.footer("DATABASE_URL=postgres://... streamctl metadata import all.archive");
  add_metadata_rebuild(metadata, line);
}

void add_cluster_commands(CLI::App& root, CommandLine& line) {
  auto& agent = add_group(root, "agent", "Show the agents");
  add_command<AgentList>(agent, "list", line, "List the agents that are alive");
  auto& lease = add_group(root, "lease", "Show who leads what");
  const auto [leases, listed] =
      add_command<LeaseList>(lease, "list", line, "List which agent leads which partition");
  add_text(leases, "TOPIC", listed.topic, "only of this topic");
  auto& cluster = add_group(root, "cluster", "Show the cluster");
  add_command<ClusterDescribe>(cluster, "describe", line, "Show the cluster as a whole");
}

base::Result<Shell> shell_named(const std::string& word) {
  if (word == "bash") return Shell::kBash;
  if (word == "zsh") return Shell::kZsh;
  if (word == "fish") return Shell::kFish;
  return {base::Errc::kInvalid, "'" + word + "' is none of bash, zsh, fish"};
}

void add_own_commands(CLI::App& root, CommandLine& line) {
  const auto [app, command] =
      add_command<Completion>(root, "completion", line, "Print the completion script of a shell");
  add(app, "SHELL", command.shell, shell_named, "which shell")
      ->type_name("bash|zsh|fish")
      ->required();
  app.footer("source <(streamctl completion bash)");
  add_command<Version>(root, "version", line, "Print the version");
}

base::Result<OutputFormat> format_named(const std::string& word) {
  if (word == "table") return OutputFormat::kTable;
  if (word == "json") return OutputFormat::kJson;
  return {base::Errc::kInvalid, "'" + word + "' is neither table nor json"};
}

void add_global_options(CLI::App& root, GlobalOptions& global) {
  add(root, "--server", global.server, parse_address,
      "any agent's gRPC address (default: $STREAMHOUSE_SERVER, else 127.0.0.1:9090)")
      ->type_name("HOST:PORT");
  add(root, "-o,--output", global.output, format_named, "form of what is printed (default: table)")
      ->type_name("table|json");
  add(root, "--timeout", global.timeout, parse_duration,
      "longest wait for an answer (default: 30s)")
      ->type_name("DURATION");
}

}  // namespace

std::unique_ptr<CLI::App> make_grammar(CommandLine& line) {
  auto root = std::make_unique<CLI::App>("Works with a StreamHouse cluster", "streamctl");
  root->set_help_flag("-h,--help", "show this help");
  root->set_version_flag("--version", SH_VERSION, "show the version");
  root->fallthrough();  // global options may stand behind the command
  root->require_subcommand(1);
  add_global_options(*root, line.global);
  add_topic_commands(*root, line);
  add_produce(*root, line);
  add_consume(*root, line);
  add_group_commands(*root, line);
  add_storage_commands(*root, line);
  add_metadata_commands(*root, line);
  add_cluster_commands(*root, line);
  add_own_commands(*root, line);
  root->footer(
      "streamctl topic create orders --partitions 10\n"
      "streamctl produce orders 0 --value Hello\n"
      "streamctl consume orders 0 --offset 0");
  return root;
}

}  // namespace streamhouse::cli
