#pragma once
/// \file  ObjectTable: the objects that indexes refer to, each kept once for all partitions that
/// have spans in it, so that a span names its object in four bytes.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace streamhouse::partition {

struct StoredObject {
  std::string key;
  std::uint64_t size = 0;
};

class ObjectRef;

/// Lifetime:  its references and indexes keep it.
/// Threading: one executor.
class ObjectTable : public std::enable_shared_from_this<ObjectTable> {
  /// Only make() has one.
  struct Key {
    explicit Key() = default;
  };

 public:
  explicit ObjectTable(Key /*key*/) {}
  static std::shared_ptr<ObjectTable> make();

  /// The object of that key, which is added if it is not there.
  ObjectRef add(std::string_view key, std::uint64_t size);
  std::size_t size() const { return slots_.size() - free_.size(); }
  /// Memory, about, of the table and of every index that refers to it.
  std::size_t bytes() const { return object_bytes_ + index_bytes_; }

  // ---- for ObjectRef and SpanIndex, which count references by slot
  const StoredObject& at(std::uint32_t slot) const { return slots_[slot].object; }
  void retain(std::uint32_t slot) { ++slots_[slot].references; }
  void release(std::uint32_t slot);
  /// Another reference to what is in the slot. Requires: there is one.
  ObjectRef ref(std::uint32_t slot);
  void count_index_bytes(std::size_t before, std::size_t now) { index_bytes_ += now - before; }

 private:
  struct Slot {
    StoredObject object;
    std::uint32_t references = 0;
  };

  std::deque<Slot> slots_;           ///< Never move: by_key_ and readers look into them.
  std::vector<std::uint32_t> free_;  ///< Slots without an object.
  std::unordered_map<std::string_view, std::uint32_t> by_key_;
  std::size_t object_bytes_ = 0;
  std::size_t index_bytes_ = 0;
};

/// Counted: an object stays in its table while one of these, or an index, refers to it.
class ObjectRef {
 public:
  ObjectRef() = default;
  ObjectRef(const ObjectRef& other);
  ObjectRef(ObjectRef&& other) noexcept = default;
  ObjectRef& operator=(ObjectRef other) noexcept;
  ~ObjectRef();

  explicit operator bool() const { return table_ != nullptr; }
  const StoredObject& operator*() const { return table_->at(slot_); }
  const StoredObject* operator->() const { return &table_->at(slot_); }
  const std::shared_ptr<ObjectTable>& table() const { return table_; }
  std::uint32_t slot() const { return slot_; }

 private:
  friend ObjectTable;
  ObjectRef(std::shared_ptr<ObjectTable> table, std::uint32_t slot);

  std::shared_ptr<ObjectTable> table_;
  std::uint32_t slot_ = 0;
};

}  // namespace streamhouse::partition
