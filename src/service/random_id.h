#pragma once
/// \file  New identities.

#include "model/ids.h"
#include "runtime/random.h"

namespace streamhouse::service {

/// A random UUID (version 4): of a new topic, of a new cluster.
model::TopicId random_uuid(runtime::Random& random);

}  // namespace streamhouse::service
