// Goal: values come back as they were sent, refusals have the project's names, and what is known
// after a failure is said: lost, applied or open.
// Method: a real server; a proxy that cuts connections at chosen moments of a commit.
#include "metadata/postgres/driver/connection.h"

#include <gtest/gtest.h>

#include <limits>

#include "metadata/postgres/driver/connection_pool.h"
#include "tests/metadata/postgres_proxy.h"
#include "tests/metadata/test_postgres.h"

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;
using tests::Cut;

class PostgresConnectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> connect(int port = tests::test_postgres().port()) {
    auto opened = Connection::open({.url = tests::PostgresServer::url_at(port, schema_)});
    EXPECT_TRUE(opened) << to_string(opened.error());
    return *std::move(opened);
  }
  /// Whether row `n` of t is there.
  bool is_there(int n) {
    return connect()->value<int>("SELECT 1 FROM t WHERE n = $1", n)->has_value();
  }
  Status insert_in_transaction(Connection& db, int n) {
    return db.transaction([&]() -> Status {
      SH_TRY_OK(db.execute(kInsert, n));
      return {};
    });
  }

  static constexpr std::string_view kInsert = "INSERT INTO t (n) VALUES ($1)";
  const std::string schema_ = tests::test_postgres().new_schema();
  std::unique_ptr<Connection> db_ = connect();
};

TEST_F(PostgresConnectionTest, ValuesOfEveryTypeComeBackAsTheyWereSent) {
  const model::TopicId id{{1, 2, 255}};
  const std::vector<std::int64_t> numbers = {1, -2, std::numeric_limits<std::int64_t>::min()};
  const std::vector<std::string> texts = {"", "a,{}\"\\", "\xc3\xa9"};
  const std::vector<base::Bytes> blobs = {base::Bytes(), base::Bytes(std::string("\0\xff", 2))};
  const auto check = [&](Row row) {
    EXPECT_EQ(row.get<model::SessionId>(0), model::SessionId(0xfedcba9876543210));
    EXPECT_EQ(row.get<std::string>(1), "x'y");
    EXPECT_EQ(row.get<base::Bytes>(2), blobs[1]);
    EXPECT_EQ(row.get<model::TopicId>(3), id);
    EXPECT_EQ(row.get<std::optional<int>>(4), std::nullopt);
    EXPECT_EQ(row.get<bool>(5), true);
    EXPECT_EQ(row.get<int>(6), -7) << "a small integer";
    return true;
  };
  EXPECT_TRUE(db_->first("SELECT $1, $2, $3, $4, $5, true, (-7)::int2", check,
                         model::SessionId(0xfedcba9876543210), "x'y", blobs[1], id,
                         std::optional<int>()));
  const auto number = [](Row row) { return row.get<std::int64_t>(0); };
  const auto text = [](Row row) { return row.get<std::string>(0); };
  const auto blob = [](Row row) { return row.get<base::Bytes>(0); };
  EXPECT_EQ(*db_->all("SELECT * FROM unnest($1)", number, numbers), numbers);
  EXPECT_EQ(*db_->all("SELECT * FROM unnest($1) AS t", text, texts), texts);
  EXPECT_EQ(*db_->all("SELECT * FROM unnest($1) AS b", blob, blobs), blobs);
  EXPECT_EQ(db_->all("SELECT * FROM unnest($1) AS n", number, std::vector<std::int64_t>())->size(),
            0u);
}

TEST_F(PostgresConnectionTest, RowsAreStreamedAndAFailedVisitIsAnsweredAfterTheLast) {
  std::int64_t sum = 0;
  const auto add = [&](Row row) -> Status {
    sum += row.integer(0);
    if (row.integer(0) == 3) return {Errc::kCorrupt, "three"};
    return {};
  };
  const Status streamed = db_->stream("SELECT * FROM generate_series(1, $1)", add, 1000);
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().text, "three");
  EXPECT_EQ(sum, 6) << "nothing is visited after that";
  EXPECT_EQ(db_->value<int>("SELECT 5"), 5) << "the connection goes on";
}

TEST_F(PostgresConnectionTest, AFailedBodyRollsBackAndTheConnectionGoesOn) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY)"));
  const Status failed = db_->transaction([&]() -> Status {
    SH_TRY_OK(db_->execute(kInsert, 1));
    return {Errc::kConflict, "no"};
  });
  EXPECT_EQ(failed.error().code, Errc::kConflict);
  EXPECT_FALSE(is_there(1));
  EXPECT_TRUE(insert_in_transaction(*db_, 1));
  EXPECT_TRUE(is_there(1));
  EXPECT_FALSE(insert_in_transaction(*db_, 1)) << "a key that is there";
  EXPECT_TRUE(db_->usable());
  EXPECT_EQ(db_->failure(), Failure::kNone);
}

