#pragma once
/// \file  Everything that streamctl can be told to do: one plain struct a command, filled by
/// line/command_line.h, carried out by commands/, produce/ and consume/. A default is the value of
/// an option that was not given.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace streamhouse::cli {

/// Topic configuration, by key.
using Config = std::map<std::string, std::string>;
/// Record headers in the order given; a key may come twice.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct TopicCreate {
  std::string topic;
  std::int32_t partition_count = 0;  ///< 0 = the agent's default.
  std::optional<std::int64_t> retention_ms;
  Config config;
};
struct TopicAlter {
  std::string topic;
  std::optional<std::int64_t> retention_ms;  ///< -1 = keep for ever.
  Config config;
  std::vector<std::string> unset;
};
struct TopicList {};
struct TopicDescribe {
  std::string topic;
};
struct TopicDelete {
  std::string topic;
};

struct Produce {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::string> value;
  std::string input;  ///< Path, or `-` = stdin; set unless value is.
  std::optional<std::string> key;
  Headers headers;
  std::int64_t timestamp_ms = 0;  ///< 0 = now, by the agent's clock.
  std::string key_separator;      ///< Empty = lines carry no key.
};

/// Where reading begins.
struct StartOffset {
  enum class Kind : std::uint8_t { kEarliest, kLatest, kOffset, kTimestamp };
  Kind kind = Kind::kEarliest;
  std::int64_t value = 0;  ///< An offset, or ms.
  bool operator==(const StartOffset&) const = default;
};
enum class Follow : bool { kNo, kYes };
struct Consume {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<StartOffset> start;  ///< Absent: the group's committed offset, else earliest.
  std::string group;                 ///< Empty = none.
  std::int64_t max_records = 0;      ///< Over all partitions; 0 = no limit.
  Follow follow = Follow::kNo;
  std::string key_separator;
};

struct GroupList {};
struct GroupDescribe {
  std::string group;
};
struct GroupDelete {
  std::string group;
};
struct GroupCommit {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string metadata;
};

struct SegmentList {
  std::string topic;
  std::optional<std::int32_t> partition;
};
struct SegmentDump {
  std::string id;
};
enum class StoreAccess : std::uint8_t {
  kAgent,   ///< Ask the agent.
  kDirect,  ///< Open the stores of DATABASE_URL and OBJECT_STORE.
};
struct Fsck {
  StoreAccess stores = StoreAccess::kAgent;
};

struct MetadataUnfreeze {};
struct MetadataExport {
  std::string file;  ///< Path, or `-` = stdout.
};
struct MetadataImport {
  std::string file;  ///< Path, or `-` = stdin.
};

enum class AgentsStopped : bool { kUnknown, kYes };
enum class DespiteFindings : bool { kNo, kYes };
enum class DryRun : bool { kNo, kYes };
struct MetadataRebuild {
  AgentsStopped agents = AgentsStopped::kUnknown;
  DespiteFindings despite_findings = DespiteFindings::kNo;
  DryRun dry_run = DryRun::kNo;
};

struct AgentList {};
struct LeaseList {
  std::string topic;  ///< Empty = all.
};
struct ClusterDescribe {};

enum class Shell : std::uint8_t { kBash, kZsh, kFish };
struct Completion {
  Shell shell = Shell::kBash;
};
struct Version {};

using Command =
    std::variant<TopicCreate, TopicAlter, TopicList, TopicDescribe, TopicDelete, Produce, Consume,
                 GroupList, GroupDescribe, GroupDelete, GroupCommit, SegmentList, SegmentDump, Fsck,
                 MetadataUnfreeze, MetadataExport, MetadataImport, MetadataRebuild, AgentList,
                 LeaseList, ClusterDescribe, Completion, Version>;

enum class OutputFormat : std::uint8_t { kTable, kJson };

struct GlobalOptions {
  std::string server = "127.0.0.1:9090";
  OutputFormat output = OutputFormat::kTable;
  std::chrono::milliseconds timeout{30'000};  ///< Longest wait for an answer.
};

/// What the process ends with.
enum class Exit : std::uint8_t {
  kDone = 0,
  kRefused = 1,   ///< Or fsck found something.
  kUsage = 2,     ///< Nothing was sent.
  kNoAnswer = 3,  ///< Unreachable, timed out, or outcome unknown.
  kInterrupted = 130,
};

}  // namespace streamhouse::cli
