#include "metadata/wrappers/fault_metadata_store.h"

#include <string>
#include <utility>

namespace streamhouse::metadata {

using base::Errc;

namespace {

base::Error injected(Errc code, Operation operation, MetadataFault fault) {
  return make_error(code, "injected fault: " + std::string(info(operation).name) + " " +
                              std::string(fault_name(fault)));
}

/// What a call that is never applied answers.
Status refusal(Operation operation, MetadataFault fault) {
  if (fault == MetadataFault::kThrottled) return injected(Errc::kThrottled, operation, fault);
  if (fault == MetadataFault::kRefused || fault == MetadataFault::kBurst)
    return injected(Errc::kUnavailable, operation, fault);
  return {};
}

}  // namespace

FaultMetadataStore::FaultMetadataStore(MetadataStore& inner, runtime::Runtime& runtime,
                                       MetadataFaults& faults)
    : inner_(inner), runtime_(runtime), faults_(faults) {}
FaultMetadataStore::~FaultMetadataStore() = default;

Task<void> FaultMetadataStore::wait_until_released(Operation operation) {
  while (faults_.is_held(operation)) co_await runtime_.sleep(MetadataFaults::kHoldPoll);
}

Task<void> FaultMetadataStore::wait_out(Operation operation, MetadataFault fault) {
  if (fault == MetadataFault::kStalled) {
    const auto time = faults_.stall_time();
    co_await runtime_.sleep(time);
  }
  co_await wait_until_released(operation);
}

template <class Call>
Task<void> FaultMetadataStore::apply(MetadataStore& inner, Call call) {
  // Nobody waits for the answer any more.
  static_cast<void>(co_await call(inner));
}

template <class Call>
std::invoke_result_t<Call&, MetadataStore&> FaultMetadataStore::perform(Operation operation,
                                                                        Call call) {
  const MetadataFault fault = faults_.draw(operation);
  co_await wait_out(operation, fault);
  SH_CO_TRY_OK(refusal(operation, fault));
  if (fault == MetadataFault::kAppliedLate) {
    faults_.apply_late(apply(inner_, std::move(call)));
    co_return injected(Errc::kUnknownOutcome, operation, fault);
  }
  auto answer = co_await call(inner_);
  if (faults_.draw_copy(operation)) faults_.apply_late(apply(inner_, std::move(call)));
  co_await wait_until_released(operation);
  if (fault != MetadataFault::kReplyLost) co_return answer;
  const bool is_write = info(operation).access == Access::kWrite;
  co_return injected(is_write ? Errc::kUnknownOutcome : Errc::kUnavailable, operation, fault);
}

template class MetadataStoreAdapter<FaultMetadataStore>;

}  // namespace streamhouse::metadata
