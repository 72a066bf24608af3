// Inserting rows into a table that nobody uses.
#include <array>
#include <span>

#include "metadata/dynamodb/archive/inserted_rows.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"
#include "metadata/dynamodb/tables/schema.h"
#include "metadata/rules/import_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Whoever opens a session checks that there is no mark, and notes a change: so the one who comes
/// later loses.
struct BeginImport {
  ClusterRow cluster;
  std::string archive;

  Task<Status> run(Transaction& transaction) const {
    const Key mark_key = setting_key(kImportMark);
    const Key topic_no = counter_key("topic_no");
    const Key producer_id = counter_key("producer_id");
    SH_CO_TRY_OK(co_await transaction.load(
        {mark_key, topic_no, producer_id, change_head_key(), cluster_key()}));
    if (const Item* const mark = transaction.find(mark_key)) {
      const base::Bytes value = setting_of(*mark).value;
      co_return check_import_mark(value, archive);
    }
    SH_CO_TRY(const bool is_used, co_await holds_rows(transaction.table()));
    for (const Key& key : {topic_no, producer_id, change_head_key()})
      if (is_used || transaction.find(key) != nullptr) co_return target_not_empty();
    transaction.put(cluster_key(), item_of(cluster.cluster));
    transaction.put(topic_no, {{"value", std::int64_t{cluster.topic_no_latest.value()}}});
    transaction.put(producer_id, {{"value", cluster.producer_id_next.value()}});
    transaction.put(mark_key, item_of(Setting{.key = kImportMark,
                                              .value = base::Bytes(std::string(archive)),
                                              .version = 1}));
    co_return Status{};
  }

 private:
  /// Of those kinds that do not all stand in the change feed, also of an import before.
  static Task<Result<bool>> holds_rows(Table& table) {
    for (const std::string& pk : {kSessionsKey, kSettingsKey}) {
      SH_CO_TRY(const auto items, co_await table.query(Range::whole(pk).limited(1)));
      if (!items.empty()) co_return true;
    }
    co_return false;
  }
};

/// Rows of one kind. Each transaction needs the mark, so one that arrives late finds it gone.
struct InsertSome {
  std::vector<ArchiveRow> rows;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const mark, co_await transaction.get(setting_key(kImportMark)));
    if (mark == nullptr) co_return import_not_begun();
    if (rows.empty()) co_return Status{};
    const auto insert = [&]<class Row>(const Row&) {
      std::vector<Row> same;
      for (const ArchiveRow& row : rows) same.push_back(std::get<Row>(row));
      return insert_into(transaction, std::move(same));
    };
    auto task = std::visit(insert, rows.front());
    co_return co_await std::move(task);
  }
};

/// Items that a row of each kind touches at most, by the order of ArchiveRow's alternatives.
constexpr std::array<std::size_t, kArchiveRowKinds> kItemsOfKind = {1, 3, 2, 2, 3, 1,
                                                                    1, 1, 2, 2, 1, 1};
/// Beside the mark and the counts of objects.
constexpr std::size_t kTouchedMax = kTransactionItemsMax - 2;
/// DynamoDB takes 4 MB.
constexpr std::size_t kBytesMax = 3u << 20;

/// About as many as its items have.
std::size_t bytes_of(const ArchiveRow& row) {
  constexpr std::size_t kOthers = 4u << 10;
  if (const auto* log_row = std::get_if<SessionLogRow>(&row))
    return kOthers + log_row->row.payload.size();
  if (const auto* setting = std::get_if<Setting>(&row)) return kOthers + setting->value.size();
  if (const auto* group = std::get_if<Group>(&row)) return kOthers + group->members.size();
  if (const auto* offset = std::get_if<StoredOffset>(&row))
    return kOthers + offset->offset.metadata.size();
  return kOthers;
}

/// The first of the rows, of one kind, that one transaction takes; at least one, if there is any.
std::vector<ArchiveRow> take_some(std::span<ArchiveRow>& rows) {
  std::vector<ArchiveRow> some;
  std::size_t bytes = 0;
  while (some.size() < rows.size()) {
    ArchiveRow& next = rows[some.size()];
    bytes += bytes_of(next);
    const bool is_same = some.empty() || some.front().index() == next.index();
    const std::size_t touched = (some.size() + 1) * kItemsOfKind[next.index()];
    if (!is_same || touched > kTouchedMax || (!some.empty() && bytes > kBytesMax)) break;
    some.push_back(std::move(next));
  }
  rows = rows.subspan(some.size());
  return some;
}

}  // namespace

Task<Status> DynamodbMetadataStore::begin_import(ClusterRow cluster, std::string archive) {
  BeginImport begin{.cluster = cluster, .archive = std::move(archive)};
  co_return co_await transact(table_, std::move(begin));
}

Task<Status> DynamodbMetadataStore::insert_rows(std::vector<ArchiveRow> rows) {
  for (const ArchiveRow& row : rows)
    if (std::holds_alternative<ClusterRow>(row))
      co_return make_error(Errc::kInvalid, "the cluster is set by begin_import");
  std::span<ArchiveRow> left(rows);
  do {
    InsertSome some{.rows = take_some(left)};
    SH_CO_TRY_OK(co_await transact(table_, std::move(some)));
  } while (!left.empty());
  co_return Status{};
}

}  // namespace streamhouse::metadata
