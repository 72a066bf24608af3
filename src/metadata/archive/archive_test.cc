// Goal: an archive gives back the rows that were written into it, and nothing but a whole,
// undamaged one is ever taken for one. Method: rows of each kind with all their fields, there and
// back; then every prefix of the archive, every byte of it changed, and archives put together
// wrongly.
#include <gtest/gtest.h>

#include <fstream>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/hex.h"
#include "tests/contract/metadata/show.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::metadata {
namespace {

using base::Errc;
using tests::ArchiveBytes;
using tests::read_archive;
using tests::write_archive;

constexpr TopicPartition kKey{model::TopicNo(7), model::PartitionIndex(3)};
constexpr SessionId kSession{0xfedcba9876543210};

base::Bytes bytes(const std::string& text) { return base::Bytes(std::string(text)); }

std::vector<ArchiveRow> log_rows() {
  return {SessionLogRow{.session = kSession, .row = {.seq = Seq(0), .created_ms = 3}},
          SessionLogRow{.session = kSession,
                        .row = {.seq = Seq(1),
                                .kind = RowKind::kCommit,
                                .crc = 0xffffffff,
                                .object_size = 1ull << 40,
                                .payload = bytes("spans"),
                                .created_ms = 4}}};
}

std::vector<ArchiveRow> group_rows() {
  const CommittedOffset offset{
      .key = kKey, .offset = Offset(5), .metadata = "note", .committed_ms = 8, .expires_ms = -9};
  return {Group{.group_id = "g",
                .commit_no = 4,
                .generation = 2,
                .protocol_type = "consumer",
                .state = "Stable",
                .members = bytes(std::string("\0m", 2)),
                .created_ms = 1,
                .updated_ms = 2},
          StoredOffset{.group_id = "g", .offset = offset},
          StoredGroupFloor{.shard = kKey, .epoch = LeaderEpoch(3), .commit_no = 8}};
}

/// One row of each kind at least, no field at its default.
std::vector<ArchiveRow> every_kind() {
  std::vector<ArchiveRow> rows{ClusterRow{.cluster = {.cluster_id = {{1, 2}}, .created_ms = 5},
                                          .topic_no_latest = model::TopicNo(9),
                                          .producer_id_next = model::ProducerId(17)},
                               Topic{.no = model::TopicNo(7),
                                     .id = {{7}},
                                     .name = "orders",
                                     .partition_count = 4,
                                     .retention_ms = -1,
                                     .config = {{"a", "1"}, {"b", ""}},
                                     .version = 3,
                                     .state = TopicState::kDeleting,
                                     .kind = TopicKind::kInternal,
                                     .created_ms = 1,
                                     .updated_ms = 2},
                               Partition{.key = kKey,
                                         .epoch = LeaderEpoch(2),
                                         .owner = kSession,
                                         .since_seq = Seq(1),
                                         .log_start = Offset(3),
                                         .high_watermark = Offset(10),
                                         .visible_high_watermark = Offset(11),
                                         .producers = bytes("p"),
                                         .created_ms = 1,
                                         .updated_ms = 2,
                                         .acquired_ms = 3},
                               Session{.id = kSession,
                                       .agent_id = "agent",
                                       .state = SessionState::kFencing,
                                       .trimmed_to = Seq(1),
                                       .opened_ms = 6}};
  for (ArchiveRow& row : log_rows()) rows.push_back(std::move(row));
  rows.push_back(SessionCheckpoint{kSession, Seq(1), bytes("table")});
  rows.push_back(StoredObject{
      .row = {.key = "k", .level = 1, .size = 2, .state = ObjectState::kDead, .dead_ms = 3},
      .session = kSession,
      .segment_count = 6});
  rows.push_back(Segment{.key = kKey,
                         .location = {.offsets = {Offset(1), Offset(4)},
                                      .object_key = "k",
                                      .position = 64,
                                      .length = 9,
                                      .object_size = 100,
                                      .max_timestamp = -5,
                                      .epoch = LeaderEpoch(1),
                                      .created_ms = 2},
                         .record_count = 3});
  for (ArchiveRow& row : group_rows()) rows.push_back(std::move(row));
  rows.push_back(Setting{.key = "frozen", .value = bytes("why"), .version = 2});
  return rows;
}

std::string show_rows(const std::vector<ArchiveRow>& rows) {
  std::string text;
  for (const ArchiveRow& row : rows)
    text += std::string(archive_kind_name(row.index())) +
            std::visit([](const auto& stored) { return contract::show(stored); }, row) + "\n";
  return text;
}

Errc refusal(base::ByteVector content) {
  const auto read = read_archive(std::move(content));
  return read ? Errc::kInternal : read.error().code;
}

TEST(ArchiveTest, GivesBackEveryFieldOfEveryKindOfRow) {
  const auto content = write_archive(every_kind());
  ASSERT_TRUE(content);
  const auto read = read_archive(*content);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(show_rows(*read), show_rows(every_kind()));
}

/// The file was made from the page of the format alone, by another program.
TEST(ArchiveTest, IsWrittenAsTheDocumentsSay) {
  std::ifstream file(SH_GOLDEN_DIRECTORY "/metadata_archive_v1.bin", std::ios::binary);
  const std::string golden(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(base::to_hex(base::as_bytes(golden)),
            base::to_hex(write_archive(every_kind()).value()));
}

TEST(ArchiveTest, CountsItsRowsByKind) {
  ArchiveWriter writer(nullptr);
  ASSERT_TRUE(writer.begin());
  for (const ArchiveRow& row : every_kind()) ASSERT_TRUE(writer.take(row));
  const auto summary = writer.finish();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->counts, (ArchiveCounts{1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(ArchiveTest, RefusesEveryPrefix) {
  const base::ByteVector whole = write_archive(every_kind()).value();
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_EQ(
        refusal(base::ByteVector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
        Errc::kCorrupt)
        << size << " of " << whole.size() << " bytes";
}

TEST(ArchiveTest, RefusesEveryChangedByte) {
  const base::ByteVector whole = write_archive(every_kind()).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    base::ByteVector changed = whole;
    changed[at] ^= 1;
    const bool in_version = at >= 8 && at < kArchiveHeaderSize;
    ASSERT_EQ(refusal(changed), in_version ? Errc::kUnsupported : Errc::kCorrupt) << "byte " << at;
  }
}

TEST(ArchiveTest, RefusesBytesBehindItsEnd) {
  base::ByteVector content = write_archive(every_kind()).value();
  content.push_back(0);
  EXPECT_EQ(refusal(content), Errc::kCorrupt);
}

/// An archive whose checksums are right, of any frames.
base::ByteVector put_together(const std::vector<ArchiveRow>& rows, ArchiveSummary claimed) {
  const auto header = archive_header();
  base::ByteVector content(header.begin(), header.end());
  for (const ArchiveRow& row : rows)
    std::ranges::copy(encode_archive_row(row), std::back_inserter(content));
  if (claimed.crc == 0) claimed.crc = base::crc32c(content);
  std::ranges::copy(encode_archive_end(claimed), std::back_inserter(content));
  return content;
}

TEST(ArchiveTest, RefusesRowsOutOfOrderAndRowsThatComeTwice) {
  const std::vector<ArchiveRow> rows = every_kind();
  const ArchiveSummary two{.counts = {1, 0, 0, 0, 2}};
  const std::vector<ArchiveRow> log = log_rows();
  EXPECT_TRUE(read_archive(put_together({rows[0], log[0], log[1]}, two)));
  EXPECT_EQ(refusal(put_together({rows[0], log[1], log[0]}, two)), Errc::kCorrupt);
  EXPECT_EQ(refusal(put_together({rows[0], log[1], log[1]}, two)), Errc::kCorrupt);
  EXPECT_EQ(refusal(put_together({rows[0], rows[2], rows[1]}, {.counts = {1, 1, 1}})),
            Errc::kCorrupt);
}

TEST(ArchiveTest, RefusesAnArchiveThatDoesNotBeginWithTheCluster) {
  EXPECT_EQ(refusal(put_together({every_kind()[1]}, {.counts = {0, 1}})), Errc::kCorrupt);
  EXPECT_EQ(refusal(put_together({}, {})), Errc::kCorrupt);
}

TEST(ArchiveTest, RefusesAnEndThatCountsOtherRowsOrHasAnotherChecksum) {
  const std::vector<ArchiveRow> rows{every_kind()[0]};
  EXPECT_TRUE(read_archive(put_together(rows, {.counts = {1}})));
  EXPECT_EQ(refusal(put_together(rows, {.counts = {1, 1}})), Errc::kCorrupt);
  EXPECT_EQ(refusal(put_together(rows, {.counts = {1}, .crc = 5})), Errc::kCorrupt);
}

TEST(ArchiveTest, DoesNotBelieveAFrameThatClaimsToBeHuge) {
  const auto header = archive_header();
  base::ByteVector content(header.begin(), header.end());
  content.resize(content.size() + kFrameSizeBytes);
  base::store_little(content.data() + header.size(), std::uint32_t{0xffffffff});
  EXPECT_EQ(refusal(content), Errc::kCorrupt);
}

TEST(ArchiveTest, TheWriterRefusesRowsOutOfOrder) {
  const std::vector<ArchiveRow> rows = every_kind();
  EXPECT_FALSE(write_archive({rows[0], rows[2], rows[1]}));
  EXPECT_FALSE(write_archive({rows[0], rows[1], rows[1]}));
}

TEST(ArchiveTest, AWriterThatBeginsAgainForgetsWhatItTook) {
  const auto out = std::make_shared<ArchiveBytes>();
  ArchiveWriter writer(out);
  ASSERT_TRUE(writer.begin());
  ASSERT_TRUE(writer.take(every_kind()[0]));
  ASSERT_TRUE(writer.begin());
  for (const ArchiveRow& row : every_kind()) ASSERT_TRUE(writer.take(row));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(out->content, write_archive(every_kind()).value());
}

TEST(ArchiveTest, AReaderStaysAtTheEnd) {
  ArchiveBytes content(write_archive({every_kind()[0]}).value());
  ArchiveReader reader(content);
  ASSERT_TRUE(reader.begin());
  ASSERT_TRUE(reader.next().value().has_value());
  EXPECT_FALSE(reader.next().value().has_value());
  EXPECT_FALSE(reader.next().value().has_value());
}

}  // namespace
}  // namespace streamhouse::metadata