TEST_F(PostgresConnectionTest, ATransactionHasTheServersClockOrTheTests) {
  const auto now = [&] {
    return db_->transaction([&]() -> Result<std::int64_t> { return db_->now(); });
  };
  EXPECT_GT(*now(), 1'700'000'000'000);
  db_->set_time(42);
  EXPECT_EQ(*now(), 42);
}

TEST_F(PostgresConnectionTest, TextsThatCannotBeStoredAreInvalid) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
    const auto refused = db_->value<int>("SELECT length($1)", text);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kInvalid) << to_string(refused.error());
  }
}

TEST_F(PostgresConnectionTest, RefusalsAtTheDoorAreDefiniteAndShowNoPassword) {
  const std::string port = std::to_string(tests::test_postgres().port());
  const auto refusal = [&](const std::string& url) {
    const auto opened = Connection::open({.url = url});
    EXPECT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().text.find("sesame"), std::string::npos) << opened.error().text;
    return opened.error().code;
  };
  EXPECT_EQ(refusal("postgres://streamhouse:sesame@127.0.0.1:" + port + "/nowhere"),
            Errc::kInvalid);
  EXPECT_EQ(refusal("postgres://joe:sesame@127.0.0.1:" + port + "/postgres"), Errc::kInvalid);
  EXPECT_EQ(refusal("postgres://joe:sesame@127.0.0.1:1/postgres"), Errc::kUnavailable);
}

TEST_F(PostgresConnectionTest, ALoginThatIsRefusedOnceTheAgentRunsIsUnavailable) {
  const std::string port = std::to_string(tests::test_postgres().port());
  ConnectionPool pool({.url = "postgres://joe:sesame@127.0.0.1:" + port + "/postgres"});
  const auto refused = pool.take();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnavailable) << "somebody may set it right";
}

TEST_F(PostgresConnectionTest, ACommitThatTheServerNeverHeardOfIsOpen) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY)"));
  tests::PostgresProxy proxy(tests::test_postgres().port());
  const auto through = connect(proxy.port());
  proxy.cut_commits(Cut::kBeforeCommit, 1);
  const Status cut = insert_in_transaction(*through, 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::kUnknownOutcome) << to_string(cut.error());
  EXPECT_EQ(through->failure(), Failure::kUnknown);
  EXPECT_FALSE(through->usable());
  EXPECT_FALSE(is_there(1));
}

TEST_F(PostgresConnectionTest, ACommitWhoseAnswerIsLostIsOpenToo) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY)"));
  tests::PostgresProxy proxy(tests::test_postgres().port());
  const auto through = connect(proxy.port());
  proxy.cut_commits(Cut::kAfterCommit, 1);
  const Status cut = insert_in_transaction(*through, 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::kUnknownOutcome);
  EXPECT_TRUE(is_there(1));
}

TEST_F(PostgresConnectionTest, AStatementOfItsOwnIsACommitToo) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY)"));
  tests::PostgresProxy proxy(tests::test_postgres().port());
  const auto through = connect(proxy.port());
  ASSERT_TRUE(through->execute(kInsert, 1));
  proxy.cut_statements(Cut::kAfterCommit, 1);
  const auto cut = through->execute(kInsert, 2);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::kUnknownOutcome);
  EXPECT_TRUE(is_there(2));
}

TEST_F(PostgresConnectionTest, AConnectionThatBreaksBeforeTheCommitHasDoneNothing) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY)"));
  const auto victim = connect();
  const Status killed = victim->transaction([&]() -> Status {
    SH_TRY_OK(victim->execute(kInsert, 1));
    SH_TRY_OK(victim->execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    return {};
  });
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, Errc::kUnavailable) << to_string(killed.error());
  EXPECT_EQ(victim->failure(), Failure::kLost);
  EXPECT_FALSE(victim->usable());
  EXPECT_FALSE(is_there(1));
}

TEST_F(PostgresConnectionTest, AServerThatHungUpIsNoticedBeforeTheNextUse) {
  const auto pid = db_->value<int>("SELECT pg_backend_pid()");
  EXPECT_TRUE(db_->usable());
  EXPECT_TRUE(connect()->execute("SELECT pg_terminate_backend($1::int)", **pid));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (db_->usable() && std::chrono::steady_clock::now() < deadline) continue;
  EXPECT_FALSE(db_->usable());
}

TEST_F(PostgresConnectionTest, TheLoserOfTwoTransactionsIsToldToTryAgain) {
  ASSERT_TRUE(db_->run_script("CREATE TABLE t (n int8 PRIMARY KEY); INSERT INTO t VALUES (1)"));
  const auto other = connect();
  const Status lost = db_->write_snapshot([&]() -> Status {
    SH_TRY_OK(db_->value<int>("SELECT 1 FROM t"));
    SH_TRY_OK(other->execute("UPDATE t SET n = n + 1"));
    SH_TRY_OK(db_->execute("UPDATE t SET n = n + 1"));
    return {};
  });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::kUnavailable);
  EXPECT_EQ(db_->failure(), Failure::kConflict);
  EXPECT_TRUE(db_->usable());
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
