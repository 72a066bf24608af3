#pragma once
/// \file  What the whole process gets its memory from: mimalloc, or under a sanitizer its own.

namespace streamhouse::agent {

/// Memory that was freed is kept for a second before the system gets it back. Buffers of records
/// are large, come and go all the time, and each page that the system hands out it clears first: a
/// tenth of the processor time of a produce, a third of that of a fetch. Call before there are
/// threads. MIMALLOC_DECOMMIT_DELAY in the environment has precedence.
void configure_allocator();

}  // namespace streamhouse::agent
