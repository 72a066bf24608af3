// Goal: whatever bytes claim to be a message, they are refused or read, and the decoder takes no
// more memory than the bytes can stand for.
// Method: a million messages of every type and version, damaged in seeded ways; what the decoder
// allocates is counted in operator new, and held against a bound that follows from the
// descriptions. What is read must survive being written and read again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "tests/wire/random_message.h"
#include "wire/codec/equal.h"

namespace {
std::size_t allocated = 0;
}  // namespace

void* operator new(std::size_t size) {
  allocated += size;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace streamhouse::wire {
namespace {

using testing::body_of;
using testing::for_each_version;
using testing::MessageFiller;

constexpr int kInputs = 1'000'000;
/// What an error's text and its making may take, whatever the input's size.
constexpr std::size_t kErrorMemoryMax = 2048;
/// An array has room for at most twice the elements that turned up, or for the first sixteen if as
/// many can follow; while it grows, half of that stands beside it, and the halves before.
constexpr double kGrowth = 4;

/// Memory for each byte of input, at most: elements as small as they get, on each level.
double memory_share(const Type& type, Version version, Flexible flexible) {
  switch (type.kind) {
    case Kind::kArray: {
      const auto least = static_cast<double>(least_size(*type.inner, version, flexible));
      return kGrowth * static_cast<double>(type.inner->size) / least +
             memory_share(*type.inner, version, flexible);
    }
    case Kind::kNullable:
      return memory_share(*type.inner, version, flexible);
    case Kind::kStruct: {
      double share = 0;
      for (const Field& field : type.fields())
        if (field.versions.contains(version)) share += memory_share(*field.type, version, flexible);
      return share;
    }
    case Kind::kRecords:
      return sizeof(base::Bytes);
    case Kind::kBool:
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
    case Kind::kUuid:
    case Kind::kString:
    case Kind::kBytes:
      return 0;
  }
  return 0;
}

/// Damages `bytes` once: a bit, a byte that reads as a great or negative length, a cut, some bytes
/// twice, or some from elsewhere.
void damage(base::ByteVector& bytes, MessageFiller& random) {
  static constexpr std::uint8_t kTelling[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
  if (bytes.empty()) return bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
  const std::size_t at = random.below(bytes.size());
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto length = static_cast<std::ptrdiff_t>(random.below(bytes.size() - at + 1));
  switch (random.below(6)) {
    case 0:
      bytes[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
      return;
    case 1:
      bytes[at] = kTelling[random.below(std::size(kTelling))];
      return;
    case 2:
      for (std::size_t i = at; i < std::min(bytes.size(), at + 4); ++i)
        bytes[i] = kTelling[random.below(std::size(kTelling))];
      return;
    case 3:
      bytes.erase(from, from + length);
      return;
    case 4: {
      const base::ByteVector twice(from, from + std::min<std::ptrdiff_t>(length, 64));
      bytes.insert(from, twice.begin(), twice.end());
      return;
    }
    default:
      bytes[at] = bytes[random.below(bytes.size())];
  }
}

struct Tally {
  int inputs = 0;
  int read = 0;
  double worst = 0;  ///< The greatest part of its bound that an input took.
};

void check_input(const MessageType& what, Version version, const base::ByteVector& input,
                 Tally& tally) {
  const Flexible flexible = what.api->is_flexible(version);
  const auto message = what.type->make();
  const std::size_t before = allocated;
  const auto status = decode_body(what, version, input, message.get());
  const auto taken = static_cast<double>(allocated - before);
  const double bound =
      memory_share(*what.type, version, flexible) * static_cast<double>(input.size()) +
      kErrorMemoryMax;
  ASSERT_LE(taken, bound) << what.name() << " v" << version << ", " << input.size() << " bytes";
  tally.worst = std::max(tally.worst, taken / bound);
  ++tally.inputs;
  if (!status) {
    ASSERT_EQ(status.error().code, base::Errc::kInvalid) << status.error().text;
    return;
  }
  ++tally.read;
  if (tally.read % 8 != 0) return;
  const base::ByteVector again = body_of(what, version, message.get());
  const auto reread = what.type->make();
  ASSERT_TRUE(decode_body(what, version, again, reread.get())) << what.name() << " v" << version;
  ASSERT_TRUE(equal_values(*what.type, message.get(), reread.get()))
      << what.name() << " v" << version;
}

TEST(MutationTest, AMillionDamagedMessagesAreRefusedOrReadWithinTheirMemory) {
  int versions = 0;
  for_each_version([&versions](const MessageType&, Version) { ++versions; });
  const int each = kInputs / versions + 1;
  Tally tally;
  for_each_version([&](const MessageType& what, Version version) {
    MessageFiller random(static_cast<std::uint64_t>(version) * 1000 + 1);
    base::ByteVector whole;
    for (int i = 0; i < each && !HasFatalFailure(); ++i) {
      if (i % 64 == 0) whole = body_of(what, version, random.make(what, version).get());
      base::ByteVector input = whole;
      for (auto times = 1 + random.below(3); times > 0; --times) damage(input, random);
      check_input(what, version, input, tally);
    }
  });
  EXPECT_GE(tally.inputs, kInputs);
  EXPECT_GT(tally.read, tally.inputs / 20) << "damage that nothing survives tests little";
  EXPECT_LT(tally.read, tally.inputs * 9 / 10);
  RecordProperty("worst_part_of_memory_bound", std::to_string(tally.worst));
}

TEST(MutationTest, BytesWithoutMeaningAreRefusedOrReadWithinTheirMemory) {
  Tally tally;
  for_each_version([&tally](const MessageType& what, Version version) {
    MessageFiller random(static_cast<std::uint64_t>(version) + 5);
    for (int i = 0; i < 50 && !HasFatalFailure(); ++i) {
      base::ByteVector input(random.below(400));
      for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random.below(256));
      check_input(what, version, input, tally);
    }
  });
}

/// An array that claims more than it holds takes what its bytes can stand for, no more: the classic
/// claim of two thousand million elements, and the greatest that the bytes leave room for.
TEST(MutationTest, ClaimsOfElementsTakeNoMemory) {
  for_each_version([](const MessageType& what, Version version) {
    for (const int filler : {0x7f, 0x01, 0x00}) {
      const base::ByteVector input(1 << 16, static_cast<std::uint8_t>(filler));
      Tally tally;
      check_input(what, version, input, tally);
    }
  });
}

}  // namespace
}  // namespace streamhouse::wire
