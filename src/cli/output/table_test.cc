// Goal: tables are read by people: columns line up, a row is a line, nothing is hidden.
// Method: small tables compared as whole texts.
#include "cli/output/table.h"

#include <gtest/gtest.h>

#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {
namespace {

TEST(TableTest, ShowsItsHeaderAlsoWithoutRows) {
  EXPECT_EQ(Table({"NAME", "COUNT"}).render(), "NAME  COUNT\n");
}

TEST(TableTest, SetsTextLeftAndNumbersRight) {
  Table table({"NAME", "COUNT", "NOTE"});
  table.add_row({"a", "1000000", "x"});
  table.add_row({"long name", "-1", "yy"});
  EXPECT_EQ(table.render(),
            "NAME         COUNT  NOTE\n"
            "a          1000000  x\n"
            "long name       -1  yy\n");
}

TEST(TableTest, CountsCharactersNotBytes) {
  Table table({"NAME", "NOTE"});
  table.add_row({"größe", "x"});
  EXPECT_EQ(table.render(), "NAME   NOTE\ngröße  x\n");
}

TEST(TableTest, KeepsARowOnItsLine) {
  Table table({"VALUE"});
  table.add_row({"a\nb\tc\x01"});
  EXPECT_EQ(table.render(), "VALUE\na\\nb\\tc\\x01\n");
}

TEST(TableTest, MakesColumnsOfTheFieldsOfMessages) {
  v1::ListTopicsResponse list;
  auto& first = *list.add_topics();
  first.set_name("orders");
  first.set_partition_count(10);
  first.set_retention_ms(0);
  (*first.mutable_config())["b"] = "2";
  (*first.mutable_config())["a"] = "1";
  list.add_topics()->set_name("logs");
  EXPECT_EQ(
      table_of(list, "topics", {"name", "partition_count", "retention_ms", "config"}).render(),
      "NAME    PARTITION_COUNT  RETENTION_MS  CONFIG\n"
      "orders               10             0  a=1,b=2\n"
      "logs                  0             -  -\n");
}

TEST(TableTest, ShowsEveryFieldWhenNoneAreNamed) {
  v1::ListLeasesResponse list;
  auto& lease = *list.add_leases();
  lease.set_topic("orders");
  lease.set_agent_id("a-1");
  lease.set_epoch(3);
  EXPECT_EQ(table_of(list, "leases").render(),
            "TOPIC   PARTITION_ID  AGENT_ID  EPOCH  EXPIRES_AT\n"
            "orders             0  a-1           3           0\n");
}

}  // namespace
}  // namespace streamhouse::cli
