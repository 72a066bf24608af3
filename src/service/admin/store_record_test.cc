// Goal: the database says in which bucket the objects lie, and is written only when that changes.
// Method: the record over the model store, with faults.
#include "service/admin/store_record.h"

#include <gtest/gtest.h>

#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::service {
namespace {

class StoreRecordTest : public core_testing::SessionWorld {
 protected:
  std::string write(const std::string& bucket, const std::string& prefix) {
    return outcome(wait(record_.write(bucket, prefix)));
  }
  /// `value/version`, or the error's name.
  std::string setting(std::string_view key) {
    const auto found = wait(metadata_.get_setting(std::string(key)));
    if (!found) return outcome(found);
    return std::string(base::as_text(found->value)) + "/" + std::to_string(found->version);
  }

  metadata::MetadataFaults database_faults_{world_, 3};
  metadata::FaultMetadataStore faulty_{metadata_, agent_, database_faults_};
  StoreRecord record_{faulty_};
};

TEST_F(StoreRecordTest, ADirectoryLeavesNothing) {
  EXPECT_EQ(write("", ""), "ok");
  EXPECT_EQ(setting(StoreRecord::kBucket), "not_found");
  EXPECT_EQ(setting(StoreRecord::kPrefix), "not_found");
}

TEST_F(StoreRecordTest, IsWrittenWhenItChanges) {
  EXPECT_EQ(write("bucket", "a/"), "ok");
  EXPECT_EQ(write("bucket", "a/"), "ok");
  EXPECT_EQ(setting(StoreRecord::kBucket), "bucket/1");
  EXPECT_EQ(setting(StoreRecord::kPrefix), "a//1");
  EXPECT_EQ(write("bucket", "b/"), "ok");
  EXPECT_EQ(setting(StoreRecord::kBucket), "bucket/1");
  EXPECT_EQ(setting(StoreRecord::kPrefix), "b//2");
  EXPECT_EQ(write("", ""), "ok");
  EXPECT_EQ(setting(StoreRecord::kBucket), "/2");
}

TEST_F(StoreRecordTest, AStoreInTroubleIsAnError) {
  database_faults_.set_rates({.refused = 1});
  EXPECT_EQ(write("bucket", ""), "unavailable");
  database_faults_.stop();
  EXPECT_EQ(write("bucket", ""), "ok");
}

}  // namespace
}  // namespace streamhouse::service
