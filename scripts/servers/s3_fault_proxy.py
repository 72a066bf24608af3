"""A proxy in front of an S3 server that fails as networks and servers do: it answers 503, resets
the connection after the whole upload, answers 500 although the server did what it was asked to,
drips bodies, gives another range than the one asked for, and lets puts take their time.

It passes everything else on as it is, so signatures stay valid. Chance comes from a seed; what
happened is counted.
"""
import collections
import dataclasses
import random
import socket
import struct
import threading
import time
import urllib.parse

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
INTERNAL = b"<Error><Code>InternalError</Code><Message>Try again</Message></Error>"
DRIP_BYTES, DRIP_PIECES = 4096, 20


@dataclasses.dataclass
class Faults:
    """Probabilities for each request."""
    throttled: float = 0           # 503, not applied
    wave: float = 0                # 503 for every request of the next `wave_seconds`
    wave_seconds: float = 0.2
    reset_unheard: float = 0       # reset after the upload, not applied
    reset_after_apply: float = 0
    error_after_apply: float = 0   # 500 after the server did it
    slow_body: float = 0
    wrong_range: float = 0         # of answers 206
    put_seconds: float = 0         # no probability: what a put takes at least

    def names(self):
        return [field.name for field in dataclasses.fields(self)
                if not field.name.endswith("_seconds")]


def answer(status, text, body):
    head = (f"HTTP/1.1 {status} {text}\r\nContent-Type: application/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


class Message:
    """A request or an answer: its head as sent, and its body."""

    def __init__(self, head, body):
        self.head, self.body = head, body
        self.first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        self.headers = {name.lower(): value.strip() for name, value in pairs}

    def bytes(self):
        return self.head + b"\r\n\r\n" + self.body


class Connection:
    """A socket that messages are read from."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def more(self):
        part = self.socket.recv(1 << 20)
        if not part:
            raise ConnectionError("closed")
        return part

    def read(self, has_body=True):
        """None if the other side closed between messages."""
        while b"\r\n\r\n" not in self.buffer:
            try:
                self.buffer += self.more()
            except ConnectionError:
                return None
        head, rest = self.buffer.split(b"\r\n\r\n", 1)
        message = Message(head, b"")
        self.buffer = rest
        if has_body and message.headers.get("transfer-encoding", "").lower() == "chunked":
            return self.read_chunks(message)
        size = int(message.headers.get("content-length", 0)) if has_body else 0
        parts, have = [rest], len(rest)
        while have < size:
            parts.append(self.more())
            have += len(parts[-1])
        whole = b"".join(parts)
        message.body, self.buffer = whole[:size], whole[size:]
        return message

    def read_chunks(self, message):
        """The body as it is on the way, with the sizes between its chunks."""
        at = 0
        while True:
            while (end := self.buffer.find(b"\r\n", at)) < 0:
                self.buffer += self.more()
            size = int(self.buffer[at:end], 16)
            at = end + 2 + size + 2
            while len(self.buffer) < at:
                self.buffer += self.more()
            if size == 0:
                message.body, self.buffer = self.buffer[:at], self.buffer[at:]
                return message

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class S3FaultProxy:
    """Listening when constructed; stop() ends it."""

    def __init__(self, endpoint, faults, seed=1, port=0):
        parts = urllib.parse.urlsplit(endpoint)
        self.upstream = (parts.hostname, parts.port)
        self.faults, self.random = faults, random.Random(seed)
        self.lock, self.counts, self.wave_until = threading.Lock(), collections.Counter(), 0
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.stopping = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.stopping = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def refusal(self, fault, _request):
        """The answer without the server, or None."""
        return answer(503, "Slow Down", SLOW_DOWN) if fault in ("throttled", "wave") else None

    def error(self):
        """What a failure inside of the server looks like."""
        return answer(500, "Internal Server Error", INTERNAL)

    def _accept(self):
        while not self.stopping:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _draw(self):
        with self.lock:
            if time.monotonic() < self.wave_until:
                name = "wave"
            else:
                names = self.faults.names()
                rates = [getattr(self.faults, name) for name in names]
                name = self.random.choices([*names, "none"], [*rates, 1 - sum(rates)])[0]
                if name == "wave":
                    self.wave_until = time.monotonic() + self.faults.wave_seconds
            self.counts[name] += 1
            return name

    def _serve(self, client):
        connection, upstream = Connection(client), None
        try:
            while request := connection.read():
                begun = time.monotonic()
                fault = self._draw()
                if refusal := self.refusal(fault, request):
                    client.sendall(refusal)
                    continue
                if fault == "reset_unheard":
                    return connection.reset()
                if upstream is None:
                    upstream = Connection(socket.create_connection(self.upstream))
                upstream.socket.sendall(request.bytes())
                reply = upstream.read(has_body=not request.first.startswith("HEAD "))
                if reply is None:  # an idle connection that the server closed
                    upstream = None
                    return connection.reset()
                if fault == "reset_after_apply":
                    return connection.reset()
                if fault == "error_after_apply":
                    client.sendall(self.error())
                    continue
                if request.first.startswith("PUT "):
                    time.sleep(max(0, begun + self.faults.put_seconds - time.monotonic()))
                self._pass_on(client, reply, fault)
        except OSError:
            pass
        finally:
            client.close()
            if upstream is not None:
                upstream.socket.close()
        return None

    @staticmethod
    def _pass_on(client, reply, fault):
        content = reply.headers.get("content-range", "")
        if fault == "wrong_range" and content and len(reply.body) > 1:
            first, rest = content.removeprefix("bytes ").split("-")
            shifted = f"bytes {int(first) + 1}-{rest}"
            head = f"HTTP/1.1 206 Partial Content\r\nContent-Range: {shifted}\r\n"
            head += f"Content-Length: {len(reply.body) - 1}\r\n\r\n"
            return client.sendall(head.encode() + reply.body[1:])
        whole = reply.bytes()
        if fault == "slow_body":
            for at in range(0, min(len(whole), DRIP_BYTES * DRIP_PIECES), DRIP_BYTES):
                client.sendall(whole[at:at + DRIP_BYTES])
                time.sleep(0.005)
            whole = whole[DRIP_BYTES * DRIP_PIECES:]
        return client.sendall(whole)
