#pragma once
/// \file  One handler for each API: what a request means to the services.
///
/// The next request of a connection begins when a handler has ended, or before that when it has
/// passed its turn on. What a response borrows lies in the request's frame, in the call's texts or
/// outlives the call.

#include "kafka/call.h"
#include "wire/messages/cluster/api_versions.h"
#include "wire/messages/groups/find_coordinator.h"
#include "wire/messages/records/fetch.h"
#include "wire/messages/records/list_offsets.h"
#include "wire/messages/records/offset_for_leader_epoch.h"
#include "wire/messages/records/produce.h"
#include "wire/messages/topics/metadata.h"

namespace streamhouse::kafka {

Answer<wire::ProduceResponse> handle(Call& call, wire::ProduceRequest request);
Answer<wire::FetchResponse> handle(Call& call, wire::FetchRequest request);
Answer<wire::ListOffsetsResponse> handle(Call& call, wire::ListOffsetsRequest request);
Answer<wire::OffsetForLeaderEpochResponse> handle(Call& call,
                                                  wire::OffsetForLeaderEpochRequest request);
Answer<wire::MetadataResponse> handle(Call& call, wire::MetadataRequest request);
Answer<wire::FindCoordinatorResponse> handle(Call& call, wire::FindCoordinatorRequest request);
Answer<wire::ApiVersionsResponse> handle(Call& call, wire::ApiVersionsRequest request);

}  // namespace streamhouse::kafka
