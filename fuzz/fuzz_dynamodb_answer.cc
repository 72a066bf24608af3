// Goal: any bytes that a server answers in DynamoDB's place are refused, or are what they say: what
// is read came from the answer, and what is to be sent again can be.
// Method: libFuzzer; the first byte chooses the reader.
#include "base/check.h"
#include "metadata/dynamodb/driver/server_clock.h"
#include "metadata/dynamodb/messages/base64.h"
#include "metadata/dynamodb/messages/messages.h"

namespace streamhouse::metadata::dynamodb {
namespace {

std::size_t bytes_of(const Item& item) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : item.values()) {
    bytes += name.size();
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    if (const auto* binary = std::get_if<base::Bytes>(&value)) bytes += binary->size();
  }
  return bytes;
}

void read_items(const base::Result<Items>& read, std::size_t size) {
  if (!read) return;
  std::size_t bytes = 0;
  for (const Item& item : read->items) bytes += bytes_of(item);
  SH_CHECK(bytes <= size, "items come from the answer");
  SH_CHECK(get_items_body("t", read->unprocessed).has_value(), "keys can be asked for again");
  if (read->last)
    SH_CHECK(query_body("t", Range::whole("p"), read->last).has_value(), "a page has a next");
}

void read_unprocessed(base::BytesView answer) {
  const auto writes = parse_unprocessed("t", answer);
  if (!writes) return;
  SH_CHECK(batch_write_body("t", *writes).has_value(), "what was left over can be sent again");
}

void read_description(base::BytesView answer) {
  const auto table = parse_description(answer);
  if (table) SH_CHECK(table->status.size() <= answer.size(), "texts come from the answer");
}

void read_refusal(const std::string& text) {
  constexpr std::size_t kTextMax = 300;
  const Refusal refusal = parse_refusal({.status = 400, .body = base::Bytes(std::string(text))});
  SH_CHECK(refusal.type.size() <= kTextMax, "types are bounded");
  SH_CHECK(refusal.message.size() <= kTextMax, "messages are bounded");
  for (const Effect effect : {Effect::kRead, Effect::kWrite}) {
    const Verdict verdict = judge(refusal, effect, "PutItem at h");
    SH_CHECK(verdict.error.text.starts_with("PutItem at h"), "an error says what was tried");
  }
  SH_CHECK(mistake(refusal, "table t").size() <= kTextMax, "a mistake is a sentence of ours");
}

void read_base64(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes) return;
  SH_CHECK(to_base64(*bytes).size() == text.size(), "no digit is lost");
  SH_CHECK(from_base64(to_base64(*bytes)) == bytes, "bytes come back");
}

void read_date(std::string_view text) {
  constexpr runtime::WallMs kYear10000 = 253'402'300'800'000;
  const auto date = parse_http_date(text);
  if (date) SH_CHECK(*date >= 0 && *date <= kYear10000, "a date has four digits of a year");
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamhouse::metadata::dynamodb;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const streamhouse::base::BytesView answer = streamhouse::base::as_bytes(text);
  switch (data[0] % 7) {
    case 0:
      read_items(parse_items("t", answer), text.size());
      break;
    case 1:
      read_items(parse_page(answer), text.size());
      break;
    case 2:
      read_unprocessed(answer);
      break;
    case 3:
      read_description(answer);
      break;
    case 4:
      read_refusal(text);
      break;
    case 5:
      read_base64(text);
      break;
    default:
      read_date(text);
  }
  return 0;
}
