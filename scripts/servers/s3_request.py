"""A minimal S3 client: signs as AWS's Signature Version 4 says, independently of the C++ signer."""
import datetime
import hashlib
import hmac
import http.client
import urllib.parse


def _digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class S3:
    """Requests to one server as one user."""

    def __init__(self, endpoint, access_key, secret_key, region="us-east-1"):
        self.host = urllib.parse.urlsplit(endpoint).netloc
        self.access_key, self.secret_key, self.region = access_key, secret_key, region

    def signature(self, time, request, payload_hash, headers):
        """Of a canonical request's first three lines and headers (name -> value)."""
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"{request}\n{lines}\n{names}\n{payload_hash}"
        scope = f"{time[:8]}/{self.region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", time, scope,
                             hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret_key).encode()
        for part in scope.split("/"):
            key = _digest(key, part)
        return scope, names, _digest(key, to_sign).hex()

    def call(self, method, path, body=b"", query="", seconds_max=60):
        """(status, headers, body); `query` is sorted and encoded already."""
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        payload_hash = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-date": time, "x-amz-content-sha256": payload_hash}
        path = urllib.parse.quote(path, safe="/-_.~")
        scope, names, signature = self.signature(time, f"{method}\n{path}\n{query}", payload_hash,
                                                 headers)
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        connection = http.client.HTTPConnection(self.host, timeout=seconds_max)
        try:
            connection.request(method, path + (f"?{query}" if query else ""), body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def create_bucket(self, name):
        status, _, body = self.call("PUT", f"/{name}")
        if status not in (200, 409):
            raise RuntimeError(f"bucket {name}: {status} {body!r}")
