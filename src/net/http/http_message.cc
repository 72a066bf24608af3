#include "net/http/http_message.h"

#include <algorithm>

namespace streamhouse::net {

std::string_view ClientResponse::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &HttpHeader::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace streamhouse::net
