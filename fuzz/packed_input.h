#pragma once
/// \file  What the fuzz targets of packed values share: a way past the checksum.

#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {

/// Calls `check` on the bytes, and on the bytes behind a checksum that is right.
template <class Check>
void with_and_without_checksum(base::BytesView bytes, Check check) {
  check(bytes);
  if (bytes.size() < kPackedChecksumSize) return;
  base::ByteVector sealed = base::to_vector(bytes);
  seal_packed(sealed);
  check(base::BytesView(sealed));
}

}  // namespace streamhouse::segment
