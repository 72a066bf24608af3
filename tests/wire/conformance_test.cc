// Goal: the description of every message says what Kafka's protocol says: each field's place, type,
// versions, versions with null, tag and default, and no field more or less.
// Method: what describe() prints is compared, row by row, with the table of facts beside this file
// (kafka_fields.csv); what an ApiVersions reply shows, with the ranges that clients expect.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "wire/codec/describe.h"
#include "wire/message.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kNestingMax = 6;

/// A row of the table: api_key, message, valid_versions, flexible_versions, path, type, versions,
/// nullable_versions, tag, tagged_versions, default.
using TableRow = std::vector<std::string>;
enum Column : std::size_t {
  kApiKey,
  kMessage,
  kValidVersions,
  kFlexibleVersions,
  kPath,
  kType,
  kVersions,
  kNullableVersions,
  kTag,
  kTaggedVersions,
  kDefault,
  kColumns,
};

TableRow split(const std::string& line) {
  TableRow row;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) row.push_back(cell);
  row.resize(kColumns);  // a last empty cell ends in nothing
  return row;
}

/// Message -> its rows, in the order of the fields.
std::map<std::string, std::vector<TableRow>> read_table() {
  std::map<std::string, std::vector<TableRow>> table;
  std::ifstream file(SH_TESTS_DIRECTORY "/wire/kafka_fields.csv");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    TableRow row = split(line);
    table[row[kMessage]].push_back(std::move(row));
  }
  return table;
}

/// The table names structs, a description does not: `[]MetadataRequestTopic` -> `[]struct`.
std::string type_in_table(std::string type) {
  const std::size_t name = type.starts_with("[]") ? 2 : 0;
  if (type.at(name) >= 'A' && type.at(name) <= 'Z') type.replace(name, std::string::npos, "struct");
  return type;
}

/// As describe() writes defaults: decimal; nothing for 0 and false.
std::string default_in_table(const std::string& text) {
  if (text == "0" || text == "false") return "";
  return text.starts_with("0x") ? std::to_string(std::stoll(text, nullptr, 16)) : text;
}

/// What is wrong with a description's row, or empty.
std::string difference(const FieldRow& described, const TableRow& fact) {
  const auto differs = [](std::string_view what, const std::string& ours, const std::string& fact) {
    return std::string(what) + ": described '" + ours + "', in fact '" + fact + "'";
  };
  if (described.path != fact[kPath]) return differs("path", described.path, fact[kPath]);
  const std::string type = type_in_table(fact[kType]);
  if (described.type != type) return differs("type", described.type, type);
  if (described.versions != fact[kVersions])
    return differs("versions", described.versions, fact[kVersions]);
  if (described.nullable != fact[kNullableVersions])
    return differs("null", described.nullable, fact[kNullableVersions]);
  if (described.tag != fact[kTag]) return differs("tag", described.tag, fact[kTag]);
  // A tagged field is tagged wherever it exists: that is how it is described.
  if (!described.tag.empty() && described.versions != fact[kTaggedVersions])
    return differs("tagged versions", described.versions, fact[kTaggedVersions]);
  const std::string fallback = default_in_table(fact[kDefault]);
  // Where the table names no default for what may always be null, null is ours.
  const bool always_null = described.nullable == described.versions || described.nullable == "0+";
  const bool ours = fact[kDefault].empty() && described.default_value == "null" && always_null;
  if (described.default_value != fallback && !ours)
    return differs("default", described.default_value, fallback);
  return {};
}

std::vector<std::string> differences(const std::vector<FieldRow>& described,
                                     const std::vector<TableRow>& facts) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < std::max(described.size(), facts.size()); ++i) {
    if (i >= described.size())
      found.push_back("not described: " + facts[i][kPath]);
    else if (i >= facts.size())
      found.push_back("no fact: " + described[i].path);
    else if (const auto text = difference(described[i], facts[i]); !text.empty())
      found.push_back(described[i].path + ", " + text);
  }
  return found;
}

std::string text_of(const Versions& versions) {
  return versions.any() ? to_string(versions) : "none";
}

template <class Check>
void for_each_message(Check check) {
  for (const Api& api : apis())
    for (const Type* type : {api.request, api.response})
      check(MessageType{.api = &api, .type = type});
}

