#pragma once
/// \file  The lines of a file or pipe, which are the records of `produce --input`.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"

namespace streamhouse::cli {

/// Reads a descriptor that its owner keeps open. Memory: one block and one line.
class LineReader {
 public:
  struct Line {
    std::string text;     ///< Without its LF.
    std::int64_t number;  ///< From 1.
  };
  struct Idle {};  ///< Nothing came for the patience: a good moment to send what there is.
  struct End {};
  using Item = std::variant<Line, Idle, End>;

  static constexpr std::size_t kLineBytesMax = 64 << 20;

  LineReader(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  /// The next line, also a last one without LF; waits for `patience`, or for ever without one.
  /// Errors: kTooLarge for a line over kLineBytesMax; kUnavailable when reading fails.
  base::Result<Item> next(std::optional<std::chrono::milliseconds> patience);
  /// Bytes read so far.
  std::int64_t bytes_read() const { return bytes_read_; }

 private:
  std::optional<Line> take_line();
  base::Result<bool> fill();

  int descriptor_;
  std::string name_;
  std::string buffer_;
  std::size_t begin_ = 0;     ///< Of the next line in buffer_.
  std::size_t searched_ = 0;  ///< No LF stands between begin_ and here.
  std::int64_t lines_ = 0;
  std::int64_t bytes_read_ = 0;
  bool ended_ = false;
};

}  // namespace streamhouse::cli
