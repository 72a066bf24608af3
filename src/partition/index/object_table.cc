#include "partition/index/object_table.h"

#include <limits>

#include "base/check.h"

namespace streamhouse::partition {
namespace {

/// Of an object: its slot and its node in the map by key, beside the key's characters.
constexpr std::size_t kBytesPerObject = sizeof(StoredObject) + 64;

}  // namespace

std::shared_ptr<ObjectTable> ObjectTable::make() { return std::make_shared<ObjectTable>(Key{}); }

ObjectRef ObjectTable::add(std::string_view key, std::uint64_t size) {
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) return ref(known->second);
  std::uint32_t slot = 0;
  if (free_.empty()) {
    SH_CHECK(slots_.size() <= std::numeric_limits<std::uint32_t>::max(), "slots have 32 bits");
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  StoredObject& object = slots_[slot].object;
  object = {.key = std::string(key), .size = size};
  by_key_.emplace(object.key, slot);
  object_bytes_ += kBytesPerObject + key.size();
  return ref(slot);
}

void ObjectTable::release(std::uint32_t slot) {
  Slot& released = slots_[slot];
  SH_CHECK(released.references > 0, "an object is released as often as it was retained");
  if (--released.references > 0) return;
  object_bytes_ -= kBytesPerObject + released.object.key.size();
  by_key_.erase(released.object.key);
  released.object = {};
  free_.push_back(slot);
}

ObjectRef ObjectTable::ref(std::uint32_t slot) { return {shared_from_this(), slot}; }

ObjectRef::ObjectRef(std::shared_ptr<ObjectTable> table, std::uint32_t slot)
    : table_(std::move(table)), slot_(slot) {
  table_->retain(slot_);
}

ObjectRef::ObjectRef(const ObjectRef& other) : table_(other.table_), slot_(other.slot_) {
  if (table_) table_->retain(slot_);
}

ObjectRef& ObjectRef::operator=(ObjectRef other) noexcept {
  std::swap(table_, other.table_);
  std::swap(slot_, other.slot_);
  return *this;
}

ObjectRef::~ObjectRef() {
  if (table_) table_->release(slot_);
}

}  // namespace streamhouse::partition
