#pragma once
/// \file  What a client wants a topic to be, checked.

#include <expected>

#include "kafka/error_code.h"
#include "service/topic_service.h"
#include "wire/messages/topics/create_partitions.h"
#include "wire/messages/topics/create_topics.h"

namespace streamhouse::kafka {

/// Replicas are taken as they are asked for and not kept: a partition has one, its leader.
std::expected<service::TopicSpec, Refusal> topic_spec(const wire::CreateTopicsRequest::Topic& asked,
                                                      std::int32_t default_partitions);

/// Whether a topic that has `partitions` can get what is asked for.
std::expected<void, Refusal> check_growth(const wire::CreatePartitionsRequest::Topic& asked,
                                          std::int32_t partitions);

}  // namespace streamhouse::kafka
