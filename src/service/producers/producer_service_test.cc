// Goal: no two producers get the same id, however many ask at once and of whatever agent, and the
// store is asked once for many.
// Method: services over one store whose answers are counted, held and lost.

#include "service/producers/producer_service.h"

#include <set>

#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::service {
namespace {

using core_testing::milliseconds;
using core_testing::Pending;
using metadata::Operation;
using Answer = base::Result<model::ProducerId>;

class ProducerServiceTest : public core_testing::SessionWorld {
 protected:
  std::int64_t next(ProducerService& producers) {
    const Answer id = wait(producers.next_id());
    SH_CHECK(id.has_value(), "an id");
    return id->value();
  }

  metadata::MetadataFaults metadata_faults_{world_, 3};
  metadata::FaultMetadataStore slow_{metadata_, agent_, metadata_faults_};
  ProducerService one_{agent_, slow_};
  ProducerService other_{agent_, metadata_};
};

TEST_F(ProducerServiceTest, EveryIdIsGivenOnceByWhateverAgent) {
  std::set<std::int64_t> ids;
  const auto count = static_cast<int>(2 * ProducerService::kIdsPerBlock + 10);
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(ids.insert(next(one_)).second);
    EXPECT_TRUE(ids.insert(next(other_)).second);
  }
  EXPECT_EQ(*ids.begin(), 0);
  EXPECT_LT(*ids.rbegin(), 6 * ProducerService::kIdsPerBlock) << "three blocks each";
}

TEST_F(ProducerServiceTest, WhoAsksWhileABlockIsOnItsWayWaitsForIt) {
  metadata_faults_.hold(Operation::kAllocateProducerIds);
  std::vector<Pending<Answer>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(begin(one_.next_id()));
  run(milliseconds(10));
  for (const auto& answer : answers) EXPECT_FALSE(answer->has_value());
  metadata_faults_.release();
  run(milliseconds(100));
  std::set<std::int64_t> ids;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer->has_value());
    EXPECT_TRUE(ids.insert((**answer)->value()).second);
  }
  EXPECT_EQ(*ids.rbegin(), 99) << "of one block";
}

}  // namespace
}  // namespace streamhouse::service
