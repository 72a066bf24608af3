#pragma once
/// \file  A batch under another codec than its producer chose.

#include "model/record_batch.h"

namespace streamhouse::model {

/// The batch with its records compressed by `codec`: length, codec and CRC are new, all else is as
/// it was. Requires: a batch that has passed validate_produced; the new CRC would hide older
/// damage. Errors: as decompress(), with `size_max` for the records, and compress().
base::Result<base::ByteVector> recompress(const RecordBatchView& batch, Codec codec,
                                          std::size_t size_max);

}  // namespace streamhouse::model
