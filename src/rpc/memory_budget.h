#pragma once
/// \file  MemoryBudget: bounds what calls hold beside the batches that were accepted: encoded
/// messages, streams, answers that a slow client does not fetch (Z1).

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace streamhouse::rpc {

/// Lifetime:  outlives its shares.
/// Threading: any thread.
class MemoryBudget {
 public:
  /// Bytes taken until it is destroyed.
  class Share {
   public:
    Share() = default;
    Share(MemoryBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Share() { free(); }
    void free() {
      if (budget_ != nullptr) std::exchange(budget_, nullptr)->used_ -= bytes_;
    }

   private:
    MemoryBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit MemoryBudget(std::size_t limit) : limit_(limit) {}

  /// nullopt if they do not fit.
  std::optional<Share> try_take(std::size_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= limit_) return Share(*this, bytes);
    used_ -= bytes;
    return std::nullopt;
  }
  /// Takes them even if they do not fit: they are there already.
  Share take(std::size_t bytes) {
    used_ += bytes;
    return {*this, bytes};
  }
  std::size_t room() const {
    const std::size_t used = used_;
    return used < limit_ ? limit_ - used : 0;
  }
  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace streamhouse::rpc
