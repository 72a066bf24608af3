// Goal: what a rebuild found is shown whole, in the names of the contract, and what does not apply
// is null. Method: reports made by hand.
#include "cli/output/rebuild_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhouse::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using upkeep::RebuildFault;

upkeep::RebuildReport some_report() {
  const model::TopicPartition known{model::TopicNo(1), model::PartitionIndex(2)};
  const model::TopicPartition unknown{model::TopicNo(9), model::PartitionIndex(0)};
  return {.cluster = {{0xab}},
          .counts = {1, 2, 3},
          .record_count = 77,
          .object_count = 5,
          .topics = {{model::TopicNo(1), "orders"}},
          .findings = {{.fault = RebuildFault::kHole,
                        .partition = known,
                        .offsets = model::OffsetRange{model::Offset(4), model::Offset(9)},
                        .detail = "lost"},
                       {.fault = RebuildFault::kNoTopic, .object = "aa/bb/1", .partition = unknown},
                       {.fault = RebuildFault::kDamagedObject, .object = "cc/dd/2"}},
          .left_out = {{"ee/ff/3", "too late"}, {"", "something"}}};
}

TEST(RebuildOutputTest, JsonHasEveryNameOfTheContract) {
  EXPECT_EQ(rebuild_json(some_report()),
            R"({"cluster_id":"ab000000-0000-0000-0000-000000000000","objects_read":5,"records":77,)"
            R"("topics":2,"partitions":3,"sessions":0,"log_rows":0,"checkpoints":0,"objects":0,)"
            R"("segments":0,"groups":0,"offsets":0,"group_floors":0,"settings":0,"written":false,)"
            R"("findings":[{"fault":"hole","object":null,"topic":"orders","partition_id":2,)"
            R"("first_offset":4,"last_offset":8,"detail":"lost"},)"
            R"({"fault":"no_topic","object":"aa/bb/1","topic":"number 9","partition_id":0,)"
            R"("first_offset":null,"last_offset":null,"detail":""},)"
            R"({"fault":"damaged_object","object":"cc/dd/2","topic":null,"partition_id":null,)"
            R"("first_offset":null,"last_offset":null,"detail":""}],)"
            R"("left_out":[{"object":"ee/ff/3","reason":"too late"},)"
            R"({"object":null,"reason":"something"}]})");
}

TEST(RebuildOutputTest, TextShowsFindingsAndWhatIsLeftOutIfThereAreAny) {
  const std::string text = rebuild_text(some_report());
  for (const auto* part : {"77", "orders", "hole", "number 9", "cc/dd/2", "too late", "no"})
    EXPECT_THAT(text, HasSubstr(part));
  const std::string plain = rebuild_text({.written = true});
  EXPECT_THAT(plain, HasSubstr("yes"));
  EXPECT_THAT(plain, Not(HasSubstr("FAULT")));
  EXPECT_THAT(plain, Not(HasSubstr("LEFT OUT")));
}

TEST(RebuildOutputTest, CountsLeaveTheClusterOut) {
  EXPECT_THAT(counts_json({1, 2, 3}), testing::StartsWith(R"({"topics":2,"partitions":3,)"));
  EXPECT_THAT(counts_text({1, 2, 3}), Not(HasSubstr("cluster")));
}

}  // namespace
}  // namespace streamhouse::cli
