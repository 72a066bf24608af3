#include "metadata/dynamodb/messages/messages.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "metadata/dynamodb/messages/base64.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;
using base::make_error;
using base::Result;
using Json = nlohmann::json;

namespace {

constexpr std::size_t kMessageBytesMax = 300;
constexpr char kIsAbsent[] = "attribute_not_exists(pk)";
constexpr char kIsPresent[] = "attribute_exists(pk)";

Body text_of(const Json& json) try { return json.dump(); } catch (const Json::exception&) {
  return {Errc::kInvalid, "a text is not UTF-8, which DynamoDB needs"};
}

Json json_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return {{"N", std::to_string(*number)}};
  if (const auto* text = std::get_if<std::string>(&value)) return {{"S", *text}};
  return {{"B", to_base64(std::get<base::Bytes>(value))}};
}

Json json_of(const Key& key) {
  return {{kPartitionKey, {{"S", key.pk}}}, {kSortKey, {{"S", key.sk}}}};
}

Json json_of(const Key& key, const Item& item) {
  Json json = json_of(key);
  for (const auto& [name, value] : item.values()) json[name] = json_of(value);
  return json;
}

void add_guard(Json& request, const Guard& guard) {
  if (guard.kind == Guard::Kind::kNone) return;
  if (guard.kind == Guard::Kind::kRevision) {
    request["ConditionExpression"] = "r = :r";
    request["ExpressionAttributeValues"] = {{":r", {{"S", guard.revision}}}};
    return;
  }
  request["ConditionExpression"] = guard.kind == Guard::Kind::kAbsent ? kIsAbsent : kIsPresent;
}

Json json_of(const std::string& table, const Write& write) {
  Json request = {{"TableName", table}};
  if (write.kind == Write::Kind::kPut)
    request["Item"] = json_of(write.key, write.item);
  else
    request["Key"] = json_of(write.key);
  add_guard(request, write.guard);
  return request;
}

const char* name_of(Write::Kind kind) {
  if (kind == Write::Kind::kPut) return "Put";
  return kind == Write::Kind::kRemove ? "Delete" : "ConditionCheck";
}

/// The member of an object, null if there is none.
const Json& member(const Json& json, const std::string& name) {
  static const Json none;
  const auto found = json.find(name);
  return json.is_object() && found != json.end() ? *found : none;
}

std::string text_member(const Json& json, const std::string& name) {
  const Json& text = member(json, name);
  return text.is_string() ? text.get<std::string>() : std::string();
}

base::Error malformed() {
  return make_error(Errc::kUnavailable, "an answer of DynamoDB is not what it should be");
}

/// nullopt for a value of a type that we never write.
Result<std::optional<Value>> value_of(const Json& json) {
  if (!json.is_object() || json.size() != 1 || !json.begin()->is_string())
    return std::optional<Value>();
  auto text = json.begin()->get<std::string>();
  const std::string& type = json.begin().key();
  if (type == "S") return std::optional<Value>(std::move(text));
  if (type == "B") {
    auto bytes = from_base64(text);
    if (!bytes) return malformed();
    return std::optional<Value>(base::Bytes(*std::move(bytes)));
  }
  if (type != "N" || text.contains('.')) return std::optional<Value>();
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return malformed();
  return std::optional<Value>(number);
}

/// Attributes of other types, which other programs may have added, are passed over. One of ours
/// that cannot be read must not be taken for none.
Result<Item> parsed_item(const Json& json) {
  Item item;
  for (const auto& [name, attribute] : json.items()) {
    SH_TRY(auto value, value_of(attribute));
    if (value) item.set(name, *std::move(value));
  }
  return item;
}

Result<Key> key_of(const Json& json) {
  SH_TRY(const Item item, parsed_item(json));
  return Key{item.text(kPartitionKey), item.text(kSortKey)};
}

Result<Json> parse(base::BytesView answer) {
  Json json = Json::parse(base::as_text(answer), nullptr, false);
  if (!json.is_object()) return malformed();
  return json;
}

Result<std::vector<Item>> items_of(const Json& list) {
  std::vector<Item> items;
  if (list.is_null()) return items;
  if (!list.is_array()) return malformed();
  for (const Json& item : list) {
    if (!item.is_object()) return malformed();
    SH_TRY(items.emplace_back(), parsed_item(item));
  }
  return items;
}

std::string tame(std::string text) {
  text.resize(std::min(text.size(), kMessageBytesMax));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

void add_range(Json& query, const Range& range) {
  std::string condition = "pk = :p";
  Json values = {{":p", {{"S", range.pk}}}};
  if (range.kind == Range::Kind::kAfter) condition += " AND sk > :a";
  if (range.kind == Range::Kind::kPrefix) condition += " AND begins_with(sk, :a)";
  if (range.kind == Range::Kind::kBetween) condition += " AND sk BETWEEN :a AND :b";
  if (range.kind != Range::Kind::kWhole) values[":a"] = {{"S", range.low}};
  if (range.kind == Range::Kind::kBetween) values[":b"] = {{"S", range.high}};
  query["KeyConditionExpression"] = condition;
  query["ExpressionAttributeValues"] = values;
}

bool has_our_keys(const Json& table) {
  const auto is_key = [&](std::size_t at, const char* name, const char* role) {
    const Json& schema = member(table, "KeySchema");
    if (!schema.is_array() || schema.size() != 2) return false;
    return text_member(schema[at], "AttributeName") == name &&
           text_member(schema[at], "KeyType") == role;
  };
  const Json& attributes = member(table, "AttributeDefinitions");
  if (!attributes.is_array()) return false;
  const auto is_text = [](const Json& attribute) {
    const std::string name = text_member(attribute, "AttributeName");
    const bool ours = name == kPartitionKey || name == kSortKey;
    return !ours || text_member(attribute, "AttributeType") == "S";
  };
  return is_key(0, kPartitionKey, "HASH") && is_key(1, kSortKey, "RANGE") &&
         std::ranges::all_of(attributes, is_text);
}

}  // namespace

