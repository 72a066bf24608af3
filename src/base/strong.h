#pragma once
/// \file  Integers that do not mix: an offset is no epoch, a topic number is no partition index.

#include <compare>
#include <cstddef>
#include <functional>
#include <ostream>

namespace streamhouse::base {

/// An integer that names or orders things; compares only with its own kind, has no arithmetic.
template <class Tag, class Rep>
class Id {
 public:
  using rep = Rep;
  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const Id&) const = default;
  friend std::ostream& operator<<(std::ostream& out, Id id) { return out << +id.value_; }

 private:
  Rep value_{};
};

/// A position on a line (an offset, a sequence number): position +- distance, position - position.
template <class Tag, class Rep>
class Position {
 public:
  using rep = Rep;
  constexpr Position() = default;
  constexpr explicit Position(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const Position&) const = default;
  constexpr Position operator+(Rep distance) const { return Position(value_ + distance); }
  constexpr Position operator-(Rep distance) const { return Position(value_ - distance); }
  constexpr Rep operator-(Position other) const { return value_ - other.value_; }
  constexpr Position& operator+=(Rep distance) { return *this = *this + distance; }
  constexpr Position& operator++() { return *this += 1; }
  friend std::ostream& operator<<(std::ostream& out, Position p) { return out << +p.value_; }

 private:
  Rep value_{};
};

}  // namespace streamhouse::base

template <class Tag, class Rep>
struct std::hash<streamhouse::base::Id<Tag, Rep>> {
  std::size_t operator()(streamhouse::base::Id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
template <class Tag, class Rep>
struct std::hash<streamhouse::base::Position<Tag, Rep>> {
  std::size_t operator()(streamhouse::base::Position<Tag, Rep> p) const noexcept {
    return std::hash<Rep>{}(p.value());
  }
};
