// The prefix of a log that nobody needs goes (rule P3).
#include <algorithm>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/tables/log_prefix.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Rows that one transaction voids: each may leave a dead object.
constexpr std::size_t kRowsMax = 90;

struct Trimmed {
  Seq trimmed_to = {};
  bool is_all = false;
};

/// The first rows of what may go.
struct TrimSome {
  SessionId session;
  Seq upto_seq;

  Task<Result<Trimmed>> run(Transaction& transaction) const {
    SH_CO_TRY(const StoredSession found, co_await require_session(transaction, session));
    if (found.session.state == SessionState::kFencing)
      co_return make_error(Errc::kFenced, "session " + to_string(session) + " is being taken over");
    const Seq before = found.session.trimmed_to;
    Table& table = transaction.table();
    SH_CO_TRY(const Seq covered, co_await covered_to(table, found.session));
    const SeqRange range{.first = before + 1, .last = std::min(upto_seq, covered)};
    SH_CO_TRY(auto rows, co_await read_prefix(table, session, range, kRowsMax));
    const bool is_last = rows.size() < kRowsMax;
    const std::size_t read = rows.size();
    SpanNeeds needs(table);
    SH_CO_TRY_OK(co_await needs.learn(rows));
    const auto needed =
        std::ranges::find_if(rows, [&](const PrefixRow& row) { return needs.needs(row); });
    rows.erase(needed, rows.end());
    if (rows.empty()) co_return Trimmed{.trimmed_to = before, .is_all = true};
    ObjectCounts counts;
    void_prefix(transaction, found, rows, counts);
    SH_CO_TRY_OK(co_await counts.store(transaction));
    co_return Trimmed{.trimmed_to = rows.back().stored.row.seq,
                      .is_all = is_last || rows.size() < read};
  }
};

}  // namespace

/// Void rows go also where nothing new may: whoever made them void may have died over it.
Task<Result<Seq>> DynamodbMetadataStore::trim(SessionId session, Seq upto_seq) {
  while (true) {
    TrimSome some{.session = session, .upto_seq = upto_seq};
    SH_CO_TRY(const Trimmed trimmed, co_await transact(table_, some));
    if (trimmed.trimmed_to > Seq(0)) co_await remove_void_rows(table_, session, trimmed.trimmed_to);
    if (trimmed.is_all) co_return trimmed.trimmed_to;
  }
}

}  // namespace streamhouse::metadata
