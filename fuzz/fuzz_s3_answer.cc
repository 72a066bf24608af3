// Goal: any bytes that a server answers are refused, or are what they say: no page runs past its
// own text, no time, range or credential comes from nothing.
// Method: libFuzzer; the first byte chooses the reader.
#include "base/check.h"
#include "net/aws/credentials/credential_document.h"
#include "objectstore/s3/s3_answer.h"
#include "objectstore/s3/s3_removal.h"

namespace streamhouse::objectstore {
namespace {

void read_page(const net::ClientResponse& response) {
  const auto page = parse_list_page(response);
  if (!page) return;
  std::size_t bytes = 0;
  for (const S3Listed& listed : page->objects) bytes += listed.key.size();
  SH_CHECK(bytes <= response.body.size(), "keys come from the answer");
}

void read_removal(const net::ClientResponse& response) {
  const auto refused = parse_removal(response);
  if (!refused) return;
  std::size_t bytes = 0;
  for (const auto& [key, refusal] : *refused) bytes += key.size();
  SH_CHECK(bytes <= response.body.size(), "keys come from the answer");
}

void read_refusal(const net::ClientResponse& response) {
  const S3Refusal refusal = refusal_of(response);
  SH_CHECK(refusal.code.size() <= 300 && refusal.message.size() <= 300, "texts are bounded");
  const S3Asked asked{
      .bucket = "b", .region = "r", .endpoint = "e", .access_key_id = "k", .here = "t"};
  const base::Error error = error_at_start(refusal, asked, response, "GET b");
  SH_CHECK(!error.text.empty(), "an error says something");
}

void read_range(std::string_view text) {
  const auto range = parse_content_range(text);
  if (!range) return;
  SH_CHECK(range->first <= range->last && range->last < range->size, "a range lies in its object");
}

void read_credentials(std::string_view text) {
  for (const auto& read : {net::parse_credentials_json(text), net::parse_assumed_role(text)})
    if (read) SH_CHECK(!read->access_key_id.empty(), "credentials have a key");
  static_cast<void>(net::parse_profile(text, "default"));
  static_cast<void>(net::parse_iso_time(text));
}

}  // namespace
}  // namespace streamhouse::objectstore

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamhouse;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const net::ClientResponse response{.status = 400,
                                     .headers = {{"x-amz-bucket-region", text}},
                                     .body = base::Bytes(std::string(text))};
  switch (data[0] % 4) {
    case 0:
      objectstore::read_page(response);
      objectstore::read_removal(response);
      break;
    case 1:
      objectstore::read_refusal(response);
      break;
    case 2:
      objectstore::read_range(text);
      break;
    default:
      objectstore::read_credentials(text);
  }
  return 0;
}
