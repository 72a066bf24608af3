#pragma once
/// \file  BoundedCache: the entries used last of a set without bounds, each for a while.

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

#include "runtime/time.h"

namespace streamhouse::runtime {

/// Entries above `entries_max` go, the least recently used first, and each goes `lifetime` after it
/// was inserted, used or not. Pure: time is passed in.
template <class Key, class Value, class Hash = std::hash<Key>>
class BoundedCache {
 public:
  struct Limits {
    std::size_t entries_max = 0;  ///< At least 1.
    Duration lifetime{};
  };
  explicit BoundedCache(Limits limits) : limits_(limits) {}

  /// nullptr if there is none, or none any more; until the next change of the cache.
  const Value* find(const Key& key, MonoTime now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    const auto entry = found->second;
    if (now >= entry->dies_at) {
      erase(key);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->value;
  }
  /// In the place of what is there.
  void insert(const Key& key, Value value, MonoTime now) {
    erase(key);
    entries_.push_front({key, std::move(value), now + limits_.lifetime});
    places_.emplace(key, entries_.begin());
    if (entries_.size() > limits_.entries_max) {
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }
  void erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    entries_.erase(found->second);
    places_.erase(found);
  }
  void clear() {
    places_.clear();
    entries_.clear();
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Key key;
    Value value;
    MonoTime dies_at;
  };
  Limits limits_;
  std::list<Entry> entries_;  ///< Most recently used first.
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> places_;
};

}  // namespace streamhouse::runtime
