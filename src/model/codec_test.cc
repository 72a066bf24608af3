// Goal: what any client may have compressed comes back as it was, and no input, however it lies,
// makes a decoder crash, answer wrongly or exceed its output cap.
// Method: round trips over sizes and kinds of content, every cap around the true size, every
// truncation, hand-made frames of each framing, bombs.
#include "model/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "base/endian.h"

namespace streamhouse::model {
namespace {

using base::as_bytes;
using base::as_text;
using base::BytesView;
using base::ByteVector;
using base::Errc;

constexpr Codec kCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};
constexpr Codec kCompressors[] = {Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};
constexpr std::size_t kMebibyte = std::size_t{1} << 20;

ByteVector compressed(Codec codec, BytesView in) {
  ByteVector out;
  EXPECT_TRUE(compress(codec, in, out).has_value());
  return out;
}

ByteVector noise(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  ByteVector bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// Compressible: words of a small vocabulary.
ByteVector words(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string text;
  while (text.size() < size) text += "word" + std::to_string(random() % 50) + ' ';
  text.resize(size);
  return base::to_vector(as_bytes(text));
}

Errc refusal(Codec codec, BytesView in, std::size_t size_max = kMebibyte) {
  const auto out = decompress(codec, in, size_max);
  EXPECT_FALSE(out.has_value()) << codec_name(codec);
  return out ? Errc::kInternal : out.error().code;
}

std::string text_of(Codec codec, BytesView in) {
  const auto out = decompress(codec, in, kMebibyte);
  return out ? base::to_string(*out) : base::to_string(out.error());
}

TEST(CodecTest, NamesAreTheOnesOfTopicConfigurations) {
  std::string names;
  for (const Codec codec : kCodecs) names += std::string(codec_name(codec)) + " ";
  EXPECT_EQ(names, "none gzip snappy lz4 zstd ");
}

TEST(CodecTest, RoundTripsEverySizeAndKindOfContent) {
  for (const Codec codec : kCodecs)
    for (const std::size_t size : {0u, 1u, 15u, 255u, 4096u, 65535u, 65536u, 65537u, 300000u})
      for (const ByteVector& content : {ByteVector(size), words(size), noise(size)}) {
        const auto out = decompress(codec, compressed(codec, content), kMebibyte);
        ASSERT_TRUE(out.has_value()) << codec_name(codec) << size << out.error().text;
        ASSERT_TRUE(base::equal(*out, content)) << codec_name(codec) << size;
      }
}

TEST(CodecTest, CompressesWhatCanBeCompressed) {
  const ByteVector content = words(100000);
  for (const Codec codec : kCompressors)
    EXPECT_LT(compressed(codec, content).size(), content.size() / 2) << codec_name(codec);
}

TEST(CodecTest, AppendsToWhatIsThere) {
  for (const Codec codec : kCodecs) {
    ByteVector out = {1, 2, 3};
    ASSERT_TRUE(compress(codec, as_bytes("content"), out).has_value());
    EXPECT_EQ(out[2], 3);
    EXPECT_EQ(text_of(codec, BytesView(out).subspan(3)), "content");
  }
}

TEST(CodecTest, HoldsTheOutputCapExactly) {
  for (const Codec codec : kCodecs)
    for (const std::size_t size : {1u, 100u, 5000u, 70000u}) {
      const ByteVector content = words(size);
      const ByteVector in = compressed(codec, content);
      const auto fits = decompress(codec, in, size);
      ASSERT_TRUE(fits.has_value()) << codec_name(codec) << size;
      EXPECT_TRUE(base::equal(*fits, content));
      EXPECT_EQ(refusal(codec, in, size - 1), Errc::kTooLarge) << codec_name(codec) << size;
      EXPECT_EQ(refusal(codec, in, 0), Errc::kTooLarge) << codec_name(codec) << size;
    }
}

TEST(CodecTest, NothingFitsIntoNothing) {
  for (const Codec codec : kCodecs) {
    const auto out = decompress(codec, compressed(codec, {}), 0);
    ASSERT_TRUE(out.has_value()) << codec_name(codec) << out.error().text;
    EXPECT_TRUE(out->empty());
  }
}

TEST(CodecTest, StopsBombsAtTheCap) {
  const ByteVector zeros(64 * kMebibyte);
  for (const Codec codec : kCompressors) {
    const ByteVector bomb = compressed(codec, zeros);
    EXPECT_LT(bomb.size(), zeros.size() / 15);
    EXPECT_EQ(refusal(codec, bomb), Errc::kTooLarge) << codec_name(codec);
  }
}

TEST(CodecTest, RefusesEveryTruncation) {
  const ByteVector content = words(3000);
  for (const Codec codec : kCompressors) {
    const ByteVector in = compressed(codec, content);
    for (std::size_t size = 0; size < in.size(); ++size)
      ASSERT_EQ(refusal(codec, BytesView(in).first(size)), Errc::kInvalid)
          << codec_name(codec) << size;
  }
}

TEST(CodecTest, RefusesBytesAfterTheEnd) {
  for (const Codec codec : kCompressors) {
    ByteVector in = compressed(codec, as_bytes("content"));
    in.push_back(0);
    EXPECT_EQ(refusal(codec, in), Errc::kInvalid) << codec_name(codec);
  }
}

TEST(CodecTest, SurvivesAnyDamagedByte) {
  const ByteVector content = words(500);
  for (const Codec codec : kCompressors) {
    ByteVector in = compressed(codec, content);
    for (std::size_t i = 0; i < in.size(); ++i) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        in[i] ^= static_cast<std::uint8_t>(flip);
        const auto out = decompress(codec, in, 2000);
        ASSERT_TRUE(!out || out->size() <= 2000);
        in[i] ^= static_cast<std::uint8_t>(flip);
      }
    }
    EXPECT_TRUE(decompress(codec, in, 2000).has_value());
  }
}

