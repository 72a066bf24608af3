#include "objectstore/wrappers/store_faults.h"

#include <utility>

namespace streamhouse::objectstore {

using runtime::Duration;

namespace {

constexpr std::size_t index_of(StoreFault fault) { return static_cast<std::size_t>(fault); }

bool is_write(StoreOperation operation) {
  return operation == StoreOperation::kPut || operation == StoreOperation::kDelete;
}

}  // namespace

std::string_view fault_name(StoreFault fault) {
  constexpr std::array<std::string_view, kStoreFaultCount> kNames = {
      "none",       "refused",      "throttled", "burst",    "stalled",
      "reply_lost", "applied_late", "corrupted", "truncated"};
  return kNames[index_of(fault)];
}

void StoreFaults::stop() {
  set_rates({});
  burst_end_ = {};
  release();
}

StoreFault StoreFaults::draw(StoreOperation operation) {
  const StoreFault fault = choose(operation);
  const bool needs_answer = fault == StoreFault::kCorrupted || fault == StoreFault::kTruncated;
  if (!needs_answer) ++counts_[operation][index_of(fault)];
  return fault;
}

StoreFault StoreFaults::choose(StoreOperation operation) {
  const FaultRates& rates = rates_[operation];
  const bool is_get = operation == StoreOperation::kGet;
  const std::pair<StoreFault, double> choices[] = {
      {StoreFault::kRefused, rates.refused},
      {StoreFault::kThrottled, rates.throttled},
      {StoreFault::kBurst, rates.burst},
      {StoreFault::kStalled, rates.stalled},
      {StoreFault::kReplyLost, rates.reply_lost},
      {StoreFault::kAppliedLate, is_write(operation) ? rates.applied_late : 0},
      {StoreFault::kCorrupted, is_get ? rates.corrupted : 0},
      {StoreFault::kTruncated, is_get ? rates.truncated : 0}};
  if (carrier_.now() < burst_end_) return StoreFault::kBurst;
  double at = random_.uniform();
  for (const auto& [fault, rate] : choices) {
    at -= rate;
    if (at >= 0) continue;
    if (fault == StoreFault::kBurst) burst_end_ = carrier_.now() + times_.burst;
    return fault;
  }
  return StoreFault::kNone;
}

Duration StoreFaults::stall_time() {
  return Duration(random_.between(0, times_.stall_max.count()));
}

void StoreFaults::apply_late(Task<Status> write) {
  const Duration delay(random_.between(0, times_.late_max.count()));
  late_writes_.spawn(apply_after(delay, std::move(write)));
}

Task<void> StoreFaults::apply_after(Duration delay, Task<Status> write) {
  co_await carrier_.sleep(delay);
  // Nobody waits for the answer any more.
  static_cast<void>(co_await std::move(write));
}

Bytes StoreFaults::corrupt(const Bytes& bytes) {
  ++counts_[StoreOperation::kGet][index_of(StoreFault::kCorrupted)];
  base::ByteVector copy = base::to_vector(bytes);
  const std::uint64_t bit = random_.below(copy.size() * 8);
  copy[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  return Bytes(std::move(copy));
}

Bytes StoreFaults::truncate(const Bytes& bytes) {
  ++counts_[StoreOperation::kGet][index_of(StoreFault::kTruncated)];
  return bytes.slice(0, random_.below(bytes.size()));
}

std::uint64_t StoreFaults::count(StoreOperation operation, StoreFault fault) const {
  return counts_[operation][index_of(fault)];
}

std::uint64_t StoreFaults::count(StoreFault fault) const {
  std::uint64_t sum = 0;
  for (const auto operation : kStoreOperations) sum += count(operation, fault);
  return sum;
}

}  // namespace streamhouse::objectstore
