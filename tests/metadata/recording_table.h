#pragma once
/// \file  RecordingTable: a DynamoDB table whose server reads out items that a test has put there,
/// and keeps what it is asked to write instead of writing it: for what requests are made of, and
/// the bounds at which they are cut. What the server does with them is tested on the real one.

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "metadata/dynamodb/driver/transaction.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::tests {

/// Lifetime:  of one test.
/// Threading: the test's; the server's thread answers while the test waits.
class RecordingTable {
 public:
  using Json = nlohmann::json;
  using Key = metadata::dynamodb::Key;
  using Item = metadata::dynamodb::Item;

  metadata::dynamodb::Table& table() { return table_; }
  template <class T>
  base::Result<T> run(runtime::Task<base::Result<T>> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  void run(runtime::Task<void> task) { runtime_.run_until_ended(std::move(task)); }
  /// An item that reads find, of revision `7`.
  void put(const Key& key, Item item) {
    item.set(metadata::dynamodb::kRevision, std::string("7"));
    const auto put = metadata::dynamodb::put_body("t", {.key = key, .item = std::move(item)});
    items_[key] = Json::parse(put.value())["Item"];
  }
  /// The next writes are refused so, one after the other: `x#ConditionalCheckFailedException`. One
  /// of no type is accepted; `InternalServerError` is a 500, which leaves open what it did.
  void refuse(const std::string& type) { refusals_.push_back(type); }
  /// The table's clock, 1,000 at first.
  void set_now(runtime::WallMs now) { now_ = now; }
  /// From now on no read is allowed: unavailable at once.
  void refuse_reads() { refuses_reads_ = true; }

  /// The bodies of all requests of an operation, such as `TransactWriteItems`.
  std::vector<Json> asked(const std::string& operation) const {
    std::vector<Json> bodies;
    for (const ScriptedRequest& request : server_.requests())
      if (request.header("x-amz-target") == "DynamoDB_20120810." + operation)
        bodies.push_back(Json::parse(request.body));
    return bodies;
  }
  /// The items of the newest transaction: `Put PK SK`, with ` new` or ` if R` for its condition.
  std::vector<std::string> newest_transaction() const {
    std::vector<std::string> lines;
    const auto all = asked("TransactWriteItems");
    if (all.empty()) return lines;
    for (const Json& one : all.back()["TransactItems"]) {
      const std::string kind = one.begin().key();
      const Json& write = one.begin().value();
      const Json& key = write.contains("Item") ? write["Item"] : write["Key"];
      std::string line = kind + " " + text(key["pk"]) + " " + text(key["sk"]);
      const std::string condition = write.value("ConditionExpression", "");
      if (condition == "attribute_not_exists(pk)") line += " new";
      if (condition == "r = :r") line += " if " + text(write["ExpressionAttributeValues"][":r"]);
      lines.push_back(line);
    }
    return lines;
  }
  /// What the newest transaction puts at the key, as DynamoDB's JSON; null if nothing.
  Json newest_put(const Key& key) const {
    const auto all = asked("TransactWriteItems");
    if (all.empty()) return nullptr;
    for (const Json& one : all.back()["TransactItems"]) {
      if (!one.contains("Put")) continue;
      const Json& item = one["Put"]["Item"];
      if (text(item["pk"]) == key.pk && text(item["sk"]) == key.sk) return item;
    }
    return nullptr;
  }

 private:
  static std::string text(const Json& value) { return value["S"].get<std::string>(); }

  ScriptedReply serve(const ScriptedRequest& request) {
    const std::string operation = request.header("x-amz-target").substr(18);
    // Writes of megabytes are parsed by asked(), where nobody waits for an answer.
    const auto body = [&] { return Json::parse(request.body); };
    const bool reads = operation == "BatchGetItem" || operation == "Query";
    if (reads && refuses_reads_) return refusal("x#AccessDeniedException");
    if (operation == "BatchGetItem") return {http_answer(200, found(body()).dump())};
    if (operation == "Query") return {http_answer(200, queried(body()).dump())};
    if (refusals_.empty()) return {http_answer(200, "{}")};
    const std::string type = refusals_.front();
    refusals_.pop_front();
    return refusal(type);
  }
  static ScriptedReply refusal(const std::string& type) {
    if (type.empty()) return {http_answer(200, "{}")};
    const Json body = {{"__type", type}};
    return {http_answer(type == "InternalServerError" ? 500 : 400, body.dump())};
  }
  Json found(const Json& request) const {
    Json list = Json::array();
    for (const Json& key : request["RequestItems"]["t"]["Keys"]) {
      const auto item = items_.find({text(key["pk"]), text(key["sk"])});
      if (item != items_.end()) list.push_back(item->second);
    }
    return {{"Responses", {{"t", list}}}};
  }
  Json queried(const Json& query) const {
    const Json& values = query["ExpressionAttributeValues"];
    std::vector<Json> items;
    for (const auto& [key, item] : items_)
      if (key.pk == text(values[":p"]) && is_in(query, key.sk)) items.push_back(item);
    if (!query.value("ScanIndexForward", true)) std::ranges::reverse(items);
    items.resize(std::min(items.size(), query.value("Limit", items.size())));
    return {{"Items", items}};
  }
  static bool is_in(const Json& query, const std::string& sk) {
    const Json& values = query["ExpressionAttributeValues"];
    const std::string condition = query["KeyConditionExpression"].get<std::string>();
    if (!values.contains(":a")) return true;
    const std::string low = text(values[":a"]);
    if (condition.contains("begins_with")) return sk.starts_with(low);
    if (condition.contains("BETWEEN")) return low <= sk && sk <= text(values[":b"]);
    return sk > low;
  }

  runtime::WallMs now_ = 1'000;
  runtime::AsioRuntime runtime_;
  net::StaticCredentials credentials_{{.access_key_id = "k", .secret_access_key = "s"}};
  std::map<Key, Json> items_;
  std::deque<std::string> refusals_;
  std::atomic<bool> refuses_reads_ = false;
  ScriptedHttpServer server_{[this](const ScriptedRequest& request) { return serve(request); }};
  net::HttpClient http_{runtime_, {}};
  metadata::dynamodb::Client client_{
      {runtime_, http_, credentials_},
      *metadata::dynamodb::locate("r", server_.url()),
      {.time_max = std::chrono::seconds(5), .pause_first = std::chrono::milliseconds(1)}};
  metadata::dynamodb::Table table_{client_, "t", metadata::dynamodb::Access::kReadWrite,
                                   [this] { return now_; }};
};

}  // namespace streamhouse::tests
