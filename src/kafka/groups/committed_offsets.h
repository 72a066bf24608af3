#pragma once
/// \file  The committed offsets of one group, for OffsetFetch in all its versions.

#include "kafka/call.h"
#include "wire/messages/groups/offset_fetch.h"

namespace streamhouse::kafka {

/// One group of a request as from version 8 on, answered in that form; all topics, if none is
/// named. A partition without an offset has -1, also of an unknown group or topic; an unknown id
/// has UNKNOWN_TOPIC_ID.
/// Cost: one read of the store for each topic, and one for the offsets.
runtime::Task<wire::OffsetFetchResponse::Group> committed_offsets(
    Call& call, wire::OffsetFetchRequest::Group asked);

}  // namespace streamhouse::kafka
