#pragma once
/// \file  What codec.cc shares with the codecs of this folder; not for others.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace streamhouse::model::codec_backend {

base::Status gzip_compress(base::BytesView in, base::ByteVector& out);
base::Result<base::Bytes> gzip_decompress(base::BytesView in, std::size_t size_max);
base::Status snappy_compress(base::BytesView in, base::ByteVector& out);
base::Result<base::Bytes> snappy_decompress(base::BytesView in, std::size_t size_max);
base::Status lz4_compress(base::BytesView in, base::ByteVector& out);
base::Result<base::Bytes> lz4_decompress(base::BytesView in, std::size_t size_max);
base::Status zstd_compress(base::BytesView in, base::ByteVector& out);
base::Result<base::Bytes> zstd_decompress(base::BytesView in, std::size_t size_max);

/// The output of a decoder that does not know its size beforehand.
/// Invariant: holds at most `size_max` bytes; grows by doubling, to `size_max` and no further.
class OutputBuffer {
 public:
  OutputBuffer(std::size_t size_guess, std::size_t size_max);
  /// Where the next output goes, never empty: behind `size_max` lies one byte that tells a decoder
  /// with more to say from one that is done.
  base::MutableBytesView room();
  /// The first `count` bytes of room() are output now. Errors: kTooLarge beyond `size_max`.
  base::Status commit(std::size_t count);
  /// Makes room() larger. Errors: kTooLarge at `size_max`.
  base::Status grow();
  /// Requires: nothing else is called afterwards.
  base::Bytes take() { return {data_, {data_.get(), used_}}; }

 private:
  base::Error exceeded() const;

  std::size_t size_max_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::shared_ptr<std::uint8_t[]> data_;
  std::uint8_t beyond_ = 0;
};

/// Appends what `write(to)` writes, at most `size_max` bytes, and says the size of. `out` grows by
/// that size only: batches wait in memory in the vectors that they were built in.
template <class Write>
base::Status append_written(base::ByteVector& out, std::size_t size_max, Write write) {
  const auto scratch = std::make_unique_for_overwrite<std::uint8_t[]>(size_max);
  SH_TRY(const std::size_t size, write(scratch.get()));
  out.insert(out.end(), scratch.get(), scratch.get() + size);
  return {};
}

/// A first guess at the output's size, from the input's alone.
inline std::size_t guess_size(base::BytesView in) { return 4096 + 4 * in.size(); }

inline base::Error malformed(std::string text) {
  return base::make_error(base::Errc::kInvalid, std::move(text));
}

}  // namespace streamhouse::model::codec_backend
