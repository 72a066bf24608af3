#pragma once
/// \file  A DynamoDB table as metadata store, opened with all that it runs on.

#include "metadata/opened_metadata_store.h"

namespace streamhouse::metadata {

/// As open_metadata_store(), for `dynamodb://TABLE`.
Task<Result<std::unique_ptr<OpenedMetadataStore>>> open_dynamodb_store(runtime::Runtime& runtime,
                                                                       OpenMetadata options);

}  // namespace streamhouse::metadata
