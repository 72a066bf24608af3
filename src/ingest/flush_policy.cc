#include "ingest/flush_policy.h"

#include <algorithm>

namespace streamhouse::ingest {

runtime::MonoTime FlushPolicy::close_at(const OpenObjectAge& open,
                                        const FlushHistory& history) const {
  if (open.bytes >= limits_.object_bytes_max) return open.first_batch_at;
  const bool never_closed = history.last_close_at == runtime::MonoTime::min();
  const bool idle_before =
      never_closed || open.first_batch_at - history.last_close_at >= limits_.interval;
  if (idle_before && history.objects_in_flight == 0) return open.first_batch_at + limits_.linger;
  if (never_closed) return open.first_batch_at + limits_.interval;
  return std::max(open.first_batch_at, history.last_close_at + between_closes(open, history));
}

runtime::Duration FlushPolicy::between_closes(const OpenObjectAge& open,
                                              const FlushHistory& history) const {
  const bool sooner = history.objects_in_flight == 0 && open.batches <= limits_.few_batches;
  return sooner ? limits_.pause.value_or(limits_.interval) : limits_.interval;
}

}  // namespace streamhouse::ingest
