// Goal: requests are what DynamoDB's interface describes, and answers are read whole, also those
// that no server should give.
// Method: texts compared with JSON that was written by hand after the service's documentation.
#include "metadata/dynamodb/messages/messages.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace streamhouse::metadata::dynamodb {
namespace {

using Json = nlohmann::json;

Json json(const Body& body) { return Json::parse(body.value()); }

base::BytesView bytes(std::string_view text) { return base::as_bytes(text); }

Item example_item() {
  Item item;
  item.set("n", std::int64_t{-5});
  item.set("s", std::string("text"));
  item.set("b", base::Bytes(std::string("foo")));
  return item;
}

TEST(MessagesTest, AGuardedPutNamesItsConditionAndAllAttributes) {
  const Write write{.key = {"P", "S"},
                    .item = example_item(),
                    .guard = {.kind = Guard::Kind::kRevision, .revision = "07"}};
  EXPECT_EQ(json(put_body("t", write)), Json::parse(R"({
    "TableName": "t", "ConditionExpression": "r = :r",
    "ExpressionAttributeValues": {":r": {"S": "07"}},
    "Item": {"pk": {"S": "P"}, "sk": {"S": "S"}, "n": {"N": "-5"}, "s": {"S": "text"},
             "b": {"B": "Zm9v"}}})"));
}

TEST(MessagesTest, ATransactionHasATokenAndAConditionForEachItem) {
  const std::vector<Write> writes = {
      {.key = {"a", "1"}, .guard = {.kind = Guard::Kind::kAbsent}},
      {.kind = Write::Kind::kRemove, .key = {"b", "2"}, .guard = {.kind = Guard::Kind::kPresent}},
      {.kind = Write::Kind::kCheck,
       .key = {"c", "3"},
       .guard = {.kind = Guard::Kind::kRevision, .revision = "9"}}};
  EXPECT_EQ(json(transaction_body("t", writes, "token")), Json::parse(R"json({
    "ClientRequestToken": "token", "TransactItems": [
      {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}, "sk": {"S": "1"}},
               "ConditionExpression": "attribute_not_exists(pk)"}},
      {"Delete": {"TableName": "t", "Key": {"pk": {"S": "b"}, "sk": {"S": "2"}},
                  "ConditionExpression": "attribute_exists(pk)"}},
      {"ConditionCheck": {"TableName": "t", "Key": {"pk": {"S": "c"}, "sk": {"S": "3"}},
                          "ConditionExpression": "r = :r",
                          "ExpressionAttributeValues": {":r": {"S": "9"}}}}]})json"));
}

TEST(MessagesTest, EveryKindOfRangeIsAConsistentQuery) {
  const auto condition = [](const Range& range) {
    const Json query = json(query_body("t", range, std::nullopt));
    EXPECT_EQ(query["ConsistentRead"], true);
    EXPECT_EQ(query["ExpressionAttributeValues"][":p"]["S"], "p");
    return query["KeyConditionExpression"].get<std::string>();
  };
  EXPECT_EQ(condition(Range::whole("p")), "pk = :p");
  EXPECT_EQ(condition(Range::after("p", "a")), "pk = :p AND sk > :a");
  EXPECT_EQ(condition(Range::prefix("p", "a")), "pk = :p AND begins_with(sk, :a)");
  EXPECT_EQ(condition(Range::between("p", "a", "b")), "pk = :p AND sk BETWEEN :a AND :b");
  const Range last = Range::whole("p").limited(1).backward();
  const Json query = json(query_body("t", last, Key{"p", "x"}));
  EXPECT_EQ(query["Limit"], 1);
  EXPECT_EQ(query["ScanIndexForward"], false);
  EXPECT_EQ(query["ExclusiveStartKey"]["sk"]["S"], "x");
}

