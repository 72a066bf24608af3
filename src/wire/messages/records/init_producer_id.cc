#include "wire/messages/records/init_producer_id.h"

namespace streamhouse::wire {

FieldList InitProducerIdRequest::fields() {
  static constexpr Field kFields[] = {
      field<&InitProducerIdRequest::transactional_id>("TransactionalId", "0+", {.nullable = "0+"}),
      field<&InitProducerIdRequest::transaction_timeout_ms>("TransactionTimeoutMs", "0+"),
      field<&InitProducerIdRequest::producer_id>("ProducerId", "3+"),
      field<&InitProducerIdRequest::producer_epoch>("ProducerEpoch", "3+"),
      field<&InitProducerIdRequest::enable_2pc>("Enable2Pc", "6+"),
      field<&InitProducerIdRequest::keep_prepared_txn>("KeepPreparedTxn", "6+"),
  };
  return kFields;
}

FieldList InitProducerIdResponse::fields() {
  static constexpr Field kFields[] = {
      field<&InitProducerIdResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&InitProducerIdResponse::error_code>("ErrorCode", "0+"),
      field<&InitProducerIdResponse::producer_id>("ProducerId", "0+"),
      field<&InitProducerIdResponse::producer_epoch>("ProducerEpoch", "0+"),
      field<&InitProducerIdResponse::ongoing_txn_producer_id>("OngoingTxnProducerId", "6+"),
      field<&InitProducerIdResponse::ongoing_txn_producer_epoch>("OngoingTxnProducerEpoch", "6+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
