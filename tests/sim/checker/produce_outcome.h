#pragma once
/// \file  produce_outcome: what the answer to a produce tells the producer (W6).

#include <cstdint>
#include <optional>

#include "service/produce_service.h"

namespace streamhouse::sim {

enum class ProduceOutcome : std::uint8_t { kCommitted, kDefinitelyNot, kUnknown };

enum class AckMode : std::uint8_t {
  kDurable,   ///< Success means committed, and says where.
  kBuffered,  ///< Success promises nothing, so it says no offset.
};

/// nullopt if the answer is none of the three: an error that ProduceService does not document, or a
/// success that fits the topic's kind of acknowledgement not. That kCommitted and kDefinitelyNot
/// are true is for W1 and W3 to see. A buffered success counts as kUnknown.
std::optional<ProduceOutcome> produce_outcome(const base::Result<service::Produced>& answer,
                                              AckMode mode);

}  // namespace streamhouse::sim
