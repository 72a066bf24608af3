#pragma once
/// \file  The compression codecs of record batches. Each lives in its own file of codec/, the only
/// place that sees its library.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace streamhouse::model {

/// Numbered as in a batch's attributes.
enum class Codec : std::uint8_t { kNone, kGzip, kSnappy, kLz4, kZstd };

/// As in a topic's compression.type: none, gzip, snappy, lz4, zstd.
std::string_view codec_name(Codec codec);

/// Appends the compressed form of `in` to `out`. What is written reads on every client: one gzip
/// member, one raw snappy block, one LZ4 frame of independent 64 KiB blocks, one zstd frame.
/// Errors: kTooLarge for 2 GiB and more, kUnsupported; `out` is then as before.
/// Cost: one pass; about 1 GB/s for LZ4 and snappy, less for the others.
base::Status compress(Codec codec, base::BytesView in, base::ByteVector& out);

/// The bytes that `in` was made of: gzip members, a raw snappy block or Java's chunks of them, one
/// LZ4 frame, zstd frames; nothing may follow. With kNone a copy.
/// Errors: kInvalid for malformed or cut input, kTooLarge if the output exceeds `size_max` or the
/// input 2 GiB, kUnsupported for an unknown codec.
/// Memory: no buffer above `size_max`, whatever sizes the input declares, and while it grows two of
/// them at once; beside that the codec's fixed working memory (under 9 MiB, under 200 KiB but for
/// LZ4 frames with large blocks).
base::Result<base::Bytes> decompress(Codec codec, base::BytesView in, std::size_t size_max);

}  // namespace streamhouse::model
