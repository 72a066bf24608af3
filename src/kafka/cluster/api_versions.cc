#include <algorithm>

#include "kafka/handlers.h"
#include "kafka/kafka_connection.h"

namespace streamhouse::kafka {
namespace {

constexpr wire::Version kNamesClient = 3;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Letters and digits, with '-' and '.' inside, as Kafka demands of what it shows in metrics.
bool is_software_name(std::string_view text) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; };
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         std::ranges::all_of(text, allowed);
}

}  // namespace

Answer<wire::ApiVersionsResponse> handle(Call& call, wire::ApiVersionsRequest request) {
  wire::ApiVersionsResponse response;
  const bool named = is_software_name(request.client_software_name) &&
                     is_software_name(request.client_software_version);
  if (call.version() >= kNamesClient && !named) {
    response.error_code = wire::ErrorCode::kInvalidRequest;
    co_return response;
  }
  for (const wire::Api* api : served_apis()) {
    response.api_keys.push_back({.api_key = static_cast<std::int16_t>(api->key),
                                 .min_version = api->shown.first(),
                                 .max_version = api->shown.last()});
  }
  co_return response;
}

}  // namespace streamhouse::kafka
