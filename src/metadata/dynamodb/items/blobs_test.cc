// Goal: bytes stand in their item up to a bound and in chunks beyond it, under names that change
// with them, and what is not whole is damage. Method: a table that keeps what it is asked to write;
// sizes about each bound; chunks that are missing, foreign or exchanged.
#include "metadata/dynamodb/items/blobs.h"

#include <gtest/gtest.h>

#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/messages/base64.h"
#include "tests/metadata/recording_table.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;

base::Bytes pattern(std::size_t size, std::uint8_t salt = 0) {
  base::ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 3) ^ salt;
  return base::Bytes(std::move(bytes));
}

class DynamodbBlobsTest : public ::testing::Test {
 protected:
  BlobRef store(const base::Bytes& bytes, std::size_t inline_max) {
    return *server_.run(store_blob(server_.table(), {"B", "n"}, bytes, inline_max));
  }
  /// The chunks that were written so far, by sort key.
  std::map<std::string, base::Bytes> chunks() const {
    std::map<std::string, base::Bytes> all;
    for (const auto& request : server_.asked("BatchWriteItem"))
      for (const auto& write : request["RequestItems"]["t"]) {
        const auto& item = write["PutRequest"]["Item"];
        EXPECT_EQ(item["pk"]["S"], "B");
        auto bytes = from_base64(item["data"]["B"].get<std::string>());
        all[item["sk"]["S"].get<std::string>()] = base::Bytes(std::move(bytes).value());
      }
    return all;
  }
  Result<base::Bytes> load(const BlobRef& ref) {
    Item item;
    ref.set(item, "payload");
    return server_.run(load_blob(server_.table(), "B", item, "payload"));
  }

  tests::RecordingTable server_;
};

TEST_F(DynamodbBlobsTest, UpToTheBoundTheyStandInTheirItem) {
  for (const std::size_t bound : {kInlineInTransactionMax, kInlineBytesMax}) {
    const base::Bytes bytes = pattern(bound);
    const BlobRef ref = store(bytes, bound);
    EXPECT_TRUE(ref.chunks.empty()) << bound;
    EXPECT_EQ(*load(ref), bytes);
    EXPECT_TRUE(chunks().empty());
  }
  EXPECT_TRUE(server_.asked("Query").empty()) << "nothing else is read";
}

TEST_F(DynamodbBlobsTest, BeyondItTheyAreChunksThatTheItemNames) {
  const base::Bytes bytes = pattern(kInlineInTransactionMax + 1);
  const BlobRef ref = store(bytes, kInlineInTransactionMax);
  EXPECT_TRUE(ref.inline_bytes.empty());
  EXPECT_EQ(ref.size, static_cast<std::int64_t>(bytes.size()));
  const auto written = chunks();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written.begin()->first, ref.chunks + "00000000000000000001");
  EXPECT_EQ(written.begin()->second, bytes);
}

TEST_F(DynamodbBlobsTest, AChunkHoldsAsMuchAsAnItemMay) {
  store(pattern(2 * kInlineBytesMax), kInlineBytesMax);
  auto written = chunks();
  ASSERT_EQ(written.size(), 2u);
  for (const auto& [sk, bytes] : written) EXPECT_EQ(bytes.size(), kInlineBytesMax);
  const base::Bytes longer = pattern(2 * kInlineBytesMax + 1);
  const BlobRef ref = store(longer, kInlineBytesMax);
  written = chunks();
  ASSERT_EQ(written.size(), 2u + 3u);
  EXPECT_EQ(written.at(ref.chunks + padded(3)).size(), 1u);
}

