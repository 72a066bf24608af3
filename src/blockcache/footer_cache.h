#pragma once
/// \file  FooterCache: footers of the objects read last, so that a read of a known object is one
/// request.

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "runtime/telemetry/cache_use.h"
#include "segment/object_reader.h"

namespace streamhouse::blockcache {

/// Least recently used goes first; bounded by an estimate of the bytes that footers take.
/// Threading: the core's executor.
class FooterCache {
 public:
  using Footer = std::shared_ptr<const segment::ObjectFooter>;

  explicit FooterCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// nullptr if it is not cached.
  Footer find(const std::string& object_key);
  void insert(const std::string& object_key, Footer footer);
  void erase(const std::string& object_key);
  std::size_t bytes() const { return bytes_; }
  /// Of find().
  const runtime::CacheUse& use() const { return use_; }

 private:
  struct Entry {
    std::string key;
    Footer footer;
    std::size_t bytes = 0;
  };

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  runtime::CacheUse use_;
  std::list<Entry> entries_;  ///< Most recently used first.
  std::unordered_map<std::string, std::list<Entry>::iterator> positions_;
};

}  // namespace streamhouse::blockcache
