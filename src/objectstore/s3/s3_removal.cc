#include "objectstore/s3/s3_removal.h"

#include <utility>

#include "base/hex.h"
#include "net/aws/md5.h"
#include "net/aws/sha256.h"
#include "net/aws/xml_text.h"

namespace streamhouse::objectstore {

using base::Errc;

namespace {

/// A thousand refusals of keys of 1,024 bytes with their messages.
constexpr std::size_t kAnswerBytesMax = 4u << 20;

/// A server names no status for a single key.
int status_of(const std::string& code) {
  if (code == "InternalError") return 500;
  return code == "SlowDown" || code == "ServiceUnavailable" ? 503 : 403;
}

}  // namespace

S3Request removal_request(const std::string& prefix, const std::vector<ObjectKey>& keys) {
  std::string body =
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const ObjectKey& key : keys)
    body += "<Object><Key>" + net::escape_xml(prefix + key) + "</Key></Object>";
  body += "</Delete>";
  S3Request request{.method = "POST", .response_bytes_max = kAnswerBytesMax};
  request.query = {{"delete", ""}};
  request.headers = {{"content-type", "application/xml"}};
  // A server that insists on it answers InvalidRequest: then removals go one by one.
  std::string md5 = net::md5_base64(base::as_bytes(body));
  if (!md5.empty()) request.headers.push_back({"content-md5", std::move(md5)});
  request.body_sha256 = base::to_hex(base::BytesView(net::sha256(base::as_bytes(body))));
  request.body = {Bytes(std::move(body))};
  return request;
}

base::Result<std::map<std::string, S3Refusal>> parse_removal(const net::ClientResponse& response) {
  const auto root = net::XmlElement::parse(base::as_text(response.body));
  if (!root || root->name() != "DeleteResult")
    return base::make_error(Errc::kUnknownOutcome, "the answer to a removal of many is none");
  std::map<std::string, S3Refusal> refused;
  for (const net::XmlElement& entry : root->children("Error")) {
    S3Refusal refusal = refusal_in(entry);
    refusal.status = status_of(refusal.code);
    if (refusal.code != "NoSuchKey") refused.emplace(entry.text_of("Key"), std::move(refusal));
  }
  return refused;
}

bool is_no_removal_of_many(const S3Refusal& refusal) {
  constexpr int kBadRequest = 400;
  constexpr int kNotAllowed = 405;
  constexpr int kNotImplemented = 501;
  if (refusal.status == kNotAllowed || refusal.status == kNotImplemented) return true;
  // 400 is what servers make of a request that they do not know, but also of keys and clocks.
  return refusal.status == kBadRequest &&
         (refusal.code == "NotImplemented" || refusal.code == "InvalidArgument" ||
          refusal.code == "InvalidRequest" || refusal.code == "MalformedXML");
}

}  // namespace streamhouse::objectstore
