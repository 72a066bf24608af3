#include <mimalloc.h>

#include "agent/allocator/allocator.h"

namespace streamhouse::agent {

void configure_allocator() {
  constexpr long kMilliseconds = 1'000;
  mi_option_set_default(mi_option_decommit_delay, kMilliseconds);
}

}  // namespace streamhouse::agent
