#include "metadata/dynamodb/tables/schema.h"

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/items/rows.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;
using base::make_error;

namespace {

constexpr auto kActivePause = std::chrono::milliseconds(250);
constexpr int kActiveLooksMax = 60;

std::string asked(const Table& table) {
  return "table " + table.name() + " at " + table.client().endpoint().url();
}

/// Where an operator can help, the start is over.
base::Error at_start(const Table& table, Answer answer) {
  const std::string wrong = mistake(answer.refusal, asked(table));
  base::Error error = std::move(answer.body).error();
  if (wrong.empty()) return error;
  return make_error(Errc::kInvalid, wrong + " (" + error.text + ")");
}

/// nullopt if there is no such table.
Task<Result<std::optional<TableDescription>>> describe(Table& table) {
  SH_CO_TRY(std::string body, describe_table_body(table.name()));
  Answer answer = co_await table.client().call({.operation = "DescribeTable", .body = body});
  if (answer.refusal.type == "ResourceNotFoundException")
    co_return std::optional<TableDescription>();
  if (!answer.body) co_return at_start(table, std::move(answer));
  SH_CO_TRY(TableDescription description, parse_description(*answer.body));
  co_return std::optional(std::move(description));
}

Task<Status> create(Table& table) {
  if (table.access() == Access::kReadOnly)
    co_return make_error(Errc::kUnsupported,
                         asked(table) + " does not exist: start an agent on it first");
  SH_CO_TRY(std::string body, create_table_body(table.name()));
  Answer answer = co_await table.client().call(
      {.operation = "CreateTable", .body = body, .effect = Effect::kWrite});
  // Another agent was faster, or an earlier attempt of ours.
  const bool is_there = answer.refusal.type == "ResourceInUseException";
  if (answer.body || is_there) co_return Status{};
  if (answer.refusal.type == "AccessDeniedException")
    co_return make_error(Errc::kInvalid, asked(table) +
                                             " does not exist, and the access key may not make it:"
                                             " make it with partition key pk and sort key sk, both"
                                             " of type S, billed on demand");
  co_return at_start(table, std::move(answer));
}

Status check(const Table& table, const TableDescription& description, Replicas replicas) {
  if (!description.has_our_keys)
    return make_error(Errc::kInvalid, asked(table) +
                                          " is of another kind: expected partition key pk and sort"
                                          " key sk, both of type S");
  if (description.has_local_indexes)
    return make_error(Errc::kInvalid,
                      asked(table) + " has a local secondary index, which bounds what it can hold");
  if (description.replicas == 0 || replicas == Replicas::kAllow) return {};
  return make_error(Errc::kInvalid, asked(table) +
                                        " is a global table: its replicas lack acknowledged writes"
                                        " for a while, and agents on two of them would both win");
}

Task<Status> await_table(Table& table, Replicas replicas) {
  for (int look = 0; look < kActiveLooksMax; ++look) {
    SH_CO_TRY(const auto description, co_await describe(table));
    if (!description) {
      SH_CO_TRY_OK(co_await create(table));
      continue;
    }
    SH_CO_TRY_OK(check(table, *description, replicas));
    if (description->status == "ACTIVE" || description->status == "UPDATING") co_return Status{};
    co_await table.runtime().sleep(kActivePause);
  }
  co_return make_error(Errc::kUnavailable, asked(table) + " is not active yet");
}

/// The first transaction of all; whoever comes later finds it.
struct FoundCluster {
  model::TopicId new_cluster_id;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(const Item* const item, co_await transaction.get(cluster_key()));
    if (item == nullptr) {
      const ClusterInfo cluster{.cluster_id = new_cluster_id, .created_ms = transaction.now()};
      transaction.put(cluster_key(), item_of(cluster));
      co_return Status{};
    }
    if (item->number("schema") == kSchemaVersion) co_return Status{};
    co_return make_error(Errc::kUnsupported, asked(transaction.table()) + " has schema " +
                                                 std::to_string(item->number("schema")) +
                                                 ", this program has " +
                                                 std::to_string(kSchemaVersion));
  }
};

}  // namespace

Task<Status> prepare_table(Table& table, model::TopicId new_cluster_id, Replicas replicas) {
  SH_CO_TRY_OK(co_await await_table(table, replicas));
  if (table.access() == Access::kReadOnly) {
    SH_CO_TRY(const auto cluster, co_await table.get(cluster_key()));
    if (cluster && cluster->number("schema") == kSchemaVersion) co_return Status{};
    co_return make_error(Errc::kUnsupported,
                         asked(table) + (cluster ? " has another schema" : " was never used") +
                             ": start an agent on it first");
  }
  co_return co_await transact(table, FoundCluster{.new_cluster_id = new_cluster_id});
}

Item item_of(const ClusterInfo& cluster) {
  return {{"id", to_string(cluster.cluster_id)},
          {"created", cluster.created_ms},
          {"schema", kSchemaVersion}};
}

Task<Result<ClusterInfo>> read_cluster(Table& table) {
  SH_CO_TRY(const auto item, co_await table.get(cluster_key()));
  if (!item) co_return make_error(Errc::kCorrupt, asked(table) + " has no cluster id");
  co_return ClusterInfo{.cluster_id = topic_id_of(item->text("id")),
                        .created_ms = item->number("created")};
}

}  // namespace streamhouse::metadata::dynamodb