TEST(CodecTest, RefusesCodecsThatDoNotExist) {
  ByteVector out;
  for (const int number : {5, 6, 7}) {
    const auto codec = static_cast<Codec>(number);
    EXPECT_EQ(compress(codec, as_bytes("x"), out).error().code, Errc::kUnsupported);
    EXPECT_EQ(refusal(codec, as_bytes("x")), Errc::kUnsupported);
    EXPECT_EQ(codec_name(codec), "unknown");
  }
  EXPECT_TRUE(out.empty());
}

TEST(CodecTest, RefusesInputsOfTwoGibibytes) {
  const std::uint8_t byte = 0;  // nothing but the size is looked at
  const BytesView huge(&byte, std::size_t{1} << 31);
  for (const Codec codec : kCodecs) {
    ByteVector out;
    EXPECT_EQ(compress(codec, huge, out).error().code, Errc::kTooLarge);
    EXPECT_EQ(refusal(codec, huge), Errc::kTooLarge);
  }
}

TEST(GzipTest, ReadsSeveralMembers) {
  ByteVector in = compressed(Codec::kGzip, as_bytes("one "));
  const ByteVector second = compressed(Codec::kGzip, as_bytes("two"));
  in.insert(in.end(), second.begin(), second.end());
  EXPECT_EQ(text_of(Codec::kGzip, in), "one two");
}

TEST(GzipTest, FindsDamageByTheMembersChecksum) {
  ByteVector in = compressed(Codec::kGzip, as_bytes("content"));
  in[in.size() - 8] ^= 1;  // of the CRC-32
  EXPECT_EQ(refusal(Codec::kGzip, in), Errc::kInvalid);
}

TEST(GzipTest, RefusesTheBareZlibFraming) {
  EXPECT_EQ(refusal(Codec::kGzip, ByteVector{0x78, 0x9c, 0x03, 0, 0, 0, 0, 1}), Errc::kInvalid);
}

// "SNAPPY" framing of Java clients: magic, version 1, lowest compatible version 1, chunks.
ByteVector java_framed(std::initializer_list<std::string_view> parts) {
  ByteVector out = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
  for (const auto part : parts) {
    const ByteVector block = compressed(Codec::kSnappy, as_bytes(part));
    std::uint8_t length[4];
    base::store_big(length, static_cast<std::int32_t>(block.size()));
    out.insert(out.end(), length, length + 4);
    out.insert(out.end(), block.begin(), block.end());
  }
  return out;
}

TEST(SnappyTest, ReadsJavasChunks) {
  EXPECT_EQ(text_of(Codec::kSnappy, java_framed({"first ", "", "second"})), "first second");
  EXPECT_EQ(text_of(Codec::kSnappy, java_framed({})), "");
}

TEST(SnappyTest, CapsTheSumOfTheChunks) {
  const ByteVector in = java_framed({"0123456789", "0123456789"});
  EXPECT_TRUE(decompress(Codec::kSnappy, in, 20).has_value());
  EXPECT_EQ(refusal(Codec::kSnappy, in, 19), Errc::kTooLarge);
  EXPECT_EQ(refusal(Codec::kSnappy, in, 9), Errc::kTooLarge);
}

TEST(SnappyTest, RefusesCutAndOverlongChunks) {
  const ByteVector one = java_framed({"first "});
  const ByteVector in = java_framed({"first ", "second"});
  for (std::size_t size = 17; size < in.size(); ++size) {
    if (size != one.size()) {
      ASSERT_EQ(refusal(Codec::kSnappy, BytesView(in).first(size)), Errc::kInvalid) << size;
    }
  }
  for (const std::int32_t length : {-1, std::numeric_limits<std::int32_t>::max()}) {
    ByteVector lying = one;
    base::store_big(lying.data() + 16, length);
    EXPECT_EQ(refusal(Codec::kSnappy, lying), Errc::kInvalid);
  }
}

