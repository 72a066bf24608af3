#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Response = wire::InitProducerIdResponse;

/// What passes by itself is asked for again: a producer has no other coordinator to turn to.
ErrorCode code_of(const base::Error& error) {
  const bool passes = base::retryability(error.code) == base::Retry::kAfterBackoff;
  return passes ? ErrorCode::kCoordinatorLoadInProgress : error_code(error);
}

Response refusal(ErrorCode code) {
  return {.error_code = code, .producer_id = -1, .producer_epoch = -1};
}

}  // namespace

/// Without transactions every session of a producer is a new producer, as in Kafka: whoever has an
/// id already raises its epoch without asking.
Answer<Response> handle(Call& call, wire::InitProducerIdRequest request) {
  if (request.transactional_id) {
    const bool named = !request.transactional_id->empty();
    co_return refusal(named ? ErrorCode::kTransactionalIdAuthorizationFailed
                            : ErrorCode::kInvalidRequest);
  }
  const bool has_id = request.producer_id != wire::InitProducerIdRequest{}.producer_id;
  const bool has_epoch = request.producer_epoch != wire::InitProducerIdRequest{}.producer_epoch;
  if (has_id != has_epoch) co_return refusal(ErrorCode::kInvalidRequest);
  const auto id = co_await call.services.producers.next_id();
  if (!id) co_return refusal(code_of(id.error()));
  co_return Response{.producer_id = id->value(), .producer_epoch = 0};
}

}  // namespace streamhouse::kafka