TEST(MessagesTest, BatchesAndTablesAreDescribed) {
  EXPECT_EQ(json(get_items_body("t", {{"a", "1"}})), Json::parse(R"({"RequestItems": {"t": {
    "ConsistentRead": true, "Keys": [{"pk": {"S": "a"}, "sk": {"S": "1"}}]}}})"));
  const std::vector<Write> writes = {{.key = {"a", "1"}},
                                     {.kind = Write::Kind::kRemove, .key = {"b", "2"}}};
  EXPECT_EQ(json(batch_write_body("t", writes)), Json::parse(R"({"RequestItems": {"t": [
    {"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": "1"}}}},
    {"DeleteRequest": {"Key": {"pk": {"S": "b"}, "sk": {"S": "2"}}}}]}})"));
  const Json table = json(create_table_body("t"));
  EXPECT_EQ(table["BillingMode"], "PAY_PER_REQUEST");
  EXPECT_EQ(table["KeySchema"], Json::parse(R"([{"AttributeName": "pk", "KeyType": "HASH"},
                                                {"AttributeName": "sk", "KeyType": "RANGE"}])"));
  EXPECT_EQ(json(describe_table_body("t")), Json::parse(R"({"TableName": "t"})"));
}

TEST(MessagesTest, TextsThatAreNotUtf8AreRefused) {
  for (const Key& key : {Key{"\xff", "a"}, Key{"a", "\xc3"}}) {
    EXPECT_EQ(get_items_body("t", {key}).error().code, base::Errc::kInvalid);
    EXPECT_EQ(put_body("t", {.key = key}).error().code, base::Errc::kInvalid);
  }
}

TEST(MessagesTest, ItemsAreReadWithWhatIsToBeAskedForAgain) {
  const auto items = parse_items("t", bytes(R"({"Responses": {"t": [{"pk": {"S": "a"},
    "sk": {"S": "1"}, "n": {"N": "-5"}, "s": {"S": "text"}, "b": {"B": "Zm9v"},
    "list": {"L": []}, "real": {"N": "1.5"}}]},
    "UnprocessedKeys": {"t": {"Keys": [{"pk": {"S": "z"}, "sk": {"S": "9"}}]}}})"));
  ASSERT_TRUE(items.has_value());
  ASSERT_EQ(items->items.size(), 1u);
  Item expected = example_item();
  expected.set(kPartitionKey, std::string("a"));
  expected.set(kSortKey, std::string("1"));
  EXPECT_EQ(items->items[0], expected) << "other types are passed over";
  EXPECT_EQ(items->unprocessed, (std::vector<Key>{{"z", "9"}}));
}

TEST(MessagesTest, APageSaysWhereItEnded) {
  const auto page = parse_page(bytes(R"({"Items": [{"pk": {"S": "a"}, "sk": {"S": "1"}}],
    "LastEvaluatedKey": {"pk": {"S": "a"}, "sk": {"S": "1"}}})"));
  EXPECT_EQ(page->last, (Key{"a", "1"}));
  EXPECT_FALSE(parse_page(bytes(R"({"Items": []})"))->last.has_value());
}

TEST(MessagesTest, UnprocessedWritesComeBackAsTheyWere) {
  const auto left = parse_unprocessed("t", bytes(R"({"UnprocessedItems": {"t": [
    {"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "7"}}}},
    {"DeleteRequest": {"Key": {"pk": {"S": "b"}, "sk": {"S": "2"}}}}]}})"));
  ASSERT_TRUE(left.has_value());
  ASSERT_EQ(left->size(), 2u);
  EXPECT_EQ((*left)[0].item.number("n"), 7);
  EXPECT_EQ((*left)[1].kind, Write::Kind::kRemove);
  EXPECT_EQ((*left)[1].key, (Key{"b", "2"}));
  EXPECT_TRUE(parse_unprocessed("t", bytes("{}"))->empty());
}

TEST(MessagesTest, AnswersThatAreNoneAreErrors) {
  for (const char* text : {"", "text", "[]", "{", R"({"Items": 5})", R"({"Items": [5]})"})
    EXPECT_FALSE(parse_page(bytes(text)).has_value()) << text;
  EXPECT_FALSE(parse_description(bytes("{}")).has_value());
  EXPECT_FALSE(parse_unprocessed("t", bytes(R"({"UnprocessedItems": {"t": [{}]}})")).has_value());
}

