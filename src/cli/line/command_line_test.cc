// Goal: every form of every command that the contract names is understood, anything else is a usage
// error that names the word.
// Method: lines of words in, the struct or the error out; nothing is
// sent.
#include "cli/line/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhouse::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// Words as a shell would cut them; `''` is the empty word.
std::vector<std::string> cut(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(word == "''" ? "" : word);
      word.clear();
    }
  }
  return words;
}

CommandLine parsed(const std::string& line, const std::string& server = {}) {
  auto outcome = parse_command_line(cut(line), server);
  if (auto* error = std::get_if<UsageError>(&outcome)) ADD_FAILURE() << line << ": " << error->text;
  return std::holds_alternative<CommandLine>(outcome) ? std::get<CommandLine>(outcome)
                                                      : CommandLine{};
}
template <class T>
T command(const std::string& line) {
  const auto result = parsed(line);
  if (!std::holds_alternative<T>(result.command)) {
    ADD_FAILURE() << line << ": another command";
    return {};
  }
  return std::get<T>(result.command);
}
UsageError refused(const std::string& line, const std::string& server = {}) {
  auto outcome = parse_command_line(cut(line), server);
  if (auto* error = std::get_if<UsageError>(&outcome)) return *error;
  ADD_FAILURE() << line << ": understood";
  return {};
}
std::string help(const std::string& line) {
  auto outcome = parse_command_line(cut(line), {});
  if (auto* text = std::get_if<HelpText>(&outcome)) return text->text;
  ADD_FAILURE() << line << ": no help";
  return {};
}

TEST(CommandLineTest, CreatesATopic) {
  const auto plain = command<TopicCreate>("topic create orders");
  EXPECT_EQ(plain.topic, "orders");
  EXPECT_EQ(plain.partition_count, 0);
  EXPECT_EQ(plain.retention_ms, std::nullopt);
  const auto full = command<TopicCreate>(
      "topic create orders --partitions 10 --retention-ms 1000 --config a=1 --config b=x=y");
  EXPECT_EQ(full.partition_count, 10);
  EXPECT_EQ(full.retention_ms, 1000);
  EXPECT_THAT(full.config, ElementsAre(Pair("a", "1"), Pair("b", "x=y")));
}

TEST(CommandLineTest, AltersATopic) {
  const auto alter = command<TopicAlter>(
      "topic alter orders --retention-ms none --config a=1 --unset b --unset c");
  EXPECT_EQ(alter.retention_ms, -1);
  EXPECT_THAT(alter.config, ElementsAre(Pair("a", "1")));
  EXPECT_THAT(alter.unset, ElementsAre("b", "c"));
}

TEST(CommandLineTest, TakesTheNamesOfCommandsAsNamesOfTopics) {
  EXPECT_EQ(command<TopicCreate>("topic create list").topic, "list");
  EXPECT_EQ(command<TopicDelete>("topic delete topic").topic, "topic");
  EXPECT_EQ(command<Produce>("produce produce --value v").topic, "produce");
  EXPECT_EQ(command<Consume>("consume version").topic, "version");
}

TEST(CommandLineTest, ShowsAndDeletesTopics) {
  command<TopicList>("topic list");
  EXPECT_EQ(command<TopicDescribe>("topic describe orders").topic, "orders");
  EXPECT_EQ(command<TopicDelete>("topic delete orders").topic, "orders");
}

TEST(CommandLineTest, ProducesOneValue) {
  const auto produce = command<Produce>("produce orders 3 --value Hello --key k --timestamp 17");
  EXPECT_EQ(produce.topic, "orders");
  EXPECT_EQ(produce.partition, 3);
  EXPECT_EQ(produce.value, "Hello");
  EXPECT_EQ(produce.key, "k");
  EXPECT_EQ(produce.timestamp_ms, 17);
  EXPECT_EQ(command<Produce>("produce orders --value v").partition, std::nullopt);
}

TEST(CommandLineTest, TakesValuesThatLookLikeSomethingElse) {
  EXPECT_EQ(command<Produce>("produce t --value -x").value, "-x");
  EXPECT_EQ(command<Produce>("produce t --value --key").value, "--key");
  EXPECT_EQ(command<Produce>("produce t --value=--a=b").value, "--a=b");
  EXPECT_EQ(command<Produce>("produce t --value [1,2]").value, "[1,2]");
  EXPECT_EQ(command<Produce>("produce t --value {}").value, "{}");
  EXPECT_EQ(command<Produce>("produce t --value true").value, "true");
  EXPECT_EQ(command<Produce>("produce t --value ''").value, "");
  EXPECT_EQ(command<Produce>("produce t --value v --key ''").key, "");
}

TEST(CommandLineTest, KeepsHeadersInTheirOrderAndTwice) {
  const auto produce =
      command<Produce>("produce t --value v --header b=1 --header a=[x] --header b=");
  EXPECT_THAT(produce.headers, ElementsAre(Pair("b", "1"), Pair("a", "[x]"), Pair("b", "")));
  EXPECT_THAT(command<Produce>("produce t --value v --header [a]=[b]").headers,
              ElementsAre(Pair("[a]", "[b]")));
}

