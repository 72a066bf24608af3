// Goal: F1. While a writer appends flat out, others seal: after the seal no append is ever
// accepted, and everything acknowledged lies below it.
// Method: rounds of concurrent calls on one session each: a writer, a twin that sends the same rows
// again (late copies), and one to three sealers that strike after a random number of rows, by
// take-over or as the session itself; then the log is read and compared with what was answered.
// METADATA_SEAL_ROUNDS=N plays that many.
#include <algorithm>
#include <cstdlib>

#include "runtime/task_group.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr std::uint64_t kRounds = 300;

/// What the coroutines of one round were answered.
struct Round {
  SessionId session = {};
  std::int64_t acknowledged = 0;  ///< Newest row that some append found or made.
  std::int64_t inserted = 0;      ///< Appends answered kNow.
  std::vector<std::string> refusals = {};
  std::vector<Seq> seals = {};
  std::vector<std::string> seal_refusals = {};
  std::int64_t self_sealed = 0;  ///< The seq at which the session was told it is sealed.
};

/// After an append that took so long.
Task<void> pause_after(MetadataStoreContract& test, runtime::Duration append) {
  const auto longest = static_cast<std::uint64_t>((append * test.GetParam().pause_max).count());
  if (longest == 0) {
    co_await test.runtime().yield();
  } else {
    const std::uint64_t pause = test.runtime().random().below(longest + 1);
    co_await test.runtime().sleep(runtime::Duration(static_cast<std::int64_t>(pause)));
  }
}

Task<void> append_flat_out(MetadataStoreContract& test, MetadataStore& store, Round& round) {
  for (std::int64_t seq = 1; round.seal_refusals.empty(); ++seq) {
    const runtime::MonoTime begun = test.runtime().now();
    CommitEntry row = any_commit(static_cast<std::uint32_t>(seq));
    const auto appended = co_await store.append(round.session, Seq(seq), std::move(row));
    if (!appended) {
      round.refusals.emplace_back(base::errc_name(appended.error().code));
      co_return;
    }
    round.acknowledged = std::max(round.acknowledged, seq);
    round.inserted += *appended == Appended::kNow ? 1 : 0;
    co_await pause_after(test, test.runtime().now() - begun);
  }
}

/// Returns when so many rows are acknowledged, or the writers have ended.
Task<void> await_rows(MetadataStoreContract& test, std::int64_t rows, const Round& round) {
  while (round.acknowledged < rows && round.refusals.empty()) co_await test.runtime().yield();
}

Task<void> seal_after(MetadataStoreContract& test, std::int64_t rows, Round& round) {
  co_await await_rows(test, rows, round);
  const auto sealed = co_await test.backend().second_store().seal_session(round.session);
  if (sealed)
    round.seals.push_back(*sealed);
  else
    round.seal_refusals.emplace_back(base::errc_name(sealed.error().code));
}

/// Gives up at the pending seq, as often as it is told that the row was committed meanwhile.
Task<void> self_seal_after(MetadataStoreContract& test, std::int64_t rows, Round& round) {
  co_await await_rows(test, rows, round);
  for (;;) {
    const std::int64_t pending = round.acknowledged + 1;
    const auto sealed = co_await test.store().self_seal(round.session, Seq(pending));
    if (!sealed) co_return;
    if (*sealed == SelfSeal::kSealed) {
      round.self_sealed = pending;
      co_return;
    }
    co_await test.runtime().yield();
  }
}

Task<void> play(MetadataStoreContract& test, runtime::Random& random, Round& round) {
  runtime::TaskGroup group(test.runtime());
  group.spawn(append_flat_out(test, test.store(), round));
  group.spawn(append_flat_out(test, test.backend().second_store(), round));
  if (random.chance(0.4)) group.spawn(self_seal_after(test, random.between(0, 6), round));
  const std::uint64_t sealers = 1 + random.below(3);
  for (std::uint64_t i = 0; i < sealers; ++i)
    group.spawn(seal_after(test, random.between(0, 8), round));
  co_await group.close();
}

/// The log, read afterwards, against what was answered.
void expect_sealed(MetadataStoreContract& test, const Round& round) {
  ASSERT_EQ(round.seal_refusals, std::vector<std::string>());
  ASSERT_FALSE(round.seals.empty());
  const std::int64_t seal = round.seals.front().value();
  for (const Seq other : round.seals) EXPECT_EQ(other, Seq(seal)) << "a second seal";
  EXPECT_EQ(round.refusals, (std::vector<std::string>{"fenced", "fenced"}));
  EXPECT_EQ(round.acknowledged, seal - 1);
  EXPECT_EQ(round.inserted, seal - 1);
  if (round.self_sealed > 0) EXPECT_GE(round.self_sealed, seal);
  const auto log = test.must(test.store().tail(round.session, Seq(0), 1'000'000));
  ASSERT_EQ(log.size(), static_cast<std::size_t>(seal));
  for (std::int64_t seq = 1; seq < seal; ++seq) {
    const LogRow& row = log[static_cast<std::size_t>(seq - 1)];
    EXPECT_EQ(row.seq, Seq(seq));
    EXPECT_EQ(row.kind, RowKind::kCommit);
    EXPECT_EQ(row.crc, any_commit(static_cast<std::uint32_t>(seq)).object_crc);
  }
  EXPECT_EQ(log.back().kind, RowKind::kSeal);
  for (const std::int64_t seq : {seal, seal + 1, seal + 2})
    EXPECT_EQ(test.outcome(test.store().append(round.session, Seq(seq), any_commit())), "fenced");
}

TEST_P(MetadataStoreContract, NoAppendIsAcceptedAfterASealThatRacesWithAWriter) {
  runtime::Random random(7);
  std::int64_t rows = 0;
  const char* const wanted = std::getenv("METADATA_SEAL_ROUNDS");
  const auto usual = static_cast<std::uint64_t>(GetParam().rounds(kRounds));
  const std::uint64_t rounds = wanted ? std::strtoull(wanted, nullptr, 10) : usual;
  for (std::uint64_t i = 1; i <= rounds && !HasFailure(); ++i) {
    Round round{.session = SessionId(i)};
    open(round.session);
    runtime::run_task(runtime(), play(*this, random, round));
    expect_sealed(*this, round);
    rows += round.acknowledged;
  }
  EXPECT_GT(rows, static_cast<std::int64_t>(rounds)) << "the writers hardly wrote";
}

}  // namespace
}  // namespace streamhouse::metadata::contract