TEST(MessagesTest, ATableIsOursByItsKeys) {
  const std::string keys = R"("KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
    {"AttributeName": "sk", "KeyType": "RANGE"}])";
  const auto describe = [](const std::string& members) {
    return *parse_description(bytes(R"({"Table": {"TableStatus": "ACTIVE", )" + members + "}}"));
  };
  const std::string types = R"("AttributeDefinitions": [
    {"AttributeName": "sk", "AttributeType": "S"}, {"AttributeName": "pk", "AttributeType": "S"}])";
  const std::string numbers = R"("AttributeDefinitions": [
    {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}])";
  EXPECT_TRUE(describe(keys + ", " + types).has_our_keys);
  EXPECT_EQ(describe(keys + ", " + types).status, "ACTIVE");
  EXPECT_EQ(describe(keys + ", " + types).replicas, 0u);
  EXPECT_FALSE(describe(keys + ", " + numbers).has_our_keys);
  EXPECT_FALSE(describe(types).has_our_keys);
  EXPECT_EQ(describe(R"("Replicas": [{"RegionName": "eu-west-1"}])").replicas, 1u);
  EXPECT_TRUE(describe(R"("LocalSecondaryIndexes": [{}])").has_local_indexes);
}

Refusal refusal(int status, const std::string& body) {
  return parse_refusal({.status = status, .body = base::Bytes(std::string(body))});
}

TEST(MessagesTest, RefusalsHaveATypeAMessageAndReasons) {
  const Refusal cancelled = refusal(400, R"({
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "why", "CancellationReasons": [{"Code": "None"},
      {"Code": "ConditionalCheckFailed", "Message": "no"}]})");
  EXPECT_EQ(cancelled.type, "TransactionCanceledException");
  EXPECT_EQ(cancelled.message, "why");
  EXPECT_EQ(cancelled.reasons, (std::vector<std::string>{"None", "ConditionalCheckFailed"}));
  EXPECT_EQ(refusal(500, "<html>").status, 500);
  const std::string text = "line\n" + std::string(10'000, 'x');
  const Refusal long_one = refusal(400, Json({{"__type", "X"}, {"message", text}}).dump());
  EXPECT_EQ(long_one.message.size(), 300u);
  EXPECT_FALSE(long_one.message.contains('\n'));
}

/// What a server answers that returns an item as it was put.
std::string returned(const Item& item) {
  const Json put = json(put_body("t", {.key = {"p", "s"}, .item = item}));
  return Json({{"Items", Json::array({put["Item"]})}}).dump();
}

TEST(MessagesTest, ValuesOfEveryKindComeBackAsTheyWerePut) {
  Item item;
  item.set("least", std::numeric_limits<std::int64_t>::min());
  item.set("most", std::numeric_limits<std::int64_t>::max());
  item.set("zero", std::int64_t{0});
  item.set("empty text", std::string());
  item.set("no bytes", base::Bytes());
  item.set("quotes", std::string("\"\\/\b\f\n\r\t{}[]"));
  item.set("controls", std::string("\x01\x1f\x7f", 3));
  item.set("a zero in it", std::string("a\0b", 3));
  item.set("tongues", std::string("äß 漢字 🙂"));
  base::ByteVector all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  item.set("bytes", base::Bytes(std::move(all)));
  const auto page = parse_page(bytes(returned(item)));
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->items.size(), 1u);
  for (const auto& [name, value] : item.values())
    EXPECT_EQ(page->items[0].values().at(name), value) << name;
}

TEST(MessagesTest, ValuesOfTypesThatWeNeverWriteArePassedOver) {
  const auto page = parse_page(bytes(R"({"Items": [{"pk": {"S": "a"},
    "none": {}, "two": {"S": "x", "N": "1"}, "null": {"NULL": true}, "bare": "x", "list": [1],
    "real": {"N": "1.25"}, "number": {"S": 5}}]})"));
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].values().size(), 1u);
  EXPECT_EQ(page->items[0].text("pk"), "a");
}

TEST(MessagesTest, ANumberOrBytesThatCannotBeReadAreNotTakenForNone) {
  for (const char* value :
       {R"({"N": "twelve"})", R"({"N": "9223372036854775808"})", R"({"N": "1 "})", R"({"N": ""})",
        R"({"N": "1E+2"})", R"({"B": "abc"})", R"({"B": "a*=="})"}) {
    const std::string item = std::string(R"({"pk": {"S": "a"}, "seq": )") + value + "}";
    EXPECT_EQ(parse_page(bytes(R"({"Items": [)" + item + "]}")).error().code,
              base::Errc::kUnavailable)
        << value;
    const std::string left = R"({"UnprocessedItems": {"t": [{"PutRequest": {"Item": )" + item;
    EXPECT_EQ(parse_unprocessed("t", bytes(left + "}}]}}")).error().code, base::Errc::kUnavailable)
        << value;
  }
}