TEST(CommandLineTest, ProducesLinesOfAFileOrStdin) {
  EXPECT_EQ(command<Produce>("produce t --input -").input, "-");
  const auto produce = command<Produce>("produce t --input /dev/null --key-separator :");
  EXPECT_EQ(produce.input, "/dev/null");
  EXPECT_EQ(produce.key_separator, ":");
}

TEST(CommandLineTest, ProduceNeedsExactlyOneSource) {
  EXPECT_THAT(refused("produce t").text, HasSubstr("--value or --input"));
  EXPECT_THAT(refused("produce t --value v --input -").text, HasSubstr("--input"));
  EXPECT_THAT(refused("produce t --input - --key k --key-separator :").text, HasSubstr("--key"));
  EXPECT_THAT(refused("produce t --input /no/such/file").text, HasSubstr("/no/such/file"));
}

TEST(CommandLineTest, ConsumesFromEveryKindOfStart) {
  const auto plain = command<Consume>("consume orders");
  EXPECT_EQ(plain.partition, std::nullopt);
  EXPECT_EQ(plain.start, std::nullopt);
  EXPECT_EQ(plain.follow, Follow::kNo);
  const auto full = command<Consume>(
      "consume orders 0 --offset @99 --group g --max-records 5 --follow --key-separator :");
  EXPECT_EQ(full.partition, 0);
  EXPECT_EQ(full.start, (StartOffset{StartOffset::Kind::kTimestamp, 99}));
  EXPECT_EQ(full.group, "g");
  EXPECT_EQ(full.max_records, 5);
  EXPECT_EQ(full.follow, Follow::kYes);
  EXPECT_EQ(full.key_separator, ":");
}

TEST(CommandLineTest, WorksWithGroups) {
  command<GroupList>("group list");
  EXPECT_EQ(command<GroupDescribe>("group describe g").group, "g");
  EXPECT_EQ(command<GroupDelete>("group delete g").group, "g");
  const auto commit = command<GroupCommit>("group commit g orders 2 17 --metadata note");
  EXPECT_EQ(commit.group, "g");
  EXPECT_EQ(commit.topic, "orders");
  EXPECT_EQ(commit.partition, 2);
  EXPECT_EQ(commit.offset, 17);
  EXPECT_EQ(commit.metadata, "note");
}

TEST(CommandLineTest, MovesMetadataByWayOfAFileOrAPipe) {
  command<MetadataUnfreeze>("metadata unfreeze");
  EXPECT_EQ(command<MetadataExport>("metadata export all.archive").file, "all.archive");
  EXPECT_EQ(command<MetadataExport>("metadata export -").file, "-");
  EXPECT_EQ(command<MetadataImport>("metadata import all.archive").file, "all.archive");
  EXPECT_EQ(command<MetadataImport>("metadata import -").file, "-");
  EXPECT_THAT(refused("metadata export").text, HasSubstr("FILE"));
  EXPECT_THAT(refused("metadata import").text, HasSubstr("FILE"));
  EXPECT_THAT(refused("metadata import a b").text, HasSubstr("b"));
}

TEST(CommandLineTest, RebuildsMetadata) {
  const auto plain = command<MetadataRebuild>("metadata rebuild");
  EXPECT_EQ(plain.agents, AgentsStopped::kUnknown);
  EXPECT_EQ(plain.despite_findings, DespiteFindings::kNo);
  EXPECT_EQ(plain.dry_run, DryRun::kNo);
  EXPECT_EQ(command<MetadataRebuild>("metadata rebuild --agents-stopped").agents,
            AgentsStopped::kYes);
  EXPECT_EQ(command<MetadataRebuild>("metadata rebuild --despite-findings").despite_findings,
            DespiteFindings::kYes);
  EXPECT_EQ(command<MetadataRebuild>("metadata rebuild --dry-run").dry_run, DryRun::kYes);
  EXPECT_THAT(refused("metadata rebuild all.archive").text, HasSubstr("all.archive"));
}

TEST(CommandLineTest, ShowsWhatIsStoredAndWhoLeads) {
  EXPECT_EQ(command<SegmentList>("segment list orders 1").partition, 1);
  EXPECT_EQ(command<SegmentDump>("segment dump orders-0-17").id, "orders-0-17");
  EXPECT_EQ(command<Fsck>("fsck").stores, StoreAccess::kAgent);
  EXPECT_EQ(command<Fsck>("fsck --direct").stores, StoreAccess::kDirect);
  command<AgentList>("agent list");
  EXPECT_EQ(command<LeaseList>("lease list").topic, "");
  EXPECT_EQ(command<LeaseList>("lease list orders").topic, "orders");
  command<ClusterDescribe>("cluster describe");
}

TEST(CommandLineTest, SpeaksOfItself) {
  EXPECT_EQ(command<Completion>("completion fish").shell, Shell::kFish);
  command<Version>("version");
  EXPECT_EQ(help("--version"), "streamctl " SH_VERSION "\n");
}

