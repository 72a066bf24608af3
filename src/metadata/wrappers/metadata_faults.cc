#include "metadata/wrappers/metadata_faults.h"

#include <utility>

namespace streamhouse::metadata {

using runtime::Duration;
using runtime::Task;

namespace {

constexpr std::size_t index_of(MetadataFault fault) { return static_cast<std::size_t>(fault); }

/// Does `change` to the entry of each operation of `group`.
template <class T, class Change>
void for_group(ByOperation<T>& entries, OperationGroup group, Change change) {
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (info(operation).group == group) change(entries[operation]);
  }
}

}  // namespace

std::string_view fault_name(MetadataFault fault) {
  constexpr std::array<std::string_view, kMetadataFaultCount> kNames = {
      "none",    "refused",    "throttled",    "burst",
      "stalled", "reply_lost", "applied_late", "copied_late"};
  return kNames[index_of(fault)];
}

MetadataFaults::MetadataFaults(runtime::Runtime& carrier, std::uint64_t seed)
    : carrier_(carrier), random_(seed), late_writes_(carrier) {}

void MetadataFaults::set_rates(OperationGroup group, const MetadataFaultRates& rates) {
  for_group(rates_, group, [&rates](MetadataFaultRates& entry) { entry = rates; });
}

void MetadataFaults::hold(OperationGroup group) {
  for_group(held_, group, [](bool& held) { held = true; });
}

void MetadataFaults::stop() {
  set_rates(MetadataFaultRates{});
  burst_end_ = {};
  release();
}

MetadataFault MetadataFaults::draw(Operation operation) {
  const MetadataFault fault = choose(operation);
  ++counts_[operation][index_of(fault)];
  return fault;
}

MetadataFault MetadataFaults::choose(Operation operation) {
  const MetadataFaultRates& rates = rates_[operation];
  const bool is_write = info(operation).access == Access::kWrite;
  const std::pair<MetadataFault, double> choices[] = {
      {MetadataFault::kRefused, rates.refused},
      {MetadataFault::kThrottled, rates.throttled},
      {MetadataFault::kBurst, rates.burst},
      {MetadataFault::kStalled, rates.stalled},
      {MetadataFault::kReplyLost, rates.reply_lost},
      {MetadataFault::kAppliedLate, is_write ? rates.applied_late : 0}};
  if (carrier_.now() < burst_end_) return MetadataFault::kBurst;
  double at = random_.uniform();
  for (const auto& [fault, rate] : choices) {
    at -= rate;
    if (at >= 0) continue;
    if (fault == MetadataFault::kBurst) burst_end_ = carrier_.now() + times_.burst;
    return fault;
  }
  return MetadataFault::kNone;
}

bool MetadataFaults::draw_copy(Operation operation) {
  if (info(operation).access == Access::kRead) return false;
  const double rate = rates_[operation].copied_late;
  if (rate <= 0 || !random_.chance(rate)) return false;
  ++counts_[operation][index_of(MetadataFault::kCopiedLate)];
  return true;
}

Duration MetadataFaults::stall_time() {
  return Duration(random_.between(0, times_.stall_max.count()));
}

void MetadataFaults::apply_late(Task<void> write) {
  const Duration delay(random_.between(0, times_.late_max.count()));
  late_writes_.spawn(apply_after(delay, std::move(write)));
}

Task<void> MetadataFaults::apply_after(Duration delay, Task<void> write) {
  co_await carrier_.sleep(delay);
  co_await std::move(write);
}

std::uint64_t MetadataFaults::count(Operation operation, MetadataFault fault) const {
  return counts_[operation][index_of(fault)];
}

std::uint64_t MetadataFaults::count(MetadataFault fault) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kOperationCount; ++i) sum += count(static_cast<Operation>(i), fault);
  return sum;
}

}  // namespace streamhouse::metadata
