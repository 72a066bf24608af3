#pragma once
/// \file  MD5 (RFC 1321) as the header Content-MD5 has it: S3 wants it with a removal of many
/// objects, against accidents on the way. It proves nothing against anybody.

#include <string>

#include "base/bytes.h"

namespace streamhouse::net {

/// In base64, 24 characters; empty where the library has no MD5, as under FIPS 140.
std::string md5_base64(base::BytesView bytes);

}  // namespace streamhouse::net
