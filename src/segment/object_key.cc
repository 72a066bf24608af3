#include "segment/object_key.h"

#include <algorithm>
#include <charconv>
#include <concepts>

#include "base/check.h"
#include "base/hex.h"

namespace streamhouse::segment {
namespace {

constexpr std::string_view kSealName = "seal";
constexpr std::string_view kTrimPrefix = "trimmed-";
constexpr std::size_t kPaddedDigits = 20;

std::string digits(std::int64_t value) {
  SH_CHECK(value >= 0, "numbers in keys are not negative");
  return std::to_string(value);
}

std::string padded(std::int64_t value) {
  std::string text = digits(value);
  return text.insert(0, kPaddedDigits - text.size(), '0');
}

std::string key_of(const FlushKey& name) {
  return session_prefix(name.session) + digits(name.seq.value());
}

std::string key_of(const SegmentKey& name) {
  return std::string(kCompactedPrefix) + model::to_string(name.topic) + "/" +
         digits(name.partition.value()) + "/" + padded(name.base.value()) + "-" +
         model::to_string(name.compactor) + "-" + digits(name.number);
}

std::string key_of(const SealKey& name) {
  return session_prefix(name.session) + std::string(kSealName);
}

std::string key_of(const TrimKey& name) {
  return session_prefix(name.session) + std::string(kTrimPrefix) + digits(name.seq.value());
}

std::string key_of(const CatalogueKey& name) {
  return std::string(kCataloguePrefix) + model::to_string(name.topic) + "/" + padded(name.version);
}

std::string key_of(const GroupsKey& name) {
  return std::string(kGroupsPrefix) + digits(name.shard.value()) + "/" +
         padded(name.epoch.value()) + "-" + padded(name.number);
}

/// Takes what stands before the next `separator` off the front of `text`, and the separator too;
/// everything if there is none.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

template <std::integral T = std::int64_t>
T number(std::string_view text) {
  T value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

model::SessionId session(std::string_view text) {
  return model::SessionId(base::parse_hex64(text).value_or(0));
}

model::TopicId topic_id(std::string_view text) {
  std::string hex(text);
  std::erase(hex, '-');
  model::TopicId id;
  if (hex.size() != 2 * id.bytes.size()) return id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, id.bytes[i], 16);
  return id;
}

SegmentKey segment_name(std::string_view rest) {
  SegmentKey name;
  name.topic = topic_id(take_until(rest, '/'));
  name.partition = model::PartitionIndex(number<std::int32_t>(take_until(rest, '/')));
  name.base = model::Offset(number(take_until(rest, '-')));
  name.compactor = session(take_until(rest, '-'));
  name.number = number(rest);
  return name;
}

CatalogueKey catalogue_name(std::string_view rest) {
  CatalogueKey name;
  name.topic = topic_id(take_until(rest, '/'));
  name.version = number(rest);
  return name;
}

GroupsKey groups_name(std::string_view rest) {
  GroupsKey name;
  name.shard = model::PartitionIndex(number<std::int32_t>(take_until(rest, '/')));
  name.epoch = model::LeaderEpoch(number<std::int32_t>(take_until(rest, '-')));
  name.number = number(rest);
  return name;
}

/// The name that `key` has if it has one; lenient, because the caller compares.
ObjectName likely_name(std::string_view key) {
  std::string_view rest = key;
  if (key.starts_with(kCompactedPrefix)) return segment_name(key.substr(kCompactedPrefix.size()));
  if (key.starts_with(kCataloguePrefix)) return catalogue_name(key.substr(kCataloguePrefix.size()));
  if (key.starts_with(kGroupsPrefix)) return groups_name(key.substr(kGroupsPrefix.size()));
  take_until(rest, '/');
  const model::SessionId owner = session(take_until(rest, '/'));
  if (rest == kSealName) return SealKey{owner};
  if (rest.starts_with(kTrimPrefix))
    return TrimKey{owner, model::Seq(number(rest.substr(kTrimPrefix.size())))};
  return FlushKey{owner, model::Seq(number(rest))};
}

/// Lenient parsing may have read a minus.
bool has_negative(const ObjectName& name) {
  if (const auto* flush = std::get_if<FlushKey>(&name)) return flush->seq.value() < 0;
  if (const auto* trim = std::get_if<TrimKey>(&name)) return trim->seq.value() < 0;
  if (const auto* catalogue = std::get_if<CatalogueKey>(&name)) return catalogue->version < 0;
  if (const auto* groups = std::get_if<GroupsKey>(&name))
    return groups->shard.value() < 0 || groups->epoch.value() < 0 || groups->number < 0;
  const auto* segment = std::get_if<SegmentKey>(&name);
  return segment != nullptr &&
         (segment->partition.value() < 0 || segment->base.value() < 0 || segment->number < 0);
}

}  // namespace

std::string to_key(const ObjectName& name) {
  return std::visit([](const auto& any) { return key_of(any); }, name);
}

std::string session_prefix(model::SessionId session) {
  const std::string text = model::to_string(session);
  return text.substr(0, 2) + "/" + text + "/";
}

std::optional<ObjectName> parse_key(std::string_view key) {
  const ObjectName name = likely_name(key);
  // One text per name: what is not written exactly so is somebody else's object.
  if (has_negative(name) || to_key(name) != key) return std::nullopt;
  return name;
}

}  // namespace streamhouse::segment
