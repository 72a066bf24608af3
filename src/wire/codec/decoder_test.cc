// Goal: bytes are read as the format says, classic and flexible, and what breaks a rule or a limit
// is refused with its place. Method: hand-made bytes of a sample message with a field of every
// kind.
#include "wire/codec/decoder.h"

#include <gtest/gtest.h>

#include "tests/wire/sample_message.h"

namespace streamhouse::wire {
namespace {

using testing::Sample;

Flexible flexible(Version version) { return version >= 3 ? Flexible::kYes : Flexible::kNo; }

base::Result<Sample> read(base::BytesView bytes, Version version, DecodeOptions options = {}) {
  Sample sample;
  SH_TRY_OK(
      Decoder(bytes, version, flexible(version), options).decode(TypeOf<Sample>::kType, &sample));
  return sample;
}

std::string error_of(base::BytesView bytes, Version version, DecodeOptions options = {},
                     base::Errc code = base::Errc::kInvalid) {
  const auto sample = read(bytes, version, options);
  EXPECT_FALSE(sample);
  if (sample) return {};
  EXPECT_EQ(sample.error().code, code);
  return sample.error().text;
}

/// Pieces of text and numbers, one after the other.
base::ByteVector bytes_of(std::initializer_list<std::string_view> parts) {
  base::ByteVector bytes;
  for (const std::string_view part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

std::string_view operator""_b(const char* text, std::size_t size) { return {text, size}; }

TEST(DecoderTest, ReadsTheClassicEncoding) {
  const auto bytes = bytes_of({"\1"_b,                                // Flag
                               "\xff\xff\xff\xff\xff\xff\xff\xfe"_b,  // Large
                               "\0\2hi"_b,                            // Text
                               "\xff\xff"_b,                          // Note: null
                               "\0\0\0\3abc"_b,                       // Blob
                               "\0\0\0\5batch"_b,                     // Records
                               "\0\0\0\2\0\0\0\1\xff\xff\xff\xff"_b,  // Numbers
                               "\0\0\0\1\0\1n\0\x9"_b});              // Inners
  const auto sample = read(bytes, 2, {.trailing = Trailing::kRefused});
  ASSERT_TRUE(sample) << to_string(sample.error());
  EXPECT_TRUE(sample->flag);
  EXPECT_EQ(sample->large, -2);
  EXPECT_EQ(sample->text, "hi");
  EXPECT_FALSE(sample->note.has_value());
  EXPECT_EQ(base::as_text(sample->blob), "abc");
  ASSERT_TRUE(sample->records && sample->records->pieces.size() == 1);
  EXPECT_EQ(base::as_text(sample->records->pieces[0]), "batch");
  EXPECT_EQ(sample->records->pieces[0].data(), bytes.data() + 26) << "where it lay";
  EXPECT_EQ(sample->numbers, (Array<std::int32_t>{1, -1}));
  ASSERT_EQ(sample->inners->size(), 1u);
  EXPECT_EQ(sample->inners->at(0).name, "n");
  EXPECT_EQ(sample->inners->at(0).level, 9);
}

/// Version 4, up to the tagged fields.
base::ByteVector flexible_fields() {
  return bytes_of({"\0"_b,                // Flag
                   "\0\0\0\0\0\0\0\1"_b,  // Large
                   "\3hi"_b,              // Text
                   "\0"_b,                // Note: null
                   "\1"_b,                // Blob: empty
                   "\0"_b,                // Records: null
                   "\2\0\0\0\7"_b,        // Numbers
                   "\0"_b,                // Inners: null
                   "\1\2m\0\2\0"_b});     // Maybe: there, without tagged fields
}

base::ByteVector operator+(base::ByteVector bytes, std::string_view more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

TEST(DecoderTest, ReadsTheFlexibleEncoding) {
  const auto bytes = flexible_fields() + "\0"_b;
  const auto sample = read(bytes, 4, {.trailing = Trailing::kRefused});
  ASSERT_TRUE(sample) << to_string(sample.error());
  EXPECT_EQ(sample->large, 1);
  EXPECT_EQ(sample->text, "hi");
  EXPECT_FALSE(sample->note || sample->records || sample->inners);
  EXPECT_EQ(sample->numbers, Array<std::int32_t>{7});
  ASSERT_TRUE(sample->maybe);
  EXPECT_EQ(sample->maybe->name, "m");
  EXPECT_EQ(sample->maybe->level, 2);
  EXPECT_EQ(sample->tagged_number, 5) << "the default";
}

TEST(DecoderTest, FieldsThatAVersionLacksKeepTheirDefaults) {
  const auto sample = read(bytes_of({"\0\5\0\0\0\0\0\0\0\0\0\0\0\0"_b}), 0);
  ASSERT_TRUE(sample) << to_string(sample.error());
  EXPECT_EQ(sample->tiny, 5);
  EXPECT_EQ(sample->large, 7);
  EXPECT_EQ(sample->note, "");
  EXPECT_TRUE(sample->inners.has_value());
}

TEST(DecoderTest, ReadsTaggedFieldsAndSkipsThoseThatItDoesNotKnow) {
  const auto bytes = flexible_fields() + "\4"_b  // four of them
                     + "\0\4\0\0\0\x9"_b         // TaggedNumber
                     + "\1\3xyz"_b               // not known
                     + "\2\5\2i\0\4\0"_b         // TaggedInner
                     + "\x80\1\0"_b;             // not known, of a greater number
  const auto sample = read(bytes, 4, {.trailing = Trailing::kRefused});
  ASSERT_TRUE(sample) << to_string(sample.error());
  EXPECT_EQ(sample->tagged_number, 9);
  EXPECT_EQ(sample->tagged_inner.name, "i");
  EXPECT_EQ(sample->tagged_inner.level, 4);
}

TEST(DecoderTest, ATaggedFieldIsUnknownInVersionsThatLackIt) {
  const auto bytes = bytes_of({"\0"_b, "\0\0\0\0\0\0\0\1"_b, "\1\1\1\1\1\1"_b, "\1\2\1!"_b});
  const auto sample = read(bytes, 3, {.trailing = Trailing::kRefused});
  ASSERT_TRUE(sample) << to_string(sample.error());
  EXPECT_EQ(sample->tagged_inner.name, "");
}

TEST(DecoderTest, TaggedFieldsMustFillTheirLengthAndNoMore) {
  EXPECT_EQ(error_of(flexible_fields() + "\1\0\5\0\0\0\x9!"_b, 4), "it is longer than its content");
  EXPECT_EQ(error_of(flexible_fields() + "\1\0\3\0\0\0\x9"_b, 4), "TaggedNumber is cut short");
  EXPECT_EQ(error_of(flexible_fields() + "\1\7\x40"_b, 4), "it is cut short");
  EXPECT_EQ(error_of(flexible_fields() + "\xff\xff\xff\xff\xf"_b, 4), "it is cut short");
}

TEST(DecoderTest, NullIsRefusedWhereTheVersionHasNone) {
  EXPECT_EQ(error_of(bytes_of({"\0\5\xff\xff"_b}), 0),
            "Text is null, which it may not be in this version");
  EXPECT_EQ(error_of(bytes_of({"\0\5\0\0\xff\xff"_b}), 0),
            "Note is null, which it may not be in this version");
  EXPECT_EQ(error_of(bytes_of({"\0\5\0\0\0\0\xff\xff\xff\xff"_b}), 0),
            "Numbers is null, which it may not be in this version");
}

TEST(DecoderTest, NegativeLengthsAreRefused) {
  EXPECT_EQ(error_of(bytes_of({"\0\5\x80\0"_b}), 0), "Text is of negative length");
  EXPECT_EQ(error_of(bytes_of({"\0\5\0\0\0\0\x80\0\0\0"_b}), 0), "Numbers is of negative length");
}

TEST(DecoderTest, AStringOfMoreThan32767BytesIsRefused) {
  const std::string longest(32767, 'x');
  const auto before = bytes_of({"\0"_b, "\0\0\0\0\0\0\0\1"_b});
  const auto allowed = before + ("\x80\x80\2" + longest) + "\1\1\1\1\1\0"_b;
  const auto accepted = read(allowed, 3);
  ASSERT_TRUE(accepted) << to_string(accepted.error());
  EXPECT_EQ(accepted->text, longest);
  EXPECT_EQ(error_of(before + ("\x81\x80\2" + longest) + "y\1\1\1\1\1\0"_b, 3),
            "Text is a string of more than 32767 bytes");
}

TEST(DecoderTest, AVarintOfMoreThan32BitsIsRefused) {
  const auto before = bytes_of({"\0"_b, "\0\0\0\0\0\0\0\1"_b});
  EXPECT_EQ(error_of(before + "\xff\xff\xff\xff\x1f"_b, 3),
            "Text is a varint of more than 32 bits");
  EXPECT_EQ(error_of(before + "\x80\x80\x80\x80\x80\1"_b, 3),
            "Text is a varint of more than 32 bits");
}

TEST(DecoderTest, AnArrayOfMoreElementsThanBytesIsRefusedWhereItStands) {
  EXPECT_EQ(error_of(bytes_of({"\0\5\0\0\0\0\0\0\0\1\0\0\0"_b}), 0),
            "Numbers is an array of more elements than bytes follow for");
  EXPECT_EQ(error_of(bytes_of({"\0\5\0\0\0\0\x7f\xff\xff\xff"_b}), 0),
            "Numbers is an array of more elements than bytes follow for");
}

TEST(DecoderTest, ErrorsNameTheElement) {
  const auto bytes =
      base::ByteVector(18) + "\0\0\0\3"_b + "\0\1a\0\1"_b + "\0\1b\0\1"_b + "\xff\xff\0\0"_b;
  EXPECT_EQ(error_of(bytes, 1), "Inners[2].Name is null, which it may not be in this version");
}

TEST(DecoderTest, BytesBehindTheMessageAreRefusedOnlyIfAsked) {
  const auto bytes = flexible_fields() + "\0more"_b;
  EXPECT_TRUE(read(bytes, 4));
  EXPECT_EQ(error_of(bytes, 4, {.trailing = Trailing::kRefused}), "it is followed by more bytes");
}

TEST(DecoderTest, MemoryIsBoundedBySetting) {
  base::ByteVector bytes = base::ByteVector(18) + "\0\0\x3\xe8"_b;
  bytes.resize(bytes.size() + 4000);  // a thousand empty inners
  EXPECT_TRUE(read(bytes, 1));
  EXPECT_EQ(error_of(bytes, 1, {.memory_max = 10'000}, base::Errc::kTooLarge).substr(0, 6),
            "Inners");
}

TEST(DecoderTest, RecordsKeepTheirBufferAliveIfAsked) {
  const auto read_from = [](const base::Bytes& buffer) {
    Sample sample;
    Decoder decoder(buffer, 2, Flexible::kNo, {.owner = &buffer});
    EXPECT_TRUE(decoder.decode(TypeOf<Sample>::kType, &sample));
    return sample.records->pieces.at(0);
  };
  const auto bytes = base::ByteVector(17) + "\0\0\0\7"_b + "records"_b + "\0\0\0\0\0\0\0\0"_b;
  const base::Bytes records = read_from(base::Bytes(base::ByteVector(bytes)));  // and nobody else
  EXPECT_EQ(base::as_text(records), "records");
  const auto none = base::ByteVector(29);
  EXPECT_TRUE(read_from(base::Bytes(base::ByteVector(none))).empty());
}

TEST(DecoderTest, LeastSizesAreThoseOfEmptyValues) {
  EXPECT_EQ(least_size(TypeOf<testing::SampleInner>::kType, 0, Flexible::kNo), 2u);
  EXPECT_EQ(least_size(TypeOf<testing::SampleInner>::kType, 1, Flexible::kNo), 4u);
  EXPECT_EQ(least_size(TypeOf<testing::SampleInner>::kType, 3, Flexible::kYes), 4u);
  EXPECT_EQ(least_size(TypeOf<Sample>::kType, 0, Flexible::kNo), 1u + 1 + 2 + 2 + 4 + 4);
  EXPECT_EQ(least_size(TypeOf<Sample>::kType, 4, Flexible::kYes), 1u + 8 + 6 + 1 + 1);
  EXPECT_EQ(least_size(TypeOf<Uuid>::kType, 0, Flexible::kNo), 16u);
}

}  // namespace
}  // namespace streamhouse::wire
