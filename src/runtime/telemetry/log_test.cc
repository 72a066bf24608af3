// Goal: a log record is one line of text or one JSON object whatever it holds, off means free, and
// no secret shows.
// Method: known records through the formatters, the capturing sink and the real one on stderr.
#include "runtime/telemetry/log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "runtime/telemetry/log_format.h"
#include "runtime/telemetry/redact.h"

namespace streamhouse::runtime {
namespace {

using Lines = std::vector<std::string>;

TEST(LogTest, FieldsFollowTheSentence) {
  CapturingSink sink;
  const Log log(sink, LogLevel::kTrace);
  const std::string topic = "orders";
  log.info("lease acquired", {{"topic", topic}, {"partition", 3}, {"epoch", 7u}});
  log.warn("slow", {{"seconds", 1.5}, {"retried", true}, {"size", std::size_t{1} << 40}});
  log.error("no fields");
  EXPECT_EQ(sink.lines(),
            (Lines{"info lease acquired topic=orders partition=3 epoch=7",
                   "warn slow seconds=1.5 retried=true size=1099511627776", "error no fields"}));
}

TEST(LogTest, LevelsBelowTheLeastAreDropped) {
  CapturingSink sink;
  const Log log(sink, LogLevel::kWarn);
  log.trace("1");
  log.debug("2");
  log.info("3");
  log.warn("4");
  log.error("5");
  EXPECT_EQ(sink.lines(), (Lines{"warn 4", "error 5"}));
  EXPECT_FALSE(log.enabled(LogLevel::kInfo));
  EXPECT_FALSE(Log().enabled(LogLevel::kError));
  Log().error("goes nowhere");
}

TEST(LogTest, ATextRecordIsOneLineWhateverItHolds) {
  CapturingSink sink;
  const Log log(sink, LogLevel::kInfo);
  log.info("two\nlines", {{"spaced", "a b"},
                          {"empty", ""},
                          {"quote", "say \"hi\""},
                          {"control", "tab\tnul\x01"},
                          {"pair", "x=y"}});
  EXPECT_EQ(sink.lines(), (Lines{R"(info two\nlines spaced="a b" empty="" quote="say \"hi\"" )"
                                 R"(control="tab\tnul\u0001" pair="x=y")"}));
}

TEST(LogTest, AJsonRecordIsOneObjectWithTypedValues) {
  const LogField fields[] = {{"count", -5},
                             {"ratio", 0.25},
                             {"ok", false},
                             {"text", "é\n"},
                             {"bytes",
                              "a\xff"
                              "b"},
                             {"nan", std::nan("")}};
  const std::string members = format_json_members(LogLevel::kWarn, "a \"b\"", fields);
  const auto parsed = nlohmann::json::parse("{" + members + "}");
  EXPECT_EQ(parsed["level"], "warn");
  EXPECT_EQ(parsed["message"], "a \"b\"");
  EXPECT_EQ(parsed["count"], -5);
  EXPECT_EQ(parsed["ratio"], 0.25);
  EXPECT_EQ(parsed["ok"], false);
  EXPECT_EQ(parsed["text"], "é\n");
  EXPECT_EQ(parsed["bytes"],
            "a\xef\xbf\xbd"
            "b");
  EXPECT_TRUE(parsed["nan"].is_null());
}

TEST(LogTest, TheStderrSinkWritesWholeLinesFromManyThreads) {
  testing::internal::CaptureStderr();
  {
    const auto sink = make_stderr_sink(LogFormat::kJson);
    const Log log(*sink, LogLevel::kInfo);
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number)
      threads.emplace_back([log, number] {
        for (int line = 0; line < 100; ++line) log.info("line", {{"thread", number}});
      });
  }
  std::istringstream output(testing::internal::GetCapturedStderr());
  int lines = 0;
  for (std::string line; std::getline(output, line); ++lines) {
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed["message"], "line");
    EXPECT_EQ(parsed["time"].get<std::string>().size(), 24u);
  }
  EXPECT_EQ(lines, 400);
}

TEST(LogTest, TheTextSinkBeginsWithTheTime) {
  testing::internal::CaptureStderr();
  const auto sink = make_stderr_sink(LogFormat::kText);
  Log(*sink, LogLevel::kInfo).info("100 % ready {}", {{"port", 9090}});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_EQ(line.substr(24), " info 100 % ready {} port=9090\n");
}

TEST(LogTest, NamesParse) {
  for (const char* name : {"trace", "debug", "info", "warn", "error"})
    EXPECT_EQ(log_level_name(parse_log_level(name).value()), name);
  EXPECT_EQ(parse_log_level("INFO"), std::nullopt);
  EXPECT_EQ(parse_log_format("json"), LogFormat::kJson);
  EXPECT_EQ(parse_log_format("text"), LogFormat::kText);
  EXPECT_EQ(parse_log_format(""), std::nullopt);
}

TEST(RedactTest, BlanksPasswordsOfUrls) {
  EXPECT_EQ(redact("postgres://bob:s3cret@db:5432/x"), "postgres://bob:***@db:5432/x");
  EXPECT_EQ(redact("cannot open 'postgres://bob:p@ss/w:d@db/x': refused"),
            "cannot open 'postgres://bob:***@db/x': refused");
  EXPECT_EQ(redact("postgres://db/x?user=bob&password=s3cret&sslmode=require"),
            "postgres://db/x?user=bob&password=***&sslmode=require");
  EXPECT_EQ(redact("host=db password=s3cret user=bob"), "host=db password=*** user=bob");
  EXPECT_EQ(redact("AWS_SECRET_ACCESS_KEY=abc/def+== x"), "AWS_SECRET_ACCESS_KEY=*** x");
}

TEST(RedactTest, LeavesTheRestAlone) {
  for (const char* text : {"", " ", "sqlite:./data/metadata.db", "file:./data/objects",
                           "http://127.0.0.1:8080/metrics", "postgres://bob@db/x", "a=b&c=d",
                           "user@example", "  two  spaces "})
    EXPECT_EQ(redact(text), text);
}

TEST(RedactTest, SinksRedactMessagesAndFields) {
  CapturingSink sink;
  const Log log(sink, LogLevel::kInfo);
  log.info("using postgres://bob:s3cret@db/x",
           {{"url", "postgres://bob:s3cret@db/x"}, {"session_token", "s3cret"}});
  ASSERT_EQ(sink.lines().size(), 1u);
  EXPECT_EQ(sink.lines()[0].find("s3cret"), std::string::npos) << sink.lines()[0];
  const LogField field("database_password", "s3cret");
  EXPECT_EQ(format_json_members(LogLevel::kInfo, "m", {&field, 1}).find("s3cret"),
            std::string::npos);
}

}  // namespace
}  // namespace streamhouse::runtime