TEST(ConformanceTest, EveryDescriptionIsTheTableOfFacts) {
  const auto table = read_table();
  std::size_t rows = 0;
  for_each_message([&](const MessageType& message) {
    const auto found = table.find(message.name());
    const auto described = describe(*message.type);
    const auto facts = found == table.end() ? std::vector<TableRow>() : found->second;
    for (const std::string& text : differences(described, facts))
      ADD_FAILURE() << message.name() << ": " << text;
    rows += described.size();
  });
  EXPECT_EQ(apis().size(), 35u);
  EXPECT_EQ(rows, 628u) << "rows compared";
}

TEST(ConformanceTest, VersionRangesAreTheTableOfFacts) {
  const auto table = read_table();
  for (const auto& [name, facts] : table) {
    const Api* api = find_api(static_cast<std::int16_t>(std::stoi(facts.front()[kApiKey])));
    if (api == nullptr) continue;
    EXPECT_EQ(to_string(api->versions), facts.front()[kValidVersions]) << name;
    EXPECT_EQ(text_of(api->flexible), facts.front()[kFlexibleVersions]) << name;
  }
}

TEST(ConformanceTest, AnyChangeOfADescriptionIsSeen) {
  const auto facts = read_table().at("FetchRequest");
  const auto described = describe(*api_of(ApiKey::kFetch).request);
  ASSERT_TRUE(differences(described, facts).empty());
  for (std::size_t i = 0; i < described.size(); ++i) {
    for (std::string FieldRow::* member :
         {&FieldRow::path, &FieldRow::type, &FieldRow::versions, &FieldRow::nullable,
          &FieldRow::tag, &FieldRow::default_value}) {
      auto changed = described;
      changed[i].*member += "7";
      EXPECT_EQ(differences(changed, facts).size(), 1u) << described[i].path;
    }
  }
  EXPECT_EQ(differences({described.begin(), described.end() - 1}, facts).size(), 1u);
}

TEST(ConformanceTest, MessagesNestNoDeeperThanTheDecoderGoes) {
  for_each_message([](const MessageType& message) {
    EXPECT_LE(nesting(*message.type), kNestingMax) << message.name();
  });
}

TEST(ConformanceTest, TagsRiseWithinAStruct) {
  for_each_message([](const MessageType& message) {
    std::map<std::string, int> greatest;  // struct -> its last tag
    for (const FieldRow& row : describe(*message.type)) {
      if (row.tag.empty()) continue;
      const std::string parent = row.path.substr(0, row.path.rfind('.') + 1);
      const auto [last, first] = greatest.try_emplace(parent, -1);
      EXPECT_GT(std::stoi(row.tag), last->second) << message.name() << " " << row.path;
      last->second = std::stoi(row.tag);
    }
  });
}

TEST(ConformanceTest, WhatApiVersionsShowsIsWhatClientsExpect) {
  const std::map<std::string_view, std::string_view> expected = {
      {"Produce", "0-13"},
      {"Fetch", "4-18"},
      {"ListOffsets", "1-11"},
      {"Metadata", "0-13"},
      {"OffsetCommit", "2-10"},
      {"OffsetFetch", "1-10"},
      {"FindCoordinator", "0-6"},
      {"JoinGroup", "0-9"},
      {"Heartbeat", "0-4"},
      {"LeaveGroup", "0-5"},
      {"SyncGroup", "0-5"},
      {"DescribeGroups", "0-6"},
      {"ListGroups", "0-5"},
      {"ApiVersions", "0-4"},
      {"CreateTopics", "2-7"},
      {"DeleteTopics", "1-6"},
      {"DeleteRecords", "0-2"},
      {"InitProducerId", "0-5"},
      {"OffsetForLeaderEpoch", "2-4"},
      {"DescribeAcls", "1-3"},
      {"CreateAcls", "1-3"},
      {"DeleteAcls", "1-3"},
      {"DescribeConfigs", "1-4"},
      {"AlterConfigs", "0-2"},
      {"DescribeLogDirs", "1-4"},
      {"CreatePartitions", "0-3"},
      {"DeleteGroups", "0-2"},
      {"ElectLeaders", "0-2"},
      {"IncrementalAlterConfigs", "0-1"},
      {"AlterPartitionReassignments", "0-1"},
      {"ListPartitionReassignments", "0"},
      {"OffsetDelete", "0"},
      {"DescribeCluster", "0-2"},
      {"ListConfigResources", "0-1"},
      {"DescribeTopicPartitions", "0"},
  };
  for (const Api& api : apis()) EXPECT_EQ(to_string(api.shown), expected.at(api.name)) << api.name;
  EXPECT_EQ(apis().size(), expected.size());
}

}  // namespace
}  // namespace streamhouse::wire
