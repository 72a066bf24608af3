#include "produce_outcome.h"

#include <optional>

namespace streamhouse::sim {

std::optional<ProduceOutcome> produce_outcome(const base::Result<service::Produced>& answer,
                                              AckMode mode) {
  if (answer) {
    const bool says_where = answer->base_offset >= model::Offset(0);
    if (says_where != (mode == AckMode::kDurable)) return std::nullopt;
    return says_where ? ProduceOutcome::kCommitted : ProduceOutcome::kUnknown;
  }
  switch (answer.error().code) {
    case base::Errc::kTopicNotFound:
    case base::Errc::kPartitionNotFound:
    case base::Errc::kNotLeader:
    case base::Errc::kThrottled:
    case base::Errc::kTooLarge:
    case base::Errc::kUnavailable:
    case base::Errc::kOutOfOrderSequence:
    case base::Errc::kProducerFenced:
      return ProduceOutcome::kDefinitelyNot;
    case base::Errc::kUnknownOutcome:
      return ProduceOutcome::kUnknown;
    default:
      return std::nullopt;
  }
}

}  // namespace streamhouse::sim
