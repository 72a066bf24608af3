#pragma once
/// \file  The topic that a request means: by name, or by id where its version has ids.

#include "kafka/call.h"
#include "kafka/error_code.h"

namespace streamhouse::kafka {

constexpr wire::Uuid kNoTopicId{};

/// By id if there is no name: requests have either. Refused as UNKNOWN_TOPIC_ID or
/// UNKNOWN_TOPIC_OR_PARTITION if there is no such topic. `about`: what it is asked for.
runtime::Task<std::expected<cluster::TopicPtr, Refusal>> find_topic(
    Call& call, wire::NullableString name, wire::Uuid id, ErrorAbout about = ErrorAbout::kRequest);

}  // namespace streamhouse::kafka
