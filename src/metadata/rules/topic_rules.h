#pragma once
/// \file  What every store asks of a topic and of its change, in the same words.

#include "metadata/topics.h"

namespace streamhouse::metadata {

/// Errors: kInvalid, as create_topic has them.
Status check_new_topic(const NewTopic& topic);
/// The topic as it is when created, under the number that the store gave it.
Topic created_topic(NewTopic wanted, model::TopicNo no, DatabaseMs now);
base::Error topic_not_found(const std::string& name);
base::Error partition_not_found(TopicPartition key);
/// The topic's config and retention after `change`; equal to `topic` if it is in effect already.
/// Errors: kConflict (version).
Result<Topic> changed_by(const Topic& topic, const TopicChange& change);
/// Errors: kInvalid if `topic` cannot get `count` partitions. Fewer are none.
Status check_partition_count(const Topic& topic, std::int32_t count);

}  // namespace streamhouse::metadata
