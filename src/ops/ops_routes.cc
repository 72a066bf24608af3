#include "ops/ops_routes.h"

#include <nlohmann/json.hpp>

namespace streamhouse::ops {
namespace {

using net::HttpRequest;
using net::HttpResponse;

HttpResponse answer_readiness(const Readiness& readiness) {
  const auto reasons = readiness.reasons();
  if (reasons.empty()) return {.body = "ready"};
  const nlohmann::ordered_json body = {{"ready", false}, {"reasons", reasons}};
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return {.status = 503,
          .content_type = "application/json",
          .body = body.dump(-1, ' ', false, replace)};
}

}  // namespace

net::HttpHandler ops_routes(const Readiness& readiness, const runtime::Metrics& metrics) {
  return [&readiness, &metrics](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/healthz") return {.body = "ok"};
    if (request.path == "/readyz") return answer_readiness(readiness);
    if (request.path == "/metrics")
      return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.text()};
    return {.status = 404, .body = "no such page: " + request.path};
  };
}

}  // namespace streamhouse::ops
