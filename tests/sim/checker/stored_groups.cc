#include "stored_groups.h"

#include <algorithm>

#include "metadata/archive/archive_object.h"
#include "segment/object_key.h"

namespace streamhouse::sim {
namespace {

using Groups = std::map<std::string, metadata::GroupRecord>;

bool add(const std::string& key, const base::Bytes& bytes, Groups& groups) {
  const auto rows = metadata::unpack_rows(key, bytes);
  if (!rows) return false;
  for (const metadata::ArchiveRow& row : *rows) {
    if (const auto* group = std::get_if<metadata::Group>(&row))
      groups[group->group_id].group = *group;
    if (const auto* stored = std::get_if<metadata::StoredOffset>(&row))
      groups[stored->group_id].offsets[stored->offset.key] = stored->offset;
  }
  return true;
}

}  // namespace

bool groups_are_stored(
    const metadata::MemoryTables& tables, const std::vector<std::string>& keys,
    const std::function<std::optional<base::Bytes>(const std::string& key)>& objects) {
  std::map<model::PartitionIndex, std::string> newest;
  for (const std::string& key : keys) {
    const auto name = segment::parse_key(key);
    const auto* groups = name ? std::get_if<segment::GroupsKey>(&*name) : nullptr;
    if (groups != nullptr) newest[groups->shard] = key;
  }
  Groups stored;
  for (const auto& [shard, key] : newest) {
    const auto bytes = objects(key);
    if (!bytes || !add(key, *bytes, stored)) return false;
  }
  const auto is_gone = [&tables](const auto& offset) {
    return !tables.topics.contains(offset.first.topic);
  };
  for (auto& [id, record] : stored) std::erase_if(record.offsets, is_gone);
  return std::ranges::equal(stored, tables.groups, [](const auto& one, const auto& other) {
    return one.second.group == other.second.group && one.second.offsets == other.second.offsets;
  });
}

}  // namespace streamhouse::sim
