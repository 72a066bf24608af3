#pragma once
/// \file  Standard output: everything that streamctl prints as data goes through here.

#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/commands.h"

namespace streamhouse::cli {

/// A buffer before a file descriptor.
/// Threading: one thread.
class Output {
 public:
  Output(OutputFormat format, int descriptor) : format_(format), descriptor_(descriptor) {}

  OutputFormat format() const { return format_; }
  /// Errors of write and flush: kStopped when the reader has closed its end (closed() from then
  /// on), kUnavailable when the device refuses, with its reason. The buffer is then lost.
  base::Status write(std::string_view text);
  base::Status flush();
  /// The reader has gone: nobody wants more, which is no failure.
  bool closed() const { return closed_; }
  /// Asks the system whether the reader has gone, without writing.
  bool check_closed();

 private:
  OutputFormat format_;
  int descriptor_;
  bool closed_ = false;
  std::string buffer_;
};

}  // namespace streamhouse::cli
