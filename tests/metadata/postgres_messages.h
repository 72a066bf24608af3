#pragma once
/// \file  The messages of PostgreSQL's protocol (version 3), as a proxy between a client and a
/// server sees them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamhouse::tests {

/// Cuts a stream of bytes into messages: a type, a length of 4 bytes that counts itself, the rest.
class MessageReader {
 public:
  /// The first message of a client has no type.
  enum class First : std::uint8_t { kTyped, kUntyped };
  explicit MessageReader(First first) : has_type_(first == First::kTyped) {}

  void add(std::string_view bytes) { bytes_ += bytes; }
  /// The next message that is whole.
  std::optional<std::string> next() {
    const std::size_t head = has_type_ ? 1 : 0;
    if (bytes_.size() < head + 4) return std::nullopt;
    std::size_t size = 0;
    for (std::size_t i = head; i < head + 4; ++i)
      size = size << 8 | static_cast<std::uint8_t>(bytes_[i]);
    if (bytes_.size() < head + size) return std::nullopt;
    std::string message = bytes_.substr(0, head + size);
    bytes_.erase(0, head + size);
    has_type_ = true;
    return message;
  }

 private:
  std::string bytes_;
  bool has_type_;
};

inline std::string protocol_message(char type, const std::string& content) {
  std::string message(1, type);
  const std::size_t size = content.size() + 4;
  for (const int shift : {24, 16, 8, 0}) message.push_back(static_cast<char>(size >> shift));
  return message + content;
}

/// A refusal with that SQLSTATE, and that the server is ready again. `status`: I outside of
/// transactions, E in one that has failed.
inline std::string error_answer(const std::string& state, const std::string& text, char status) {
  const std::string zero(1, '\0');
  return protocol_message('E', "SERROR" + zero + "VERROR" + zero + "C" + state + zero + "M" + text +
                                   zero + zero) +
         protocol_message('Z', std::string(1, status));
}

/// What the server says of itself when a connection begins.
inline std::string parameter_status(const std::string& name, const std::string& value) {
  return protocol_message('S', name + '\0' + value + '\0');
}

/// The text up to the zero at or behind `at`.
inline std::string text_at(const std::string& message, std::size_t at) {
  return message.substr(at, message.find('\0', at) - at);
}

}  // namespace streamhouse::tests
