#pragma once
/// \file  A message that is none of Kafka's, with a field of every kind, for tests of the codec.

#include "wire/codec/type.h"

namespace streamhouse::wire::testing {

struct SampleInner {
  String name = {};
  std::int16_t level = -1;
  static FieldList fields();
};

/// Versions 0 to 5; flexible from 3.
struct Sample {
  bool flag = false;
  std::int8_t tiny = 0;
  std::int64_t large = 7;
  Uuid id = {};
  String text = {};
  NullableString note = "";
  base::BytesView blob = {};
  NullableRecords records = {};
  Array<std::int32_t> numbers = {};
  NullableArray<SampleInner> inners = Array<SampleInner>{};
  std::optional<SampleInner> maybe = {};
  std::int32_t tagged_number = 5;
  SampleInner tagged_inner = {};
  static FieldList fields();
};

inline FieldList SampleInner::fields() {
  static constexpr Field kFields[] = {
      field<&SampleInner::name>("Name", "0+"),
      field<&SampleInner::level>("Level", "1+"),
  };
  return kFields;
}

inline FieldList Sample::fields() {
  static constexpr Field kFields[] = {
      field<&Sample::flag>("Flag", "0+"),
      field<&Sample::tiny>("Tiny", "0-1"),
      field<&Sample::large>("Large", "1+"),
      field<&Sample::id>("Id", "5+"),
      field<&Sample::text>("Text", "0+"),
      field<&Sample::note>("Note", "0+", {.nullable = "2+"}),
      field<&Sample::blob>("Blob", "2+"),
      field<&Sample::records>("Records", "2+", {.nullable = "2+"}),
      field<&Sample::numbers>("Numbers", "0+"),
      field<&Sample::inners>("Inners", "0+", {.nullable = "1+"}),
      field<&Sample::maybe>("Maybe", "4+", {.nullable = "4+"}),
      field<&Sample::tagged_number>("TaggedNumber", "3+", {.tag = 0}),
      field<&Sample::tagged_inner>("TaggedInner", "4+", {.tag = 2}),
  };
  return kFields;
}

}  // namespace streamhouse::wire::testing