TEST(MessagesTest, WhatAnItemHasUnderAnotherTypeIsNotThere) {
  const Item item = example_item();
  EXPECT_EQ(item.number("s"), 0);
  EXPECT_EQ(item.text("n"), "");
  EXPECT_TRUE(item.bytes("s").empty());
  EXPECT_EQ(item.number("unknown"), 0);
  EXPECT_FALSE(item.has("unknown"));
  Item other = item;
  EXPECT_EQ(other, item);
  other.erase("n");
  EXPECT_NE(other, item);
}

TEST(MessagesTest, ATransactionRemovesAndChecksByKeyAlone) {
  const std::vector<Write> writes = {
      {.kind = Write::Kind::kRemove, .key = {"a", "1"}, .item = example_item()},
      {.kind = Write::Kind::kCheck,
       .key = {"b", "2"},
       .guard = {.kind = Guard::Kind::kRevision, .revision = "07"}},
      {.kind = Write::Kind::kCheck, .key = {"c", "3"}, .guard = {.kind = Guard::Kind::kAbsent}},
      {.kind = Write::Kind::kCheck, .key = {"d", "4"}, .guard = {.kind = Guard::Kind::kPresent}}};
  const Json items = json(transaction_body("t", writes, "token"))["TransactItems"];
  ASSERT_EQ(items.size(), 4u);
  const Json& removal = items[0]["Delete"];
  EXPECT_EQ(removal["Key"], Json({{"pk", {{"S", "a"}}}, {"sk", {{"S", "1"}}}}));
  EXPECT_FALSE(removal.contains("Item"));
  EXPECT_FALSE(removal.contains("ConditionExpression"));
  const Json& same = items[1]["ConditionCheck"];
  EXPECT_EQ(same["ConditionExpression"], "r = :r");
  EXPECT_EQ(same["ExpressionAttributeValues"], Json({{":r", {{"S", "07"}}}}));
  EXPECT_EQ(items[2]["ConditionCheck"]["ConditionExpression"], "attribute_not_exists(pk)");
  EXPECT_EQ(items[3]["ConditionCheck"]["ConditionExpression"], "attribute_exists(pk)");
}

/// Reads an answer as every kind that there is; what comes of it does not matter.
void read_as_anything(const std::string& text) {
  const base::BytesView answer = bytes(text);
  const bool read = parse_items("t", answer).has_value() || parse_page(answer).has_value() ||
                    parse_unprocessed("t", answer).has_value() ||
                    parse_description(answer).has_value();
  const Refusal refusal = parse_refusal({.status = 400, .body = base::Bytes(std::string(text))});
  EXPECT_LE(refusal.message.size(), 300u);
  EXPECT_TRUE(read || !text.empty() || refusal.type.empty());
}

TEST(MessagesTest, DamagedAnswersAreNeverACrash) {
  const std::vector<std::string> answers = {
      returned(example_item()),
      R"({"Responses": {"t": [{"pk": {"S": "a"}, "n": {"N": "1"}}]}, "UnprocessedKeys":
        {"t": {"Keys": [{"pk": {"S": "z"}, "sk": {"S": "9"}}]}}})",
      R"({"UnprocessedItems": {"t": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}]}})",
      R"({"Table": {"TableStatus": "ACTIVE", "KeySchema": [{"AttributeName": "pk"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}})",
      R"({"__type": "a#b", "message": "m", "CancellationReasons": [{"Code": "None"}]})"};
  for (const std::string& answer : answers) {
    for (std::size_t size = 0; size <= answer.size(); ++size)
      read_as_anything(answer.substr(0, size));
    for (std::size_t at = 0; at < answer.size(); ++at)
      for (const char other : {'"', '{', '}', '[', ']', '0', ':', '\0', '\xff'}) {
        std::string damaged = answer;
        damaged[at] = other;
        read_as_anything(damaged);
      }
  }
}

TEST(MessagesTest, MembersOfAnotherTypeAreAnErrorOrNothing) {
  for (const char* value : {"null", "5", "\"text\"", "[]", "{}", "[5]", "{\"t\": 5}", "true"}) {
    const std::string text(value);
    for (const char* name :
         {"Responses", "UnprocessedKeys", "Items", "LastEvaluatedKey", "UnprocessedItems", "Table",
          "TableDescription", "__type", "message", "Message", "CancellationReasons"})
      read_as_anything("{\"" + std::string(name) + "\": " + text + "}");
  }
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
