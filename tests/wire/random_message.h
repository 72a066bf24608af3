#pragma once
/// \file  Any message, filled from a seed by its description: what its version has, with null,
/// empty and extreme values among the others. What the version does not have keeps its default.

#include <cstring>
#include <deque>
#include <limits>
#include <random>

#include "wire/message.h"

namespace streamhouse::wire::testing {

/// Owns what the messages that it filled borrow.
class MessageFiller {
 public:
  explicit MessageFiller(std::uint64_t seed) : random_(seed) {}

  std::shared_ptr<void> make(const MessageType& what, Version version) {
    version_ = version;
    std::shared_ptr<void> message = what.type->make();
    fill_object(*what.type, message.get());
    return message;
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  void fill_object(const Type& type, void* object) {
    for (const Field& field : type.fields()) {
      if (!field.versions.contains(version_) || (field.tagged() && below(2) == 0)) continue;
      fill(*field.type, field.locate(object), field.nullable.contains(version_));
    }
  }

  void fill(const Type& type, void* to, bool may_be_null) {
    switch (type.kind) {
      case Kind::kBool:
        return store(to, below(2) == 1);
      case Kind::kInt8:
        return store(to, number<std::int8_t>());
      case Kind::kInt16:
        return store(to, number<std::int16_t>());
      case Kind::kInt32:
        return store(to, number<std::int32_t>());
      case Kind::kInt64:
        return store(to, number<std::int64_t>());
      case Kind::kUuid:
        for (std::uint8_t& byte : *static_cast<Uuid*>(to)) byte = number<std::uint8_t>();
        return;
      case Kind::kString:
        *static_cast<String*>(to) = base::as_text(bytes());
        return;
      case Kind::kBytes:
        *static_cast<base::BytesView*>(to) = bytes();
        return;
      case Kind::kRecords:
        for (auto count = below(4); count > 0; --count)
          static_cast<Records*>(to)->pieces.push_back(base::Bytes::copy_of(bytes()));
        return;
      case Kind::kStruct:
        return fill_object(type, to);
      case Kind::kArray:
        return fill_elements(type, to, below(8) == 0 ? 20 : below(4));
      case Kind::kNullable:
        return fill_elements(type, to, may_be_null && below(3) == 0 ? 0 : 1);
    }
  }

  void fill_elements(const Type& type, void* to, std::size_t count) {
    auto* at = static_cast<std::uint8_t*>(type.resize(to, count));
    for (; count > 0; --count, at += type.inner->size) fill(*type.inner, at, false);
  }

  template <class T>
  static void store(void* to, T value) {
    std::memcpy(to, &value, sizeof(T));
  }

  template <class T>
  T number() {
    switch (below(5)) {
      case 0:
        return std::numeric_limits<T>::min();
      case 1:
        return std::numeric_limits<T>::max();
      case 2:
        return 0;
      default:
        return static_cast<T>(random_());
    }
  }

  /// Lengths around those where a varint gets another byte are among them.
  base::BytesView bytes() {
    static constexpr std::size_t kLengths[] = {0, 0, 1, 5, 12, 126, 127, 300};
    base::ByteVector& made = made_.emplace_back(kLengths[below(std::size(kLengths))]);
    for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>(random_());
    return made;
  }

  std::mt19937_64 random_;
  std::deque<base::ByteVector> made_;
  Version version_ = 0;
};

/// The body of a message as it stands on the wire, or a test failure's empty one.
inline base::ByteVector body_of(const MessageType& what, Version version, const void* message) {
  FrameSink sink;
  if (!encode_body(sink, what, version, message)) return {};
  const base::ByteVector frame = sink.take().joined();
  return {frame.begin() + kFrameLengthSize, frame.end()};
}

/// Calls `check(what, version)` for both messages of every API in every version.
template <class Check>
void for_each_version(Check check) {
  for (const Api& api : apis())
    for (const Type* type : {api.request, api.response})
      for (int version = api.versions.first(); version <= api.versions.last(); ++version)
        check(MessageType{.api = &api, .type = type}, static_cast<Version>(version));
}

}  // namespace streamhouse::wire::testing