TEST(SnappyTest, ReadsABlockOfTheLengthThatTheMagicBeginsWith) {
  // The magic's first two bytes are the varint 10626: a raw block may begin with them too.
  const ByteVector content = words(10626);
  const ByteVector in = compressed(Codec::kSnappy, content);
  ASSERT_EQ(in[0], 0x82);
  ASSERT_EQ(in[1], 'S');
  EXPECT_EQ(text_of(Codec::kSnappy, in), as_text(content));
}

TEST(SnappyTest, DisbelievesLengthsThatTheBytesCannotReach) {
  // Declares 4 GiB - 1 and holds one literal byte.
  const ByteVector huge = {0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 'a'};
  EXPECT_EQ(refusal(Codec::kSnappy, huge, std::size_t{1} << 40), Errc::kInvalid);
  // The densest there is: 64 bytes from each copy of three.
  const ByteVector zeros(kMebibyte);
  EXPECT_TRUE(decompress(Codec::kSnappy, compressed(Codec::kSnappy, zeros), kMebibyte));
}

TEST(Lz4Test, WritesIndependentBlocksOf64KiB) {
  const ByteVector in = compressed(Codec::kLz4, words(200000));
  ASSERT_EQ(base::load_little<std::uint32_t>(in.data()), 0x184d2204u);
  EXPECT_EQ(in[4] >> 6, 1) << "frame version";
  EXPECT_NE(in[4] & 0x20, 0) << "block independence";
  EXPECT_EQ(in[5] >> 4 & 7, 4) << "block size 64 KiB";
}

TEST(Lz4Test, ReadsBlocksThatUseEachOther) {
  // Two linked blocks of 3,000 times `a` each, in a frame whose blocks may take 4 MiB.
  ByteVector in = {0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf};
  for (int i = 0; i < 2; ++i) {
    const ByteVector block_begin = {0x16, 0, 0, 0, 0x1f, 'a', 0x01, 0x00};
    const ByteVector block_end = {0xaa, 0x50, 'a', 'a', 'a', 'a', 'a'};
    in.insert(in.end(), block_begin.begin(), block_begin.end());
    in.insert(in.end(), 11, 0xff);
    in.insert(in.end(), block_end.begin(), block_end.end());
  }
  in.insert(in.end(), {0, 0, 0, 0});
  EXPECT_EQ(text_of(Codec::kLz4, in), std::string(6000, 'a'));
}

// A frame as RFC 8878 section 3.1 has it: magic, descriptor, window, one raw block.
ByteVector zstd_frame_with_window_log(int window_log, std::string_view content) {
  ByteVector out = {0x28, 0xb5, 0x2f,
                    0xfd, 0x00, static_cast<std::uint8_t>((window_log - 10) << 3)};
  const std::size_t block_header = content.size() << 3 | 1;  // raw, last
  for (const int shift : {0, 8, 16})
    out.push_back(static_cast<std::uint8_t>(block_header >> shift));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

TEST(ZstdTest, ReadsFramesOfAnyWindowWithoutAllocatingIt) {
  for (const int window_log : {10, 23, 27, 31})
    EXPECT_EQ(text_of(Codec::kZstd, zstd_frame_with_window_log(window_log, "hello")), "hello");
}

TEST(ZstdTest, ReadsSeveralFrames) {
  ByteVector in = compressed(Codec::kZstd, as_bytes("one "));
  const ByteVector second = compressed(Codec::kZstd, words(50000));
  in.insert(in.end(), second.begin(), second.end());
  EXPECT_EQ(text_of(Codec::kZstd, in), "one " + base::to_string(words(50000)));
}

TEST(ZstdTest, RefusesOtherKindsOfFrames) {
  const ByteVector skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'x'};
  EXPECT_EQ(refusal(Codec::kZstd, skippable), Errc::kInvalid);
  const ByteVector from_before_1_0 = {0x27, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(refusal(Codec::kZstd, from_before_1_0), Errc::kInvalid);
  ByteVector with_dictionary = zstd_frame_with_window_log(10, "hello");
  with_dictionary[4] = 1;                                  // one byte of dictionary id ...
  with_dictionary.insert(with_dictionary.begin() + 6, 7);  // ... number 7
  EXPECT_EQ(refusal(Codec::kZstd, with_dictionary), Errc::kInvalid);
}

TEST(ZstdTest, DisbelievesTheDeclaredContentSize) {
  // Single segment, eight bytes of content size 2^60, one empty last block.
  const ByteVector lying = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0, 0};
  EXPECT_FALSE(decompress(Codec::kZstd, lying, kMebibyte).has_value());
}

TEST(ZstdTest, GivesTheSameWhateverTheBufferGrewThrough) {
  // From a first guess that is far too small to the cap, in steps.
  const ByteVector content(5 * kMebibyte + 7, 'a');
  const auto out = decompress(Codec::kZstd, compressed(Codec::kZstd, content), content.size());
  ASSERT_TRUE(out.has_value()) << out.error().text;
  EXPECT_TRUE(base::equal(*out, content));
}

}  // namespace
}  // namespace streamhouse::model
