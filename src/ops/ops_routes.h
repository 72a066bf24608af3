#pragma once
/// \file  What the agent's HTTP address answers: /healthz, /readyz, /metrics.

#include "net/http_server.h"
#include "ops/readiness.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::ops {

/// - /healthz: 200 `ok`; that it is answered at all is the news.
/// - /readyz:  200 `ready`, or 503 and JSON `{"ready":false,"reasons":["metadata: ..."]}`.
/// - /metrics: Prometheus text 0.0.4.
/// Anything else is 404. Lifetime: the answering function borrows both arguments.
net::HttpHandler ops_routes(const Readiness& readiness, const runtime::Metrics& metrics);

}  // namespace streamhouse::ops
