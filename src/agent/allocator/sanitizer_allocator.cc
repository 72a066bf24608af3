#include "agent/allocator/allocator.h"

namespace streamhouse::agent {

void configure_allocator() {}

}  // namespace streamhouse::agent
