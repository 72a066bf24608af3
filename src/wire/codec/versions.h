#pragma once
/// \file  Versions: in which versions of a message something is there, may be null, is flexible.

#include <cstdint>
#include <string>

namespace streamhouse::wire {

/// The version of a message: each API counts its own, from 0.
using Version = std::int16_t;

/// A range of versions, written as Kafka's documents write it: "3+", "0-12", "4"; {} = none.
class Versions {
 public:
  static constexpr Version kOpenEnd = 32767;

  constexpr Versions() = default;
  constexpr Versions(Version first, Version last) : first_(first), last_(last) {}
  /// Malformed text does not compile.
  consteval Versions(const char* text) {
    first_ = number(text);
    last_ = first_;
    if (*text == '+') {
      last_ = kOpenEnd;
      ++text;
    } else if (*text == '-') {
      last_ = number(++text);
    }
    if (*text != '\0' || last_ < first_) versions_are_malformed();
  }

  constexpr bool contains(Version version) const { return first_ <= version && version <= last_; }
  constexpr bool any() const { return first_ <= last_; }
  constexpr Version first() const { return first_; }
  constexpr Version last() const { return last_; }
  friend constexpr bool operator==(const Versions&, const Versions&) = default;

 private:
  static void versions_are_malformed();  // Not constexpr, so calling it does not compile.
  static consteval Version number(const char*& text) {
    if (*text < '0' || *text > '9') versions_are_malformed();
    int value = 0;
    for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
    return static_cast<Version>(value);
  }

  Version first_ = 0;
  Version last_ = -1;
};

/// How lengths are written, and whether tagged fields follow: flexible in an API's later versions.
enum class Flexible : bool { kNo, kYes };

/// As in the constructor; empty for none.
std::string to_string(Versions versions);

}  // namespace streamhouse::wire
