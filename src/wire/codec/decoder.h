#pragma once
/// \file  Reading a struct from a frame, by its list of fields.
/// Format: docs/formats/kafka_wire.md

#include <array>
#include <optional>
#include <string>

#include "base/error.h"
#include "wire/codec/reader.h"
#include "wire/codec/type.h"

namespace streamhouse::wire {

/// What to do with bytes after the last field: later writers may know more than we do.
enum class Trailing : bool { kIgnored, kRefused };

struct DecodeOptions {
  /// What the arrays of one message may take in memory. They grow as their elements turn up, so
  /// that an array takes at most its elements' share whatever it claims to hold; this bounds the
  /// sum, since an element may take many times its bytes.
  std::size_t memory_max = std::size_t{64} << 20;
  Trailing trailing = Trailing::kIgnored;
  /// The buffer that holds the bytes: record sets that are read then keep it alive. nullptr: they
  /// borrow, as all else does.
  const base::Bytes* owner = nullptr;
};

/// The fewest bytes that a value of this type takes in this version; at least 1.
std::size_t least_size(const Type& type, Version version, Flexible flexible);

/// One walk over one message.
class Decoder {
 public:
  Decoder(base::BytesView bytes, Version version, Flexible flexible, DecodeOptions options)
      : reader_(bytes), version_(version), flexible_(flexible), options_(options) {}

  /// Fills `message`, a default-constructed value of `type`, with views into the bytes.
  /// Errors: kInvalid, kTooLarge for memory_max; both name the field, and leave the
  /// message half filled.
  base::Status decode(const Type& type, void* message);

 private:
  /// A field on the way from the message to the value being read, and which element of it.
  struct Step {
    static constexpr std::size_t kNone = ~std::size_t{0};
    const Field* field = nullptr;
    std::size_t index = kNone;
  };
  static constexpr std::size_t kDepthMax = 8;

  void object(FieldList fields, void* to);
  void member(const Field& field, void* object);
  void tagged(FieldList fields, void* to);
  void value(const Type& type, void* to, bool may_be_null);
  void scalar(const Type& type, void* to);
  void sized(const Type& type, void* to, std::size_t length);
  void array(const Type& type, void* to, std::size_t count);
  void records(Records& to, base::BytesView bytes);
  void charge(std::size_t memory);
  /// The length of a string, byte field or array; nullopt if it is null, or malformed.
  std::optional<std::size_t> length(Kind kind, bool may_be_null);
  std::int64_t classic_length(Kind kind);
  bool ok() const { return reader_.ok(); }
  std::string place() const;

  FrameReader reader_;
  Version version_;
  Flexible flexible_;
  DecodeOptions options_;
  std::size_t memory_ = 0;
  bool too_large_ = false;
  std::array<Step, kDepthMax> path_ = {};
  std::size_t depth_ = 0;
};

}  // namespace streamhouse::wire
