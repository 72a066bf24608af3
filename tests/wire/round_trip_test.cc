// Goal: every message in every version reads back as it was written, borrowing from the frame; and
// no beginning of it is taken for the whole.
// Method: seeded random messages, made by the descriptions; every proper prefix of their bodies.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/wire/random_message.h"
#include "wire/codec/equal.h"

namespace streamhouse::wire {
namespace {

using testing::body_of;
using testing::for_each_version;
using testing::MessageFiller;

constexpr DecodeOptions kStrict{.trailing = Trailing::kRefused};
constexpr int kSeeds = 12;

bool lies_within(base::BytesView part, base::BytesView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Every string, byte field and record set of a value that was read.
bool borrows_from(base::BytesView frame, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kUuid:
      return true;
    case Kind::kString:
      return lies_within(base::as_bytes(*static_cast<const String*>(value)), frame);
    case Kind::kBytes:
      return lies_within(*static_cast<const base::BytesView*>(value), frame);
    case Kind::kRecords:
      return std::ranges::all_of(
          static_cast<const Records*>(value)->pieces,
          [frame](const base::Bytes& piece) { return lies_within(piece, frame); });
    case Kind::kStruct:
      return std::ranges::all_of(type.fields(), [frame, value](const Field& field) {
        return borrows_from(frame, *field.type, field.locate_in(value));
      });
    case Kind::kArray:
    case Kind::kNullable: {
      const auto* element = static_cast<const std::uint8_t*>(type.data(value));
      bool all = true;
      for (std::size_t i = 0; i < type.count(value); ++i, element += type.inner->size)
        all = all && borrows_from(frame, *type.inner, element);
      return all;
    }
  }
  return false;
}

std::string label(const MessageType& what, Version version) {
  return what.name() + " v" + std::to_string(version);
}

TEST(RoundTripTest, EveryMessageReadsBackAsItWasWrittenInEveryVersion) {
  int count = 0;
  for_each_version([&count](const MessageType& what, Version version) {
    for (int seed = 0; seed < kSeeds; ++seed, ++count) {
      MessageFiller filler(static_cast<std::uint64_t>(seed));
      const auto message = filler.make(what, version);
      const base::ByteVector body = body_of(what, version, message.get());
      const auto read = what.type->make();
      const auto status = decode_body(what, version, body, read.get(), kStrict);
      ASSERT_TRUE(status) << to_string(status.error());
      ASSERT_TRUE(equal_values(*what.type, message.get(), read.get()))
          << label(what, version) << " seed " << seed;
      ASSERT_TRUE(borrows_from(body, *what.type, read.get())) << label(what, version);
      ASSERT_EQ(body_of(what, version, read.get()), body) << label(what, version);
      ASSERT_EQ(encoded_size(*what.type, message.get(), version, what.api->is_flexible(version)),
                body.size());
    }
  });
  EXPECT_GT(count, 70 * kSeeds);
}

TEST(RoundTripTest, DefaultsReadBackInEveryVersion) {
  for_each_version([](const MessageType& what, Version version) {
    const auto message = what.type->make();
    const base::ByteVector body = body_of(what, version, message.get());
    const auto read = what.type->make();
    const auto status = decode_body(what, version, body, read.get(), kStrict);
    ASSERT_TRUE(status) << to_string(status.error());
    ASSERT_TRUE(equal_values(*what.type, message.get(), read.get())) << label(what, version);
  });
}

TEST(RoundTripTest, EveryProperPrefixIsRefused) {
  for_each_version([](const MessageType& what, Version version) {
    MessageFiller filler(7);
    const base::ByteVector body = body_of(what, version, filler.make(what, version).get());
    for (std::size_t size = 0; size < body.size(); ++size) {
      // A copy of its own, so that a read beyond it is one beyond the buffer.
      const base::ByteVector prefix(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
      const auto read = what.type->make();
      const auto status = decode_body(what, version, prefix, read.get());
      ASSERT_FALSE(status) << label(what, version) << " cut to " << size << " of " << body.size();
      ASSERT_EQ(status.error().code, base::Errc::kInvalid);
    }
  });
}

TEST(RoundTripTest, VersionsThatAnApiDoesNotHaveAreUnsupported) {
  for (const Api& api : apis()) {
    for (const int version : {api.versions.first() - 1, api.versions.last() + 1}) {
      const MessageType what{.api = &api, .type = api.request};
      const auto message = what.type->make();
      FrameSink sink;
      const auto written = encode_body(sink, what, static_cast<Version>(version), message.get());
      ASSERT_FALSE(written);
      EXPECT_EQ(written.error().code, base::Errc::kUnsupported);
      const base::ByteVector body(100);
      const auto read = decode_body(what, static_cast<Version>(version), body, message.get());
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code, base::Errc::kUnsupported);
    }
  }
}

}  // namespace
}  // namespace streamhouse::wire
