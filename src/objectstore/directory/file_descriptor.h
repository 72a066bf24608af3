#pragma once
/// \file  FileDescriptor: owns one open descriptor of the operating system.

#include <unistd.h>

#include <utility>

namespace streamhouse::objectstore {

class FileDescriptor {
 public:
  /// Takes over `number`; a negative one is nothing (a failed open).
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (is_open()) ::close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  /// Leaves closing to the caller.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace streamhouse::objectstore
