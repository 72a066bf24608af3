// Goal: a few rows go into one object of the bucket and come out of it; whatever else stands there
// is refused by the object's name. Method: there and back, every prefix, every byte changed.
#include "metadata/archive/archive_object.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

using base::Errc;

const std::string kObject = "catalogue/one";

std::vector<ArchiveRow> some_rows() {
  return {ClusterRow{.cluster = {.cluster_id = {{3}}, .created_ms = 5}},
          Topic{.no = model::TopicNo(7), .id = {{7}}, .name = "orders", .partition_count = 4}};
}

TEST(ArchiveObjectTest, RowsComeBack) {
  const auto rows = unpack_rows(kObject, pack_rows(some_rows()));
  ASSERT_TRUE(rows) << to_string(rows.error());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(std::get<Topic>(rows->back()), std::get<Topic>(some_rows().back()));
}

TEST(ArchiveObjectTest, TheSameRowsGiveTheSameBytes) {
  EXPECT_EQ(base::to_vector(pack_rows(some_rows())), base::to_vector(pack_rows(some_rows())));
}

TEST(ArchiveObjectTest, RowsOutOfOrderAreRefused) {
  RowPacker packer;
  const std::vector<ArchiveRow> rows = some_rows();
  EXPECT_TRUE(packer.add(rows.at(0)));
  EXPECT_TRUE(packer.add(rows.at(1)));
  const Status refused = packer.add(rows.at(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kCorrupt);
}

TEST(ArchiveObjectTest, WhatIsCutShortOrChangedIsRefusedByItsName) {
  const base::ByteVector whole = base::to_vector(pack_rows(some_rows()));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    base::ByteVector changed = whole;
    changed[at] ^= 0x10;
    for (const base::BytesView bytes :
         {base::BytesView(whole).first(at), base::BytesView(changed)}) {
      const auto rows = unpack_rows(kObject, bytes);
      ASSERT_FALSE(rows) << "byte " << at;
      EXPECT_TRUE(rows.error().code == Errc::kCorrupt || rows.error().code == Errc::kUnsupported);
      EXPECT_TRUE(rows.error().text.starts_with("object " + kObject + ": "));
    }
  }
}

}  // namespace
}  // namespace streamhouse::metadata
