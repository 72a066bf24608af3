#include "wire/codec/encoder.h"

#include <cstring>
#include <limits>

#include "wire/codec/equal.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kStringBytesMax = 32767;
constexpr std::size_t kLengthMax = std::numeric_limits<std::int32_t>::max() - 1;

template <std::integral T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

const std::uint8_t* first_element(const Type& array, const void* from) {
  return static_cast<const std::uint8_t*>(array.data(from));
}

/// One walk over one message, into a FrameSink or a SizeSink.
template <class Sink>
class Encoder {
 public:
  Encoder(Sink& sink, Version version, Flexible flexible)
      : sink_(sink), version_(version), flexible_(flexible) {}

  void object(FieldList fields, const void* from, const void* defaults);
  void member(const Field& field, const void* object);
  /// What cannot be written, and why; empty if all could.
  const std::string& fault() const { return fault_; }

 private:
  void tagged(FieldList fields, const void* from, const void* defaults);
  bool is_written(const Field& field, const void* from, const void* defaults) const;
  void value(const Type& type, const void* from, bool may_be_null);
  void scalar(const Type& type, const void* from);
  void sized(const Type& type, const void* from);
  void length(Kind kind, std::size_t length);
  void null(Kind kind, bool may_be_null);
  void fail(std::string_view why);

  Sink& sink_;
  Version version_;
  Flexible flexible_;
  const Field* field_ = nullptr;  ///< The innermost being written.
  std::string fault_;
};

template <class Sink>
void Encoder<Sink>::object(FieldList fields, const void* from, const void* defaults) {
  for (const Field& field : fields)
    if (!field.tagged() && field.versions.contains(version_)) member(field, from);
  if (flexible_ == Flexible::kYes) tagged(fields, from, defaults);
}

template <class Sink>
void Encoder<Sink>::member(const Field& field, const void* object) {
  field_ = &field;
  value(*field.type, field.locate_in(object), field.nullable.contains(version_));
}

template <class Sink>
bool Encoder<Sink>::is_written(const Field& field, const void* from, const void* defaults) const {
  return field.tagged() && field.versions.contains(version_) &&
         !equal_values(*field.type, field.locate_in(from), field.locate_in(defaults));
}

template <class Sink>
void Encoder<Sink>::tagged(FieldList fields, const void* from, const void* defaults) {
  std::uint32_t count = 0;
  for (const Field& field : fields) count += is_written(field, from, defaults) ? 1 : 0;
  sink_.varint(count);
  if (count == 0) return;
  for (const Field& field : fields) {
    if (!is_written(field, from, defaults)) continue;
    SizeSink size;
    Encoder<SizeSink>(size, version_, flexible_).member(field, from);
    sink_.varint(static_cast<std::uint32_t>(field.tag));
    sink_.varint(static_cast<std::uint32_t>(size.size()));
    member(field, from);
  }
}

template <class Sink>
void Encoder<Sink>::value(const Type& type, const void* from, bool may_be_null) {
  if (type.kind != Kind::kNullable)
    return type.kind < Kind::kString ? scalar(type, from) : sized(type, from);
  const void* present = type.data(from);
  const Type& inner = *type.inner;
  if (present == nullptr) return null(inner.kind, may_be_null);
  if (inner.kind == Kind::kStruct && may_be_null) sink_.fixed(std::int8_t{1});
  sized(inner, present);
}

template <class Sink>
void Encoder<Sink>::null(Kind kind, bool may_be_null) {
  if (!may_be_null) return fail("null, which it may not be in this version");
  if (kind == Kind::kStruct)
    sink_.fixed(std::int8_t{-1});
  else if (flexible_ == Flexible::kYes)
    sink_.varint(0);
  else if (kind == Kind::kString)
    sink_.fixed(std::int16_t{-1});
  else
    sink_.fixed(std::int32_t{-1});
}

template <class Sink>
void Encoder<Sink>::scalar(const Type& type, const void* from) {
  switch (type.kind) {
    case Kind::kBool:
      return sink_.fixed(static_cast<std::int8_t>(*static_cast<const bool*>(from) ? 1 : 0));
    case Kind::kInt8:
      return sink_.fixed(load<std::int8_t>(from));
    case Kind::kInt16:
      return sink_.fixed(load<std::int16_t>(from));
    case Kind::kInt32:
      return sink_.fixed(load<std::int32_t>(from));
    case Kind::kInt64:
      return sink_.fixed(load<std::int64_t>(from));
    case Kind::kUuid:
      return sink_.bytes(*static_cast<const Uuid*>(from));
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kRecords:
    case Kind::kStruct:
    case Kind::kArray:
    case Kind::kNullable:
      return sized(type, from);
  }
}

template <class Sink>
void Encoder<Sink>::sized(const Type& type, const void* from) {
  if (type.kind == Kind::kStruct) {
    object(type.fields(), from, type.defaults);
  } else if (type.kind == Kind::kString) {
    const auto bytes = base::as_bytes(*static_cast<const String*>(from));
    length(type.kind, bytes.size());
    sink_.bytes(bytes);
  } else if (type.kind == Kind::kBytes) {
    const auto bytes = *static_cast<const base::BytesView*>(from);
    length(type.kind, bytes.size());
    sink_.bytes(bytes);
  } else if (type.kind == Kind::kRecords) {
    const auto& records = *static_cast<const Records*>(from);
    length(type.kind, records.size());
    for (const base::Bytes& piece : records.pieces) sink_.attach(piece);
  } else {
    const std::size_t count = type.count(from);
    length(type.kind, count);
    const auto* element = first_element(type, from);
    for (std::size_t i = 0; i < count; ++i, element += type.inner->size)
      value(*type.inner, element, false);
  }
}

template <class Sink>
void Encoder<Sink>::length(Kind kind, std::size_t length) {
  if (length > (kind == Kind::kString ? kStringBytesMax : kLengthMax)) fail("too long");
  if (flexible_ == Flexible::kYes)
    sink_.varint(static_cast<std::uint32_t>(length + 1));
  else if (kind == Kind::kString)
    sink_.fixed(static_cast<std::int16_t>(length));
  else
    sink_.fixed(static_cast<std::int32_t>(length));
}

template <class Sink>
void Encoder<Sink>::fail(std::string_view why) {
  if (fault_.empty()) fault_ = std::string(field_->name) + " is " + std::string(why);
}

}  // namespace

base::Status encode_fields(FrameSink& sink, const Type& type, const void* message, Version version,
                           Flexible flexible) {
  Encoder<FrameSink> encoder(sink, version, flexible);
  encoder.object(type.fields(), message, type.defaults);
  std::string fault = encoder.fault();
  if (fault.empty() && sink.size() > kLengthMax) fault = "it is of more than 31 bits of length";
  if (fault.empty()) return {};
  return base::make_error(base::Errc::kInvalid, std::move(fault));
}

std::size_t encoded_size(const Type& type, const void* message, Version version,
                         Flexible flexible) {
  SizeSink sink;
  Encoder<SizeSink>(sink, version, flexible).object(type.fields(), message, type.defaults);
  return sink.size();
}

}  // namespace streamhouse::wire
