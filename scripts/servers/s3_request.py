"""A minimal S3 client: signs as AWS's Signature Version 4 says, independently of the C++ signer."""
import datetime
import hashlib
import hmac
import http.client
import ssl
import urllib.parse
import xml.etree.ElementTree as ElementTree


def _digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class S3:
    """Requests to one server as one user."""

    def __init__(self, endpoint, access_key, secret_key, region="us-east-1", ca_file=None,
                 session_token=None):  # pylint: disable=too-many-arguments
        parts = urllib.parse.urlsplit(endpoint)
        self.host, self.ca_file = parts.netloc, ca_file
        self.tls = parts.scheme == "https"
        self.access_key, self.secret_key, self.region = access_key, secret_key, region
        self.session_token = session_token

    def _connection(self, seconds_max):
        if not self.tls:
            return http.client.HTTPConnection(self.host, timeout=seconds_max)
        trust = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection(self.host, timeout=seconds_max, context=trust)

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

    # pylint: disable-next=too-many-arguments
    def call(self, method, path, body=b"", query="", seconds_max=60, more_headers=None):
        """(status, headers, body); `query` is sorted and encoded already."""
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        payload_hash = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-date": time, "x-amz-content-sha256": payload_hash}
        headers.update(more_headers or {})
        if self.session_token:
            headers["x-amz-security-token"] = self.session_token
        path = urllib.parse.quote(path, safe="/-_.~")
        scope, names, signature = self.signature(time, f"{method}\n{path}\n{query}", payload_hash,
                                                 headers)
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        connection = self._connection(seconds_max)
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

    def list(self, bucket, prefix):
        """(key, size, time of the put as S3 writes it) of each object, by key."""
        more = {}
        while True:
            query = {"list-type": "2", "prefix": prefix, **more}
            encoded = "&".join(f"{name}={urllib.parse.quote(query[name], safe='-_.~')}"
                               for name in sorted(query))
            status, _, body = self.call("GET", f"/{bucket}", query=encoded)
            root = ElementTree.fromstring(body)
            space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
            if status != 200:
                raise RuntimeError(f"list of bucket {bucket}: {status} "
                                   f"{root.findtext(space + 'Code')}")
            for entry in root.iter(space + "Contents"):
                yield (entry.findtext(space + "Key"), int(entry.findtext(space + "Size")),
                       entry.findtext(space + "LastModified"))
            token = root.findtext(space + "NextContinuationToken")
            if root.findtext(space + "IsTruncated") != "true" or not token:
                return
            more = {"continuation-token": token}

    def get(self, path, first=None, last=None):
        """An object, or its bytes from `first` to `last`."""
        headers = {} if first is None else {"range": f"bytes={first}-{last}"}
        status, _, body = self.call("GET", path, more_headers=headers)
        if status not in (200, 206):
            raise RuntimeError(f"GET {path}: {status} {body[:300]!r}")
        return body if status == 206 or first is None else body[first:last + 1]
