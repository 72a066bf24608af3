#pragma once
/// \file  Looking back at a session that was lost: whether the database still has what it had
/// acknowledged (rule P1).

#include "metadata/metadata_store.h"

namespace streamhouse::cluster {

/// Row `committed` of the session, which was acknowledged, is there, or was trimmed since. A seal
/// in front of it means that rows are lost, and whoever sealed could not know. Errors: kRegressed
/// if it is lost; those of the store. Threading: the core's executor.
runtime::Task<base::Status> look_back(metadata::MetadataStore& metadata, model::SessionId session,
                                      model::Seq committed);

}  // namespace streamhouse::cluster
