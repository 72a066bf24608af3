#pragma once
/// \file  FsckWorld: an UpkeepWorld that fsck is run over, and words for what it finds.

#include <gmock/gmock.h>

#include "tests/upkeep/upkeep_world.h"
#include "upkeep/fsck/fsck.h"

namespace streamhouse::upkeep_testing {

using upkeep::Finding;
using upkeep::Findings;

class KeepingSink final : public upkeep::FsckSink {
 public:
  runtime::Task<base::Status> report(upkeep::FsckCounts read, Findings found) override {
    counts = read;
    for (Finding& finding : found) findings.push_back(std::move(finding));
    ++reports;
    if (refuse) co_return base::Status(base::Errc::kStopped, "enough");
    co_return base::Status{};
  }
  upkeep::FsckCounts counts;
  Findings findings;
  int reports = 0;
  bool refuse = false;
};

inline testing::Matcher<Finding> is_named(const std::string& invariant, const std::string& detail) {
  return testing::AllOf(testing::Field(&Finding::invariant, invariant),
                        testing::Field(&Finding::detail, testing::HasSubstr(detail)));
}

inline testing::Matcher<Finding> is_at(const std::string& invariant, int partition,
                                       std::int64_t offset) {
  const model::TopicPartition key{model::TopicNo(1), model::PartitionIndex(partition)};
  return testing::AllOf(testing::Field(&Finding::invariant, invariant),
                        testing::Field(&Finding::topic, "orders"),
                        testing::Field(&Finding::partition, testing::Optional(key)),
                        testing::Field(&Finding::offset, testing::Optional(Offset(offset))));
}

inline testing::Matcher<Finding> is_of(const std::string& invariant, const std::string& object) {
  return testing::AllOf(testing::Field(&Finding::invariant, invariant),
                        testing::Field(&Finding::object, object));
}

class FsckWorld : public UpkeepWorld {
 protected:
  Findings check(objectstore::ObjectStore& store) {
    sink_ = {};
    upkeep::Fsck fsck({.metadata = metadata_, .objects = store}, sink_);
    const base::Status ended = wait(fsck.run());
    EXPECT_TRUE(ended) << to_string(ended.error());
    return sink_.findings;
  }
  Findings check() { return check(stored_); }
  metadata::SessionRecord& log(metadata::MemoryTables& tables) {
    return tables.sessions.at(session_.id());
  }
  void change_row(std::int64_t seq, const std::function<void(metadata::CheckedRow&)>& change) {
    damage([&](metadata::MemoryTables& tables) {
      metadata::CheckedRow row = *log(tables).log.at(Seq(seq));
      change(row);
      log(tables).log[Seq(seq)] = std::make_shared<const metadata::CheckedRow>(row);
    });
  }
  void change_partition(std::int32_t index,
                        const std::function<void(metadata::Partition&)>& change) {
    damage([&](metadata::MemoryTables& tables) { change(tables.partitions.at(key(index))); });
  }

  KeepingSink sink_;
};

/// Does something else the first time a key is looked at.
class MeddlingStore final : public objectstore::ObjectStore {
 public:
  MeddlingStore(objectstore::ObjectStore& inner, std::string key, std::function<void()> meddle)
      : inner_(inner), key_(std::move(key)), meddle_(std::move(meddle)) {}
  runtime::Task<base::Status> put(std::string key, objectstore::Chunks content) override {
    return inner_.put(std::move(key), std::move(content));
  }
  runtime::Task<base::Result<base::Bytes>> get(std::string key, base::ByteRange range) override {
    get_bytes_max = std::max<std::uint64_t>(get_bytes_max, range.length);
    return inner_.get(std::move(key), range);
  }
  runtime::Task<base::Result<objectstore::ObjectInfo>> head(std::string key) override {
    if (key == key_ && meddle_) std::exchange(meddle_, nullptr)();
    if (key == key_ && loses_it) co_return base::make_error(base::Errc::kNotFound, "gone");
    co_return co_await inner_.head(std::move(key));
  }
  runtime::Task<base::Result<objectstore::ObjectPage>> list(std::string prefix, std::string after,
                                                            std::size_t limit) override {
    return inner_.list(std::move(prefix), std::move(after), limit);
  }
  runtime::Task<base::Status> remove(std::string key) override {
    return inner_.remove(std::move(key));
  }
  std::uint64_t get_bytes_max = 0;
  bool loses_it = false;

 private:
  objectstore::ObjectStore& inner_;
  std::string key_;
  std::function<void()> meddle_;
};

}  // namespace streamhouse::upkeep_testing
