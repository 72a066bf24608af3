// Goal: bytes are written as the format says, classic and flexible; record sets are not copied;
// what cannot be written is refused by name. Method: a sample message with a field of every kind,
// against hand-made bytes.
#include "wire/codec/encoder.h"

#include <gtest/gtest.h>

#include "tests/wire/sample_message.h"
#include "wire/codec/equal.h"

namespace streamhouse::wire {
namespace {

using testing::Sample;

Flexible flexible(Version version) { return version >= 3 ? Flexible::kYes : Flexible::kNo; }

base::Result<Frame> write(const Sample& sample, Version version) {
  FrameSink sink;
  SH_TRY_OK(encode_fields(sink, TypeOf<Sample>::kType, &sample, version, flexible(version)));
  return sink.take();
}

/// What is written behind the length.
std::string text_of(const Sample& sample, Version version) {
  const auto frame = write(sample, version);
  EXPECT_TRUE(frame) << to_string(frame.error());
  return frame ? base::to_string(frame->joined()).substr(kFrameLengthSize) : "";
}

template <std::size_t kSize>
std::string bytes(const char (&literal)[kSize]) {
  return {literal, kSize - 1};
}

TEST(EncoderTest, WritesTheClassicEncoding) {
  Sample sample{.flag = true, .tiny = 3, .large = -2, .text = "hi", .numbers = {1, -1}};
  sample.inners->push_back({.name = "n", .level = 9});
  EXPECT_EQ(text_of(sample, 0),
            bytes("\1\3\0\2hi\0\0\0\0\0\2\0\0\0\1\xff\xff\xff\xff\0\0\0\1\0\1n"));
  EXPECT_EQ(text_of(sample, 1),
            bytes("\1\3\xff\xff\xff\xff\xff\xff\xff\xfe\0\2hi\0\0\0\0\0\2\0\0\0\1"
                  "\xff\xff\xff\xff\0\0\0\1\0\1n\0\x9"));
}

TEST(EncoderTest, WritesNullsAsTheVersionDoes) {
  const Sample sample{.note = {}, .records = {}, .inners = {}, .maybe = {}};
  EXPECT_EQ(text_of(sample, 2),
            bytes("\0\0\0\0\0\0\0\0\7\0\0\xff\xff\0\0\0\0\xff\xff\xff\xff\0\0\0\0"
                  "\xff\xff\xff\xff"));
  EXPECT_EQ(text_of(sample, 4), bytes("\0\0\0\0\0\0\0\0\7\1\0\1\0\1\0\xff\0"));
}

TEST(EncoderTest, LeavesOutTaggedFieldsThatHoldTheirDefault) {
  Sample sample{.maybe = testing::SampleInner{.name = "m", .level = 2}};
  const std::string before = bytes("\0\0\0\0\0\0\0\0\7\1\1\1\0\1\1\1\2m\0\2\0");
  EXPECT_EQ(text_of(sample, 4), before + bytes("\0"));
  sample.tagged_number = 9;
  EXPECT_EQ(text_of(sample, 4), before + bytes("\1\0\4\0\0\0\x9"));
  sample.tagged_inner = {.name = "i", .level = 4};
  EXPECT_EQ(text_of(sample, 4), before + bytes("\2\0\4\0\0\0\x9\2\5\2i\0\4\0"));
  EXPECT_EQ(text_of(sample, 3), bytes("\0\0\0\0\0\0\0\0\7\1\1\1\0\1\1\1\0\4\0\0\0\x9"));
}

TEST(EncoderTest, RecordsStayWhereTheyAre) {
  const base::Bytes first(std::string(100, 'a')), second(std::string("b"));
  const Sample sample{.records = Records{.pieces = {first, base::Bytes(), second}}};
  const auto frame = write(sample, 2);
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->pieces.size(), 4u) << "before, two pieces of records, behind";
  EXPECT_EQ(frame->pieces[1].data(), first.data());
  EXPECT_EQ(frame->pieces[2].data(), second.data());
  const base::ByteVector joined = frame->joined();
  EXPECT_EQ(base::load_big<std::int32_t>(joined.data()),
            static_cast<std::int32_t>(frame->size() - kFrameLengthSize));
  EXPECT_EQ(frame->size(), kFrameLengthSize + 21 + 101 + 8);
}

TEST(EncoderTest, RecordsAtTheEndLeaveNoEmptyPiece) {
  FrameSink sink;
  sink.fixed(std::int16_t{1});
  sink.attach(base::Bytes(std::string("records")));
  EXPECT_EQ(sink.take().pieces.size(), 2u);
}

TEST(EncoderTest, WhatTheVersionCannotSayIsRefusedByName) {
  const auto error_of = [](const Sample& sample, Version version) {
    const auto frame = write(sample, version);
    EXPECT_FALSE(frame);
    return frame ? "" : frame.error().text;
  };
  EXPECT_EQ(error_of({.note = {}}, 1), "Note is null, which it may not be in this version");
  EXPECT_EQ(error_of({.inners = {}}, 0), "Inners is null, which it may not be in this version");
  const std::string long_text(32768, 'x');
  EXPECT_EQ(error_of({.text = long_text}, 0), "Text is too long");
  EXPECT_EQ(error_of({.text = long_text}, 3), "Text is too long");
  Sample sample;
  sample.inners->push_back({.name = long_text});
  EXPECT_EQ(error_of(sample, 4), "Name is too long");
}

TEST(EncoderTest, TheSizeIsKnownWithoutWriting) {
  Sample sample{.text = "some text", .numbers = {1, 2, 3}, .tagged_number = 1};
  sample.records = Records{.pieces = {base::Bytes(std::string(1000, 'r'))}};
  for (Version version = 0; version <= 5; ++version)
    EXPECT_EQ(encoded_size(TypeOf<Sample>::kType, &sample, version, flexible(version)),
              text_of(sample, version).size());
}

TEST(EqualTest, ComparesContentsNotPlaces) {
  const std::string text = "abcdef";
  Sample a{.text = text, .blob = base::as_bytes(text)};
  Sample b{.text = "abcdef", .blob = base::as_bytes("abcdef")};
  EXPECT_TRUE(equal(a, b));
  a.records = Records{.pieces = {base::Bytes(std::string("ab")), base::Bytes(std::string("c"))}};
  EXPECT_FALSE(equal(a, b));
  b.records = Records{.pieces = {base::Bytes(std::string("abc"))}};
  EXPECT_TRUE(equal(a, b));
  b.inners->push_back({});
  EXPECT_FALSE(equal(a, b));
  b = a;
  b.tagged_inner.level = 3;
  EXPECT_FALSE(equal(a, b));
  b = a;
  b.maybe = testing::SampleInner{};
  EXPECT_FALSE(equal(a, b)) << "null is not empty";
}

}  // namespace
}  // namespace streamhouse::wire
