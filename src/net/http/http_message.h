#pragma once
/// \file  What an HTTP client sends and gets: values, without a connection.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "runtime/time.h"

namespace streamhouse::net {

struct HttpHeader {
  std::string name;
  std::string value;
  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< `http://` or `https://`, complete and encoded; it is sent as it stands.
  std::vector<HttpHeader> headers = {};
  std::vector<base::Bytes> body = {};  ///< Sent piece after piece, never concatenated.
  /// A longer answer is cut off and is an error; no more than this is held of it.
  std::size_t response_bytes_max = 64u << 10;
  runtime::Duration time_max = std::chrono::seconds(30);  ///< Until the answer has ended.
};

struct ClientResponse {
  int status = 0;
  std::vector<HttpHeader> headers = {};  ///< Names in lower case.
  base::Bytes body = {};

  bool ok() const { return status >= 200 && status < 300; }
  /// The value of the first header called `name` (in lower case); empty if there is none.
  std::string_view header(std::string_view name) const;
};

}  // namespace streamhouse::net
