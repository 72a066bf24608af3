#pragma once
/// \file  SlotTable: values under 64-bit ids that are never mistaken for one another, in O(1).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace streamhouse::runtime {

/// An id is slot number and use count of that slot: the id of a value taken out finds nothing, also
/// after the slot was used again (until 2^32 uses later). 0 is never an id.
/// Threading: one thread at a time.
template <class T>
class SlotTable {
 public:
  using SlotId = std::uint64_t;

  SlotId insert(T value) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.value.emplace(std::move(value));
    return (SlotId{slot.use} << 32) | index;
  }

  /// nullptr if `id` is not there. Valid until the next insert or take.
  T* find(SlotId id) {
    const auto index = static_cast<std::uint32_t>(id);
    if (index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    return slot.use == id >> 32 && slot.value ? &*slot.value : nullptr;
  }

  /// Moves the value out and frees its slot; nullopt if `id` is not there.
  std::optional<T> take(SlotId id) {
    T* const value = find(id);
    if (value == nullptr) return std::nullopt;
    std::optional<T> taken(std::move(*value));
    const auto index = static_cast<std::uint32_t>(id);
    slots_[index].value.reset();
    if (++slots_[index].use == 0) slots_[index].use = 1;
    free_.push_back(index);
    return taken;
  }

  /// Moves every value out, in slot order.
  std::vector<T> take_all() {
    std::vector<T> taken;
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      const SlotId id = (SlotId{slots_[index].use} << 32) | index;
      if (auto value = take(id)) taken.push_back(std::move(*value));
    }
    return taken;
  }

  std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    std::optional<T> value;
    std::uint32_t use = 1;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace streamhouse::runtime