Body get_items_body(const std::string& table, const std::vector<Key>& keys) {
  Json list = Json::array();
  for (const Key& key : keys) list.push_back(json_of(key));
  const Json wanted = {{"Keys", list}, {"ConsistentRead", true}};
  return text_of({{"RequestItems", {{table, wanted}}}});
}

Body query_body(const std::string& table, const Range& range, const std::optional<Key>& after) {
  Json query = {{"TableName", table}, {"ConsistentRead", true}};
  add_range(query, range);
  if (range.limit != SIZE_MAX) query["Limit"] = std::max<std::size_t>(range.limit, 1);
  if (range.order == Range::Order::kBackward) query["ScanIndexForward"] = false;
  if (after) query["ExclusiveStartKey"] = json_of(*after);
  return text_of(query);
}

Body put_body(const std::string& table, const Write& write) {
  return text_of(json_of(table, write));
}

Body transaction_body(const std::string& table, const std::vector<Write>& writes,
                      const std::string& token) {
  Json list = Json::array();
  for (const Write& write : writes) list.push_back({{name_of(write.kind), json_of(table, write)}});
  return text_of({{"TransactItems", list}, {"ClientRequestToken", token}});
}

Body batch_write_body(const std::string& table, const std::vector<Write>& writes) {
  Json list = Json::array();
  for (const Write& write : writes) {
    if (write.kind == Write::Kind::kPut)
      list.push_back({{"PutRequest", {{"Item", json_of(write.key, write.item)}}}});
    else
      list.push_back({{"DeleteRequest", {{"Key", json_of(write.key)}}}});
  }
  return text_of({{"RequestItems", {{table, list}}}});
}

Body describe_table_body(const std::string& table) { return text_of({{"TableName", table}}); }

Body create_table_body(const std::string& table) {
  Json schema = Json::array();
  Json attributes = Json::array();
  for (const auto& [name, role] : {std::pair{kPartitionKey, "HASH"}, {kSortKey, "RANGE"}}) {
    schema.push_back({{"AttributeName", name}, {"KeyType", role}});
    attributes.push_back({{"AttributeName", name}, {"AttributeType", "S"}});
  }
  return text_of({{"TableName", table},
                  {"KeySchema", schema},
                  {"AttributeDefinitions", attributes},
                  {"BillingMode", "PAY_PER_REQUEST"}});
}

Result<Items> parse_items(const std::string& table, base::BytesView answer) {
  SH_TRY(const Json json, parse(answer));
  Items page;
  SH_TRY(page.items, items_of(member(member(json, "Responses"), table)));
  const Json& keys = member(member(member(json, "UnprocessedKeys"), table), "Keys");
  if (!keys.is_array()) return page;
  for (const Json& key : keys) {
    SH_TRY(page.unprocessed.emplace_back(), key_of(key));
  }
  return page;
}

Result<Items> parse_page(base::BytesView answer) {
  SH_TRY(const Json json, parse(answer));
  Items page;
  SH_TRY(page.items, items_of(member(json, "Items")));
  const Json& last = member(json, "LastEvaluatedKey");
  if (last.is_object()) {
    SH_TRY(page.last, key_of(last));
  }
  return page;
}

Result<std::vector<Write>> parse_unprocessed(const std::string& table, base::BytesView answer) {
  SH_TRY(const Json json, parse(answer));
  std::vector<Write> writes;
  const Json& list = member(member(json, "UnprocessedItems"), table);
  if (!list.is_array()) return writes;
  for (const Json& request : list) {
    const Json& put = member(member(request, "PutRequest"), "Item");
    const Json& removal = member(member(request, "DeleteRequest"), "Key");
    if (!put.is_object() && !removal.is_object()) return malformed();
    Write& write = writes.emplace_back();
    write.kind = put.is_object() ? Write::Kind::kPut : Write::Kind::kRemove;
    SH_TRY(write.key, key_of(put.is_object() ? put : removal));
    if (put.is_object()) {
      SH_TRY(write.item, parsed_item(put));
    }
  }
  return writes;
}

Result<TableDescription> parse_description(base::BytesView answer) {
  SH_TRY(const Json json, parse(answer));
  const Json& table = member(json, json.contains("Table") ? "Table" : "TableDescription");
  if (!table.is_object()) return malformed();
  const Json& replicas = member(table, "Replicas");
  const Json& local = member(table, "LocalSecondaryIndexes");
  return TableDescription{.status = text_member(table, "TableStatus"),
                          .has_our_keys = has_our_keys(table),
                          .has_local_indexes = local.is_array() && !local.empty(),
                          .replicas = replicas.is_array() ? replicas.size() : 0};
}

Refusal parse_refusal(const net::ClientResponse& response) {
  Refusal refusal{.status = response.status};
  const Json json = Json::parse(base::as_text(response.body), nullptr, false);
  if (!json.is_object()) return refusal;
  const std::string type = text_member(json, "__type");
  refusal.type = tame(type.substr(type.rfind('#') + 1));
  refusal.message = tame(text_member(json, json.contains("message") ? "message" : "Message"));
  const Json& reasons = member(json, "CancellationReasons");
  if (!reasons.is_array()) return refusal;
  for (const Json& reason : reasons) {
    refusal.reasons.push_back(tame(text_member(reason, "Code")));
    if (refusal.reasons.back() == "ValidationError")
      refusal.message = tame(text_member(reason, "Message"));
  }
  return refusal;
}

}  // namespace streamhouse::metadata::dynamodb
