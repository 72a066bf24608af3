#include "rpc/records/field_reader.h"

#include "base/utf8.h"
#include "base/varint.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;

base::Error malformed(const char* what) {
  return base::make_error(Errc::kInvalid, std::string("malformed message: ") + what);
}

base::Error mistyped(const char* name) {
  return base::make_error(Errc::kInvalid,
                          std::string("malformed message: ") + name + " has another wire type");
}

}  // namespace

base::Result<std::optional<Field>> FieldReader::next() {
  if (rest_.empty()) return std::optional<Field>();
  const auto tag = base::take_varint(rest_);
  if (!tag || *tag >> 3 == 0 || *tag > UINT32_MAX) return malformed("a field's tag");
  Field field{.number = static_cast<std::uint32_t>(*tag >> 3),
              .type = static_cast<WireType>(*tag & 7)};
  std::uint64_t length = 0;
  switch (field.type) {
    case WireType::kVarint: {
      const auto value = base::take_varint(rest_);
      if (!value) return malformed("a field's number");
      field.varint = *value;
      return std::optional(field);
    }
    case WireType::kFixed64:
      length = 8;
      break;
    case WireType::kFixed32:
      length = 4;
      break;
    case WireType::kBytes: {
      const auto value = base::take_varint(rest_);
      if (!value) return malformed("a field's length");
      length = *value;
      break;
    }
    default:
      return malformed("a field's wire type");
  }
  if (length > rest_.size()) return malformed("a field is cut short");
  field.bytes = rest_.first(length);
  rest_ = rest_.subspan(length);
  return std::optional(field);
}

base::Result<std::int64_t> integer_of(const Field& field, const char* name) {
  if (field.type != WireType::kVarint) return mistyped(name);
  return static_cast<std::int64_t>(field.varint);
}

base::Result<base::BytesView> bytes_of(const Field& field, const char* name) {
  if (field.type != WireType::kBytes) return mistyped(name);
  return field.bytes;
}

base::Result<std::string_view> text_of(const Field& field, const char* name) {
  SH_TRY(const base::BytesView bytes, bytes_of(field, name));
  const std::string_view text = base::as_text(bytes);
  if (base::is_utf8(text)) return text;
  return {Errc::kInvalid, std::string(name) + " is not UTF-8"};
}

}  // namespace streamhouse::rpc
