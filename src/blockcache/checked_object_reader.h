#pragma once
/// \file  CheckedObjectReader: ObjectBlocks over an object store. Reads the tail of an object once,
/// then only the blocks that are wanted.

#include "blockcache/footer_cache.h"
#include "blockcache/object_blocks.h"

namespace streamhouse::blockcache {

class CheckedObjectReader final : public ObjectBlocks {
 public:
  CheckedObjectReader(objectstore::ObjectStore& store, std::size_t footer_bytes_max)
      : store_(store), footers_(footer_bytes_max) {}

  runtime::Task<base::Result<std::vector<base::Bytes>>> read(SpanRead read) override;
  /// How often an object's footer was at hand.
  const runtime::CacheUse& footer_use() const { return footers_.use(); }

 private:
  using Footer = FooterCache::Footer;

  runtime::Task<base::Result<Footer>> footer_of(std::string key, std::uint64_t size);
  runtime::Task<base::Result<base::Bytes>> get(std::string key, base::ByteRange range);

  objectstore::ObjectStore& store_;
  FooterCache footers_;
};

}  // namespace streamhouse::blockcache