TEST(CommandLineTest, TakesGlobalOptionsBeforeAndBehindTheCommand) {
  for (const auto* line : {"--server h:1 -o json --timeout 5s topic list",
                           "topic --server h:1 list --output json --timeout 5s",
                           "topic list --server=h:1 --output=json --timeout=5s"}) {
    const auto global = parsed(line).global;
    EXPECT_EQ(global.server, "h:1");
    EXPECT_EQ(global.output, OutputFormat::kJson);
    EXPECT_EQ(global.timeout, std::chrono::seconds(5));
  }
}

TEST(CommandLineTest, TakesTheServerFromTheFlagThenTheEnvironmentThenTheDefault) {
  EXPECT_EQ(parsed("topic list").global.server, "127.0.0.1:9090");
  EXPECT_EQ(parsed("topic list", "env:1").global.server, "env:1");
  EXPECT_EQ(parsed("topic list --server flag:2", "env:1").global.server, "flag:2");
  EXPECT_THAT(refused("topic list", "nonsense").text, HasSubstr("STREAMHOUSE_SERVER"));
  EXPECT_EQ(parsed("topic list --server flag:2", "nonsense").global.server, "flag:2");
}

TEST(CommandLineTest, ShowsTablesAndWaitsHalfAMinuteUnlessToldOtherwise) {
  const auto global = parsed("topic list").global;
  EXPECT_EQ(global.output, OutputFormat::kTable);
  EXPECT_EQ(global.timeout, std::chrono::seconds(30));
}

TEST(CommandLineTest, NamesTheWordThatIsWrong) {
  const std::pair<const char*, const char*> lines[] = {
      {"topc list", "topc"},
      {"topic create t --partitons 3", "--partitons"},
      {"topic create t --partitions 0", "--partitions: '0'"},
      {"topic create t --partitions ten", "'ten'"},
      {"topic create t --partitions", "--partitions"},
      {"topic create t extra", "extra"},
      {"topic create", "TOPIC"},
      {"topic create t --config novalue", "'novalue'"},
      {"topic list -o xml", "'xml'"},
      {"topic list --timeout 30", "'30'"},
      {"topic list --server nowhere", "'nowhere'"},
      {"produce t -1 --value v", "'-1'"},
      {"produce t 0 --value v --timestamp now", "'now'"},
      {"consume t --offset first", "'first'"},
      {"consume t --max-records 0", "'0'"},
      {"group commit g t 0 -5", "'-5'"},
      {"group commit g t 0", "OFFSET"},
      {"completion tcsh", "'tcsh'"},
      {"produce t --value a --value b", "--value"},
  };
  for (const auto& [line, named] : lines) EXPECT_THAT(refused(line).text, HasSubstr(named)) << line;
}

TEST(CommandLineTest, PointsToTheHelpOfTheCommandThatWasMeant) {
  EXPECT_THAT(refused("").text, HasSubstr("(see streamctl --help)"));
  EXPECT_THAT(refused("topic").text, HasSubstr("(see streamctl topic --help)"));
  EXPECT_THAT(refused("topic create").text, HasSubstr("(see streamctl topic create --help)"));
}

TEST(CommandLineTest, AnswersUsageErrorsInTheFormAskedFor) {
  EXPECT_EQ(refused("topic create -o json").output, OutputFormat::kJson);
  EXPECT_EQ(refused("topic create --output=json").output, OutputFormat::kJson);
  EXPECT_EQ(refused("topic create -o table").output, OutputFormat::kTable);
}

TEST(CommandLineTest, HelpSaysWhatEachWordMeans) {
  const auto root = help("--help");
  for (const auto* word :
       {"topic", "produce TOPIC [PARTITION]", "consume", "group", "segment", "fsck", "--server",
        "STREAMHOUSE_SERVER", "-o, --output table|json", "Exit codes", "Examples"}) {
    EXPECT_THAT(root, HasSubstr(word));
  }
  const auto create = help("topic create -h");
  for (const auto* word : {"Usage: streamctl topic create TOPIC [OPTIONS]", "--partitions N",
                           "--retention-ms MS|none", "--config KEY=VALUE", "--timeout DURATION"}) {
    EXPECT_THAT(create, HasSubstr(word));
  }
  EXPECT_THAT(help("produce --help"), HasSubstr("--input FILE|-"));
  EXPECT_THAT(help("topic --help"), HasSubstr("describe TOPIC"));
}

TEST(CommandLineTest, HelpKeepsToTheWidthOfATerminal) {
  const auto check = [](const auto& self, const CommandDescription& root,
                        std::vector<std::string> path, const CommandDescription& command) -> void {
    std::string line;
    for (const char c : help_text(root, path)) {
      if (c != '\n') {
        line += c;
        continue;
      }
      EXPECT_LE(line.size(), 80u) << line;
      line.clear();
    }
    for (const auto& subcommand : command.subcommands) {
      path.push_back(subcommand.name);
      self(self, root, path, subcommand);
      path.pop_back();
    }
  };
  const auto root = describe_commands();
  check(check, root, {}, root);
}

}  // namespace
}  // namespace streamhouse::cli
