#pragma once
/// \file  The keys of a cluster's objects, below the store's prefix. They hold no user text, and
/// each says whose object it is, so that an object without a row can be traced to its session.
/// docs/formats/object_keys.md has their forms.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/ids.h"

namespace streamhouse::segment {

/// A flushed object, level 0: `<first two digits of the session>/<session>/<seq>`.
struct FlushKey {
  model::SessionId session = {};
  model::Seq seq = {};
  auto operator<=>(const FlushKey&) const = default;
};

/// A compacted object, level 1, named by its first span:
/// `seg/<topic id>/<partition>/<base offset, 20 digits>-<compactor's session>-<number>`.
struct SegmentKey {
  model::TopicId topic = {};
  model::PartitionIndex partition = {};
  model::Offset base = {};
  model::SessionId compactor = {};
  std::int64_t number = 0;  ///< Counts the compactor's outputs: no two of them are equal.
  auto operator<=>(const SegmentKey&) const = default;
};

/// The small object that tells a rebuild at which seq a session was sealed:
/// `<first two digits of the session>/<session>/seal`.
struct SealKey {
  model::SessionId session = {};
  auto operator<=>(const SealKey&) const = default;
};

/// What a session that is not sealed has put up to there has counted, and objects of it may be
/// gone: `<2 hex>/<session>/trimmed-<seq>`. The greatest counts.
struct TrimKey {
  model::SessionId session = {};
  model::Seq seq = {};
  auto operator<=>(const TrimKey&) const = default;
};

/// A topic as of one of its changes: `catalogue/<topic id>/<version, 20 digits>`.
struct CatalogueKey {
  model::TopicId topic = {};
  std::int64_t version = 0;
  auto operator<=>(const CatalogueKey&) const = default;
};

/// The groups of a shard as of a moment: `groups/<shard>/<leader epoch, 20 digits>-<number, 20
/// digits>`; the greatest is the newest.
struct GroupsKey {
  model::PartitionIndex shard = {};
  model::LeaderEpoch epoch = {};
  std::int64_t number = 0;  ///< Counts the snapshots of that epoch.
  auto operator<=>(const GroupsKey&) const = default;
};

using ObjectName = std::variant<FlushKey, SegmentKey, SealKey, TrimKey, CatalogueKey, GroupsKey>;

/// Requires: no negative number.
std::string to_key(const ObjectName& name);
inline std::string object_key(model::SessionId session, model::Seq seq) {
  return to_key(FlushKey{session, seq});
}
/// What the keys of compacted objects begin with, whoever wrote them.
inline constexpr std::string_view kCompactedPrefix = "seg/";
/// What those of the topics' catalogue and of the groups' snapshots begin with.
inline constexpr std::string_view kCataloguePrefix = "catalogue/";
inline constexpr std::string_view kGroupsPrefix = "groups/";
/// What the keys of a session's flushed objects and of its marks begin with.
std::string session_prefix(model::SessionId session);

/// nullopt for every text that to_key does not write.
std::optional<ObjectName> parse_key(std::string_view key);

}  // namespace streamhouse::segment
