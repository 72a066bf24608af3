#include "service/producers/producer_service.h"

#include <utility>

namespace streamhouse::service {

using base::Result;
using base::Status;
using runtime::Task;

Task<Result<model::ProducerId>> ProducerService::next_id() {
  while (next_ == end_) SH_CO_TRY_OK(co_await refill());
  co_return model::ProducerId(next_++);
}

/// Not asked again where it is not known whether it was given: that block is lost, and no matter.
Task<Status> ProducerService::refill() {
  if (refilling_) co_return co_await refilling_->wait();
  refilling_.emplace(runtime_);
  const auto first = co_await metadata_.allocate_producer_ids(kIdsPerBlock);
  if (first) {
    next_ = first->value();
    end_ = next_ + kIdsPerBlock;
  }
  const auto done = *std::exchange(refilling_, std::nullopt);
  done.set(first ? Status{} : Status(first.error()));
  co_return done.value();
}

}  // namespace streamhouse::service
