#include "tests/e2e/client/ledger.h"

#include <fmt/format.h>

#include "base/check.h"
#include "tests/e2e/client/numbered_value.h"

namespace streamhouse::e2e {

void Ledger::enter(const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    const bool fresh = known_.emplace(attempt.number, Known{attempt}).second;
    SH_CHECK(fresh, "a record is sent once");
    if (attempt.fate == Fate::kAcknowledged) ++acknowledged_;
    if (attempt.fate == Fate::kBuffered) ++buffered_;
    if (attempt.fate >= Fate::kBuffered) unseen_.push_back(attempt.number);
  }
}

void Ledger::read_on(Client& client) {
  for (const TestTopic& topic : topics_) {
    for (int partition = 0; partition < topic.partitions; ++partition) {
      const Place place{topic.name, partition};
      read_place(client, place, static_cast<std::int64_t>(history_[place].size()));
    }
  }
}

void Ledger::read_again(Client& client) {
  for (const auto& [place, numbers] : history_) {
    const std::size_t before = numbers.size();
    const std::size_t read_before = read_;
    read_place(client, place, 0);
    if (read_ - read_before < before)
      violated("L1", place, static_cast<std::int64_t>(read_ - read_before), "ends here");
  }
}

void Ledger::read_place(Client& client, const Place& place, std::int64_t from) {
  v1::ConsumeRequest request = consume_request(place.first);
  request.set_partition(place.second);
  request.set_offset(from);
  const Consumed consumed = client.consume(request);
  if (!consumed.outcome.ok()) violated("W2", place, from, verdict(consumed.outcome));
  for (const v1::ConsumedRecord& record : consumed.records) {
    if (record.offset() != from) violated("L3", place, from, "is missing");
    from = record.offset() + 1;
    saw(place, record);
  }
  read_ += consumed.records.size();
}

void Ledger::expect_there(const std::string& topic, int partition,
                          const v1::ConsumedRecord& record) {
  const Place place{topic, partition};
  const bool there = record.offset() < static_cast<std::int64_t>(history_[place].size());
  if (!there) return violated("R1", place, record.offset(), "was read before and is gone");
  saw(place, record);
}

void Ledger::saw(const Place& place, const v1::ConsumedRecord& record) {
  const auto number = number_of(record.record().value());
  if (!number) return violated("R5", place, record.offset(), "holds what nobody sent");
  std::vector<std::uint64_t>& numbers = history_[place];
  const auto at = static_cast<std::size_t>(record.offset());
  if (at < numbers.size()) {
    if (numbers[at] == *number) return;
    return violated("L1", place, record.offset(),
                    fmt::format("held {:x}, now {:x}", numbers[at], *number));
  }
  if (at > numbers.size()) return violated("R2", place, record.offset(), "comes too early");
  numbers.push_back(*number);
  check_new(place, record.offset(), *number);
}

void Ledger::check_new(const Place& place, std::int64_t offset, std::uint64_t number) {
  const auto found = known_.find(number);
  const std::string name = fmt::format("holds {:x}, ", number);
  if (found == known_.end()) return violated("R1", place, offset, name + "which nobody sent");
  auto& [attempt, seen] = found->second;
  if (seen) violated("W2", place, offset, name + "which is there twice");
  seen = true;
  const bool elsewhere = attempt.partition >= 0 && attempt.partition != place.second;
  if (attempt.topic != place.first || elsewhere)
    violated("L2", place, offset, name + "which was sent elsewhere");
  if (attempt.fate == Fate::kRefused) violated("W3", place, offset, name + "which was refused");
  if (attempt.fate == Fate::kAcknowledged && attempt.offset != offset)
    violated("L2", place, offset, name + fmt::format("acknowledged at {}", attempt.offset));
  check_order(place, number);
}

void Ledger::check_order(const Place& place, std::uint64_t number) {
  std::uint64_t& newest = newest_[{place, producer_of(number)}];
  if (newest > number) {
    const auto offset = static_cast<std::int64_t>(history_[place].size()) - 1;
    violated("L6", place, offset, fmt::format("holds {:x} after {:x}", number, newest));
  }
  newest = number;
}

std::int64_t Ledger::end_of(const std::string& topic, int partition) const {
  const auto found = history_.find({topic, partition});
  return found == history_.end() ? 0 : static_cast<std::int64_t>(found->second.size());
}

void Ledger::expect_all_read(Buffered buffered) {
  for (const std::uint64_t number : unseen_) {
    const Known& known = known_.at(number);
    const Attempt& attempt = known.attempt;
    const bool may_be_lost = attempt.fate == Fate::kBuffered && buffered == Buffered::kMayBeLost;
    if (known.seen || may_be_lost) continue;
    violated("W2", {attempt.topic, attempt.partition}, attempt.offset,
             fmt::format("lost {:x}", number));
  }
  unseen_.clear();
}

void Ledger::violated(const std::string& invariant, const Place& place, std::int64_t offset,
                      const std::string& what) {
  constexpr std::size_t kShown = 20;
  if (violations_.size() >= kShown) return;
  violations_.push_back(
      fmt::format("{} {}-{} offset {} {}", invariant, place.first, place.second, offset, what));
}

}  // namespace streamhouse::e2e
