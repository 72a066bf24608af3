#include "blockcache/footer_cache.h"

namespace streamhouse::blockcache {
namespace {

std::size_t estimate_bytes(const std::string& key, const segment::ObjectFooter& footer) {
  constexpr std::size_t kSpanBytes = 128;
  constexpr std::size_t kBlockBytes = 48;
  return 256 + key.size() + footer.spans().size() * kSpanBytes +
         footer.blocks().size() * kBlockBytes;
}

}  // namespace

FooterCache::Footer FooterCache::find(const std::string& object_key) {
  const auto found = positions_.find(object_key);
  ++(found == positions_.end() ? use_.misses : use_.hits);
  if (found == positions_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->footer;
}

void FooterCache::insert(const std::string& object_key, Footer footer) {
  erase(object_key);
  const std::size_t bytes = estimate_bytes(object_key, *footer);
  entries_.push_front({object_key, std::move(footer), bytes});
  positions_.emplace(object_key, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_ && entries_.size() > 1) erase(std::string(entries_.back().key));
}

void FooterCache::erase(const std::string& object_key) {
  const auto found = positions_.find(object_key);
  if (found == positions_.end()) return;
  bytes_ -= found->second->bytes;
  entries_.erase(found->second);
  positions_.erase(found);
}

}  // namespace streamhouse::blockcache
