"""A proxy in front of DynamoDB that fails as networks and the service do: it throttles, in single
answers and in waves, says that a transaction met another one, answers 500 although the request was
applied, and resets the connection before or after that.
"""
import dataclasses
import json

from servers.s3_fault_proxy import S3FaultProxy

PREFIX = "com.amazonaws.dynamodb.v20120810#"


@dataclasses.dataclass
class Faults:
    """Probabilities for each request."""
    throttled: float = 0           # ProvisionedThroughputExceededException, not applied
    wave: float = 0                # throttled, as every request of the next `wave_seconds`
    wave_seconds: float = 0.2
    conflict: float = 0            # of transactions: TransactionConflict, not applied
    reset_unheard: float = 0       # reset after the request, not applied
    reset_after_apply: float = 0
    error_after_apply: float = 0   # 500 after the service did it

    def names(self):
        return [field.name for field in dataclasses.fields(self) if field.name != "wave_seconds"]


def answer(status, kind, **members):
    body = json.dumps({"__type": PREFIX + kind, "message": "said by the proxy", **members}).encode()
    head = (f"HTTP/1.1 {status} Text\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


class DynamodbFaultProxy(S3FaultProxy):
    """Listening when constructed; stop() ends it."""

    def refusal(self, fault, request):
        """The answer without the service, or None."""
        if fault in ("throttled", "wave"):
            if request.headers.get("x-amz-target", "").endswith(".TransactWriteItems"):
                items = len(json.loads(request.body)["TransactItems"])
                reasons = [{"Code": "ThrottlingError"}] + [{"Code": "None"}] * (items - 1)
                return answer(400, "TransactionCanceledException", CancellationReasons=reasons)
            return answer(400, "ProvisionedThroughputExceededException")
        if fault == "conflict" and b"TransactItems" in request.body:
            items = len(json.loads(request.body)["TransactItems"])
            reasons = [{"Code": "None"}] * (items - 1) + [{"Code": "TransactionConflict"}]
            return answer(400, "TransactionCanceledException", CancellationReasons=reasons)
        return None

    def error(self):
        return answer(500, "InternalServerError")
