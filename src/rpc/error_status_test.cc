// Goal: clients see each error as docs/errors.md promises.
// Method: the page's table is read and compared with what a failing call's status and trailers are
// made of.
#include "rpc/error_status.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

namespace streamhouse::rpc {
namespace {

using base::Errc;

struct Seen {
  std::string status;
  std::string trailer;
  bool operator==(const Seen&) const = default;
};

/// Code -> what the column "gRPC status, `streamhouse-error`" says.
std::map<std::string, Seen> documented() {
  std::ifstream page(SH_ERRORS_PAGE);
  const std::regex row(R"(\| `([a-z_]+)` \|[^|]*\|[^|]*\| ([A-Z_]+) `([a-z_]+)`[^|]*\|[^|]*\|)");
  std::map<std::string, Seen> rows;
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) rows[match[1]] = {match[2], match[3]};
  }
  return rows;
}

std::string status_name(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::NOT_FOUND:
      return "NOT_FOUND";
    case grpc::StatusCode::ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::StatusCode::OUT_OF_RANGE:
      return "OUT_OF_RANGE";
    case grpc::StatusCode::ABORTED:
      return "ABORTED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "FAILED_PRECONDITION";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case grpc::StatusCode::UNAVAILABLE:
      return "UNAVAILABLE";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::DATA_LOSS:
      return "DATA_LOSS";
    case grpc::StatusCode::INTERNAL:
      return "INTERNAL";
    default:
      return "undocumented " + std::to_string(code);
  }
}

TEST(ErrorStatusTest, EveryCodeIsAnsweredAsDocumented) {
  const auto rows = documented();
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(Errc::kInternal) + 1);
  for (int number = 0; number <= static_cast<int>(Errc::kInternal); ++number) {
    const auto code = static_cast<Errc>(number);
    const std::string name(base::errc_name(code));
    const PublicError seen = public_error(code);
    ASSERT_TRUE(rows.contains(name)) << name;
    EXPECT_EQ(status_name(seen.status), rows.at(name).status) << name;
    EXPECT_EQ(seen.code, rows.at(name).trailer) << name;
  }
}

}  // namespace
}  // namespace streamhouse::rpc
