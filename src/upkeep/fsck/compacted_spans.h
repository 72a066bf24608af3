#pragma once
/// \file  CompactedSpans: what the live compacted objects hold, by their own span tables. Pure.

#include <map>
#include <set>
#include <string>

#include "metadata/objects.h"

namespace streamhouse::upkeep {

/// Memory: about 100 bytes a span.
class CompactedSpans {
 public:
  void add(const std::string& object_key, const segment::Span& span);
  /// What is wrong with the object is reported already: nothing is said of its spans.
  void set_damaged(const std::string& object_key) { damaged_.insert(object_key); }
  /// Whether the segment is as its object says, or its object is damaged.
  bool agree_with(model::TopicPartition key, const metadata::SpanLocation& segment) const;

  /// Whether `span` is the one that `segment`, of the same object, stands for.
  static bool is_same(const segment::Span& span, model::TopicPartition key,
                      const metadata::SpanLocation& segment);

 private:
  struct Place {
    model::Offset base;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    std::uint32_t key_crc = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  using Next = std::pair<model::TopicPartition, model::Offset>;

  std::multimap<Next, Place> places_;
  std::set<std::string> damaged_;
};

}  // namespace streamhouse::upkeep