TEST_F(DynamodbBlobsTest, TheSameBytesAreTheSameChunksAndOthersAreOthers) {
  const BlobRef first = store(pattern(3'000), kInlineInTransactionMax);
  EXPECT_EQ(store(pattern(3'000), kInlineInTransactionMax).chunks, first.chunks);
  EXPECT_NE(store(pattern(3'000, 1), kInlineInTransactionMax).chunks, first.chunks);
  EXPECT_TRUE(first.chunks.starts_with("n#"));
  EXPECT_EQ(first.chunks.size(), std::string("n#01234567#").size());
  EXPECT_EQ(chunks().size(), 2u);
}

TEST_F(DynamodbBlobsTest, WhatIsNotWholeIsDamage) {
  const base::Bytes bytes = pattern(kInlineBytesMax + 1'000);
  const BlobRef ref = store(bytes, kInlineBytesMax);
  const auto written = chunks();
  const Key first{"B", ref.chunks + padded(1)};
  const Key second{"B", ref.chunks + padded(2)};
  const auto damaged = [&] {
    const auto read = load(ref);
    return !read && read.error().code == Errc::kCorrupt && read.error().text.contains(ref.chunks);
  };
  EXPECT_TRUE(damaged()) << "no chunk is there";
  server_.put(first, {{"data", written.at(first.sk)}});
  EXPECT_TRUE(damaged()) << "the second is missing";
  server_.put(second, {{"data", written.at(second.sk)}});
  EXPECT_EQ(*load(ref), bytes);
  server_.put({"B", ref.chunks + padded(3)}, {{"data", base::Bytes(std::string("x"))}});
  EXPECT_TRUE(damaged()) << "one too many";
  server_.put({"B", ref.chunks + padded(3)}, {});
  EXPECT_EQ(*load(ref), bytes);
  server_.put(first, {{"data", written.at(second.sk)}});
  server_.put(second, {{"data", written.at(first.sk)}});
  EXPECT_TRUE(damaged()) << "exchanged: as long, but other bytes";
}

TEST_F(DynamodbBlobsTest, AnAttributeThatIsMissingIsNoBytes) {
  EXPECT_TRUE(server_.run(load_blob(server_.table(), "B", Item(), "payload"))->empty());
}

TEST(DynamodbBlobRefTest, ABlobReplacesWhatAnItemHadInEitherForm) {
  const BlobRef chunked{.chunks = "C07#0123#", .size = 900};
  const BlobRef whole{.inline_bytes = base::Bytes(std::string("abc"))};
  Item item;
  chunked.set(item, "payload");
  EXPECT_EQ(item.text("payload"), "C07#0123#");
  EXPECT_EQ(item.number("payload_size"), 900);
  whole.set(item, "payload");
  EXPECT_EQ(item.text("payload"), "");
  EXPECT_EQ(base::to_string(item.bytes("payload")), "abc");
  EXPECT_FALSE(item.has("payload_size"));
  chunked.set(item, "payload");
  EXPECT_TRUE(item.bytes("payload").empty());
  BlobRef{}.set(item, "other");
  EXPECT_TRUE(item.has("other")) << "no bytes are bytes too";
  EXPECT_EQ(item.number("payload_size"), 900) << "the other's is its own";
}

/// Fails so often with an error, then answers 7.
Task<Result<int>> fail_first(int& reads, int failures, Errc code) {
  if (++reads <= failures) co_return base::make_error(code, "of this read");
  co_return 7;
}

Task<Result<int>> read_again(int& reads, int failures, Errc code) {
  co_return co_await read_with_blobs([&] { return fail_first(reads, failures, code); });
}

TEST_F(DynamodbBlobsTest, ADamagedReadIsMadeAgainAFewTimes) {
  struct Case {
    int failures;
    Errc code;
    int reads;
    bool is_read;
  };
  for (const Case& one :
       {Case{0, Errc::kCorrupt, 1, true}, Case{1, Errc::kCorrupt, 2, true},
        Case{3, Errc::kCorrupt, 4, true}, Case{4, Errc::kCorrupt, 4, false},
        Case{99, Errc::kCorrupt, 4, false}, Case{1, Errc::kThrottled, 1, false}}) {
    int reads = 0;
    const auto answer = server_.run(read_again(reads, one.failures, one.code));
    EXPECT_EQ(answer.has_value(), one.is_read) << one.failures;
    EXPECT_EQ(reads, one.reads) << one.failures;
    if (!answer) EXPECT_EQ(answer.error().code, one.code);
  }
}

TEST_F(DynamodbBlobsTest, ARangeIsRemovedByTheTwentyFive) {
  for (int i = 0; i < 26; ++i) server_.put({"B", "a" + padded(i)}, {});
  server_.put({"B", "b"}, {});
  EXPECT_TRUE(server_.run(remove_items(server_.table(), Range::prefix("B", "a"))).has_value());
  const auto batches = server_.asked("BatchWriteItem");
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0]["RequestItems"]["t"].size(), 25u);
  ASSERT_EQ(batches[1]["RequestItems"]["t"].size(), 1u);
  EXPECT_EQ(batches[1]["RequestItems"]["t"][0]["DeleteRequest"]["Key"]["sk"]["S"],
            "a" + padded(25));
  EXPECT_TRUE(server_.run(remove_items(server_.table(), Range::whole("nothing"))).has_value());
  EXPECT_EQ(server_.asked("BatchWriteItem").size(), 2u) << "nothing to remove is no request";
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
