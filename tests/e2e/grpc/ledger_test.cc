// Goal: the ledger that the other tests here trust notices each way to go wrong, and accepts what
// is right. Method: records in a real agent, and attempts that tell another story.
#include "tests/e2e/client/ledger.h"

#include "tests/e2e/client/numbered_value.h"
#include "tests/e2e/grpc/agent_case.h"

namespace streamhouse::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LedgerTest : public AgentCase {
 protected:
  void SetUp() override {
    AgentCase::SetUp();
    ledger_ = std::make_unique<Ledger>(std::vector<TestTopic>{{topic_, 1}});
  }
  void there(std::uint64_t number) { given({numbered_value(number, 100)}); }
  void told(std::uint64_t number, Fate fate, std::int64_t offset = -1) {
    ledger_->enter({{number, fate, topic_, 0, offset}});
  }
  std::vector<std::string> read() {
    ledger_->read_on(client_);
    ledger_->expect_all_read(Ledger::Buffered::kMustBeThere);
    return ledger_->violations();
  }

  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, AcceptsWhatIsRight) {
  told(1, Fate::kAcknowledged, 0);
  told(2, Fate::kUnknown);
  told(3, Fate::kBuffered);
  told(4, Fate::kRefused);
  told(5, Fate::kUnknown);
  for (const std::uint64_t number : {1u, 3u, 5u}) there(number);
  EXPECT_THAT(read(), IsEmpty());
  ledger_->read_again(client_);
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_EQ(ledger_->end_of(topic_, 0), 3);
}

TEST_F(LedgerTest, NoticesWhatIsLost) {
  told(1, Fate::kAcknowledged, 0);
  told(2, Fate::kBuffered);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("lost 1"), HasSubstr("lost 2")));
}

TEST_F(LedgerTest, NoticesWhatIsThereTwice) {
  told(1, Fate::kUnknown);
  there(1);
  there(1);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("twice")));
}

TEST_F(LedgerTest, NoticesWhatIsElsewhere) {
  told(1, Fate::kAcknowledged, 1);
  there(1);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("acknowledged at 1")));
}

TEST_F(LedgerTest, NoticesWhatWasRefusedOrNeverSent) {
  told(1, Fate::kRefused);
  there(1);
  there(2);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("refused"), HasSubstr("nobody sent")));
}

TEST_F(LedgerTest, NoticesDamageAndDisorder) {
  told(1, Fate::kUnknown);
  told(2, Fate::kUnknown);
  there(2);
  there(1);
  std::string damaged = numbered_value(3, 100);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  given({damaged});
  EXPECT_THAT(read(), ElementsAre(HasSubstr("after 2"), HasSubstr("R5")));
}

TEST_F(LedgerTest, NoticesWhatChangesBetweenReadings) {
  told(1, Fate::kUnknown);
  there(1);
  EXPECT_THAT(read(), IsEmpty());
  v1::ConsumedRecord other;
  other.mutable_record()->set_value(numbered_value(2, 100));
  ledger_->expect_there(topic_, 0, other);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("L1")));
  other.set_offset(7);
  ledger_->expect_there(topic_, 0, other);
  EXPECT_THAT(read(), ElementsAre(HasSubstr("L1"), HasSubstr("is gone")));
}

}  // namespace
}  // namespace streamhouse::e2e
