#include "objectstore/wrappers/fault_object_store.h"

#include <type_traits>
#include <utility>

namespace streamhouse::objectstore {

using base::Errc;
using base::Error;

namespace {

Error injected(Errc code, StoreOperation operation, StoreFault fault) {
  return base::make_error(code, "injected fault: " + std::string(operation_name(operation)) + " " +
                                    std::string(fault_name(fault)));
}

/// What a call that is never applied answers.
Status refusal(StoreOperation operation, StoreFault fault) {
  if (fault == StoreFault::kThrottled) return injected(Errc::kThrottled, operation, fault);
  if (fault == StoreFault::kRefused || fault == StoreFault::kBurst)
    return injected(Errc::kUnavailable, operation, fault);
  return {};
}

}  // namespace

Task<void> FaultObjectStore::wait_until_released(StoreOperation operation) {
  while (faults_.is_held(operation)) co_await runtime_.sleep(StoreFaults::kHoldPoll);
}

Task<void> FaultObjectStore::wait_out(StoreOperation operation, StoreFault fault) {
  if (fault == StoreFault::kStalled) {
    const auto time = faults_.stall_time();
    co_await runtime_.sleep(time);
  }
  co_await wait_until_released(operation);
}

Task<Status> FaultObjectStore::write(StoreOperation operation, Task<Status> call) {
  const StoreFault fault = faults_.draw(operation);
  co_await wait_out(operation, fault);
  SH_CO_TRY_OK(refusal(operation, fault));
  if (fault == StoreFault::kAppliedLate) {
    faults_.apply_late(std::move(call));
    co_return injected(Errc::kUnknownOutcome, operation, fault);
  }
  Status result = co_await std::move(call);
  co_await wait_until_released(operation);
  if (fault == StoreFault::kReplyLost) co_return injected(Errc::kUnknownOutcome, operation, fault);
  co_return result;
}

template <class T>
Task<Result<T>> FaultObjectStore::read(StoreOperation operation, Task<Result<T>> call) {
  const StoreFault fault = faults_.draw(operation);
  co_await wait_out(operation, fault);
  SH_CO_TRY_OK(refusal(operation, fault));
  Result<T> result = co_await std::move(call);
  co_await wait_until_released(operation);
  if (fault == StoreFault::kReplyLost) co_return injected(Errc::kUnavailable, operation, fault);
  if constexpr (std::is_same_v<T, Bytes>) {
    if (!result || result->empty()) co_return result;
    if (fault == StoreFault::kCorrupted) co_return faults_.corrupt(*result);
    if (fault == StoreFault::kTruncated) co_return faults_.truncate(*result);
  }
  co_return result;
}

Task<Status> FaultObjectStore::put(ObjectKey key, Chunks content) {
  return write(StoreOperation::kPut, inner_.put(std::move(key), std::move(content)));
}

Task<Result<Bytes>> FaultObjectStore::get(ObjectKey key, ByteRange range) {
  return read(StoreOperation::kGet, inner_.get(std::move(key), range));
}

Task<Result<ObjectInfo>> FaultObjectStore::head(ObjectKey key) {
  return read(StoreOperation::kHead, inner_.head(std::move(key)));
}

Task<Result<ObjectPage>> FaultObjectStore::list(std::string prefix, ObjectKey start_after,
                                                std::size_t limit) {
  return read(StoreOperation::kList, inner_.list(std::move(prefix), std::move(start_after), limit));
}

Task<Status> FaultObjectStore::remove(ObjectKey key) {
  return write(StoreOperation::kDelete, inner_.remove(std::move(key)));
}

}  // namespace streamhouse::objectstore
