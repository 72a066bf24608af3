#include "wire/codec/decoder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kStringBytesMax = 32767;
/// Elements that an array makes room for before it has seen any.
constexpr std::size_t kFirstElements = 16;

std::size_t least_size_of_scalar(Kind kind, Flexible flexible) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt8:
      return 1;
    case Kind::kInt16:
      return 2;
    case Kind::kInt32:
      return 4;
    case Kind::kInt64:
      return 8;
    case Kind::kUuid:
      return sizeof(Uuid);
    case Kind::kString:
      return flexible == Flexible::kYes ? 1 : 2;
    case Kind::kBytes:
    case Kind::kRecords:
    case Kind::kArray:
      return flexible == Flexible::kYes ? 1 : 4;
    case Kind::kStruct:
    case Kind::kNullable:
      break;
  }
  return 1;
}

template <std::integral T>
void store(void* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace

std::size_t least_size(const Type& type, Version version, Flexible flexible) {
  const Type& present = type.kind == Kind::kNullable ? *type.inner : type;
  if (present.kind != Kind::kStruct) return least_size_of_scalar(present.kind, flexible);
  std::size_t size = flexible == Flexible::kYes ? 1 : 0;  // the number of tagged fields
  for (const Field& field : present.fields()) {
    if (field.tagged() || !field.versions.contains(version)) continue;
    const bool may_be_null = field.nullable.contains(version);
    const bool is_object =
        field.type->kind == Kind::kNullable && field.type->inner->kind == Kind::kStruct;
    size += is_object && may_be_null ? 1 : least_size(*field.type, version, flexible);
  }
  return std::max<std::size_t>(size, 1);
}

base::Status Decoder::decode(const Type& type, void* message) {
  object(type.fields(), message);
  if (ok() && options_.trailing == Trailing::kRefused && reader_.left() > 0)
    reader_.fail("followed by more bytes");
  if (ok()) return {};
  const auto code = too_large_ ? base::Errc::kTooLarge : base::Errc::kInvalid;
  return base::make_error(code, place() + " is " + reader_.fault());
}

std::string Decoder::place() const {
  std::string place;
  for (std::size_t i = 0; i < depth_; ++i) {
    const Step& step = path_[i];
    if (i > 0) place += '.';
    place += step.field->name;
    if (step.index != Step::kNone) place += '[' + std::to_string(step.index) + ']';
  }
  return place.empty() ? "it" : place;
}

void Decoder::object(FieldList fields, void* to) {
  for (const Field& field : fields) {
    if (!ok()) return;
    if (!field.tagged() && field.versions.contains(version_)) member(field, to);
  }
  if (ok() && flexible_ == Flexible::kYes) tagged(fields, to);
}

/// Leaves the path as it is on failure: it tells where.
void Decoder::member(const Field& field, void* object) {
  SH_CHECK(depth_ < kDepthMax, "messages nest less deeply");
  path_[depth_++] = {.field = &field};
  value(*field.type, field.locate(object), field.nullable.contains(version_));
  if (ok()) --depth_;
}

void Decoder::tagged(FieldList fields, void* to) {
  for (std::uint32_t count = reader_.varint(); count > 0 && ok(); --count) {
    const std::uint32_t tag = reader_.varint();
    const base::BytesView behind = reader_.narrow(reader_.varint());
    const auto field = std::ranges::find_if(fields, [&](const Field& candidate) {
      return candidate.tagged() && static_cast<std::uint32_t>(candidate.tag) == tag &&
             candidate.versions.contains(version_);
    });
    if (field == fields.end())
      reader_.bytes(reader_.left());
    else if (ok())
      member(*field, to);
    reader_.release(behind);
  }
}

void Decoder::value(const Type& type, void* to, bool may_be_null) {
  const bool optional = type.kind == Kind::kNullable;
  const Type& present = optional ? *type.inner : type;
  if (present.kind < Kind::kString) return scalar(present, to);
  std::optional<std::size_t> size = 0;
  if (present.kind != Kind::kStruct)
    size = length(present.kind, may_be_null);
  else if (optional && may_be_null && reader_.fixed<std::int8_t>() < 0)
    size = std::nullopt;
  if (!ok()) return;
  if (size.has_value())
    sized(present, optional ? type.resize(to, 1) : to, *size);
  else
    type.resize(to, 0);
}

void Decoder::scalar(const Type& type, void* to) {
  switch (type.kind) {
    case Kind::kBool:
      return store(to, reader_.fixed<std::int8_t>() != 0);
    case Kind::kInt8:
      return store(to, reader_.fixed<std::int8_t>());
    case Kind::kInt16:
      return store(to, reader_.fixed<std::int16_t>());
    case Kind::kInt32:
      return store(to, reader_.fixed<std::int32_t>());
    case Kind::kInt64:
      return store(to, reader_.fixed<std::int64_t>());
    case Kind::kUuid: {
      const base::BytesView bytes = reader_.bytes(sizeof(Uuid));
      if (ok()) std::memcpy(to, bytes.data(), sizeof(Uuid));
      return;
    }
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kRecords:
    case Kind::kStruct:
    case Kind::kArray:
    case Kind::kNullable:
      break;
  }
  SH_CHECK(false, "a scalar");
}

void Decoder::sized(const Type& type, void* to, std::size_t length) {
  if (type.kind == Kind::kStruct) return object(type.fields(), to);
  if (type.kind == Kind::kArray) return array(type, to, length);
  const base::BytesView bytes = reader_.bytes(length);
  if (!ok()) return;
  if (type.kind == Kind::kString)
    *static_cast<String*>(to) = base::as_text(bytes);
  else if (type.kind == Kind::kBytes)
    *static_cast<base::BytesView*>(to) = bytes;
  else
    records(*static_cast<Records*>(to), bytes);
}

void Decoder::records(Records& to, base::BytesView bytes) {
  charge(sizeof(base::Bytes));
  if (!ok()) return;
  const base::Bytes* owner = options_.owner;
  if (owner == nullptr || bytes.empty())
    to.pieces.assign(1, base::Bytes(nullptr, bytes));
  else
    to.pieces.assign(
        1, owner->slice(static_cast<std::size_t>(bytes.data() - owner->data()), bytes.size()));
}

void Decoder::charge(std::size_t memory) {
  memory_ += memory;
  too_large_ = memory_ > options_.memory_max;
  if (too_large_) reader_.fail("more than one message may take in memory");
}

/// `count` is a claim: room is made for as many elements as have turned up, and as many again.
void Decoder::array(const Type& type, void* to, std::size_t count) {
  const Type& element = *type.inner;
  if (count > reader_.left() / least_size(element, version_, flexible_))
    return reader_.fail("an array of more elements than bytes follow for");
  Step& step = path_[depth_ - 1];
  auto* at = static_cast<std::uint8_t*>(type.resize(to, 0));
  std::size_t room = 0;
  for (std::size_t i = 0; i < count && ok(); ++i) {
    if (i == room) {
      room = std::min(count, std::max(kFirstElements, 2 * room));
      charge(room * element.size);
      if (!ok()) return;
      at = static_cast<std::uint8_t*>(type.resize(to, room));
    }
    step.index = i;
    value(element, at + i * element.size, false);
  }
}

std::optional<std::size_t> Decoder::length(Kind kind, bool may_be_null) {
  const auto length =
      flexible_ == Flexible::kYes ? std::int64_t{reader_.varint()} - 1 : classic_length(kind);
  if (!ok()) return std::nullopt;
  if (length == -1 && !may_be_null) reader_.fail("null, which it may not be in this version");
  if (length < -1) reader_.fail("of negative length");
  if (kind == Kind::kString && length > static_cast<std::int64_t>(kStringBytesMax))
    reader_.fail("a string of more than 32767 bytes");
  if (!ok() || length < 0) return std::nullopt;
  return static_cast<std::size_t>(length);
}

std::int64_t Decoder::classic_length(Kind kind) {
  if (kind == Kind::kString) return reader_.fixed<std::int16_t>();
  return reader_.fixed<std::int32_t>();
}

}  // namespace streamhouse::wire
