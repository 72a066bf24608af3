// Goal: what a shell offers is what streamctl takes.
// Method: bash runs its own script; the scripts for zsh and fish, which may not be installed, are
// read for the lines that carry their tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/line/command_line.h"

namespace streamhouse::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What bash offers behind these words, a word a line.
std::string offered(const std::string& words) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = folder / ("completion_test_" + std::to_string(::getpid()));
  std::ofstream(path) << bash_completion(describe_commands()) << "\nCOMP_WORDS=(" << words << ")\n"
                      << "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                      << "_streamctl\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  auto* const shell = ::popen(("bash " + path.string() + " 2>&1").c_str(), "r");
  std::string text;
  std::array<char, 4096> block;
  while (const auto count = std::fread(block.data(), 1, block.size(), shell)) {
    text.append(block.data(), count);
  }
  EXPECT_EQ(::pclose(shell), 0) << text;
  std::filesystem::remove(path);
  return text;
}

TEST(CompletionTest, BashOffersCommandsThenTheirs) {
  EXPECT_EQ(offered("streamctl to"), "topic\n");
  EXPECT_EQ(offered("streamctl topic de"), "describe\ndelete\n");
  EXPECT_EQ(offered("streamctl completion ''"), offered("streamctl completion \"\""));
  EXPECT_THAT(offered("streamctl completion ''"), AllOf(HasSubstr("bash\n"), HasSubstr("fish\n")));
}

TEST(CompletionTest, BashOffersTheOptionsOfTheCommandAndTheGlobalOnes) {
  const auto options = offered("streamctl topic create orders --");
  EXPECT_THAT(options, AllOf(HasSubstr("--partitions\n"), HasSubstr("--server\n")));
  EXPECT_THAT(options, Not(HasSubstr("--follow")));
  EXPECT_EQ(offered("streamctl --server h:1 consume orders --fol"), "--follow\n");
}

TEST(CompletionTest, BashOffersTheValuesOfAnOption) {
  EXPECT_EQ(offered("streamctl topic list -o ''"), "table\njson\n");
  EXPECT_EQ(offered("streamctl topic list --output j"), "json\n");
  EXPECT_EQ(offered("streamctl produce t --input /dev/nul"), "/dev/null\n");
  EXPECT_EQ(offered("streamctl produce t --value ''"), "\n");
}

TEST(CompletionTest, ZshKnowsEveryCommand) {
  const auto script = zsh_completion(describe_commands());
  EXPECT_THAT(script, AllOf(HasSubstr("#compdef streamctl"), HasSubstr("' topic create')"),
                            HasSubstr("-o|--output) compadd -- table json; return ;;"),
                            HasSubstr("--input) _files; return ;;")));
}

TEST(CompletionTest, FishKnowsEveryCommand) {
  const auto script = fish_completion(describe_commands());
  EXPECT_THAT(script, AllOf(HasSubstr("-n \"__streamctl_at topic\" -a create -d 'Create a topic'"),
                            HasSubstr("-n \"__streamctl_at topic create\" -l partitions -x"),
                            HasSubstr("complete -c streamctl -l output -s o -x -a 'table json'"),
                            HasSubstr("-n \"__streamctl_at produce\" -l input -r -F"),
                            HasSubstr("-n \"__streamctl_at topic alter\" -l unset"),
                            HasSubstr("topic'\\''s")));
}

}  // namespace
}  // namespace streamhouse::cli
