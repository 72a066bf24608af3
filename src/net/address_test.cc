// Goal: every way to write an address is read as meant or refused by name.
// Method: tables of good and bad texts; what is printed is read back.
#include "net/address.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace streamhouse::net {
namespace {

TEST(AddressTest, ReadsAddressesAndNamesAndPrintsThemBack) {
  for (const auto& [text, host, port] :
       {std::tuple{"127.0.0.1:9090", "127.0.0.1", 9090},
        {"0.0.0.0:0", "0.0.0.0", 0},
        {"[::1]:65535", "::1", 65535},
        {"[fe80::1:2]:1", "fe80::1:2", 1},
        {"localhost:80", "localhost", 80},
        {"agent-1.my_zone.example:80", "agent-1.my_zone.example", 80},
        {"1and1.example:80", "1and1.example", 80}}) {
    const auto address = parse_host_port(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
    EXPECT_EQ(to_string(*address), text);
  }
}

TEST(AddressTest, RefusesTheRestByName) {
  for (const std::string text :
       {"", ":", "localhost", ":80", "localhost:", "localhost:65536", "localhost:-1",
        "localhost:8o", "localhost: 80", "::1:80", "[::1:80", "[::1]80", "[localhost]:80", "[]:80",
        "256.1.1.1:80", "1.2.3:80", "a b:80", "http://host:80", "host/path:80"}) {
    const auto address = parse_host_port(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, base::Errc::kInvalid);
    EXPECT_NE(address.error().text.find("'" + text + "'"), std::string::npos) << text;
  }
  EXPECT_FALSE(parse_host_port(std::string(300, 'a') + ":80"));
}

}  // namespace
}  // namespace streamhouse::net
