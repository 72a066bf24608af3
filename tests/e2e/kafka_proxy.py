"""A proxy before an agent's Kafka listener that keeps some answers from clients."""
import socket
import struct
import threading

PRODUCE = 0


def read_frame(source):
    """A frame with its length; b"" at the end of the connection."""
    data, size = b"", 4
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            return b""
        data += part
        if len(data) == 4:
            size = 4 + struct.unpack(">i", data)[0]
    return data


def end(*sockets):
    """Ends connections also for threads that wait on them."""
    for each in sockets:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended already


class ProduceProxy:
    """Ends a connection in place of a Produce request's answer where `loses(number)`; the answers
    of all connections are numbered from 0. `loses` may take its time: nobody hears meanwhile."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.target = lambda: None  # the agent's address now
        self.loses = lambda number: False
        self.answers = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        end(self.listener)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        host, port = self.target().rsplit(":", 1)
        with client:
            try:
                agent = socket.create_connection((host, int(port)))
            except OSError:
                return
            with agent:
                produces = set()
                asking = threading.Thread(target=self.pass_requests, args=(client, agent, produces))
                asking.start()
                self.pass_answers(agent, client, produces)
                end(client, agent)
                asking.join()

    @staticmethod
    def pass_requests(client, agent, produces):
        """Notes the correlation ids of Produce requests before they can be answered."""
        try:
            while frame := read_frame(client):
                key, _, correlation = struct.unpack(">hhi", frame[4:12])
                if key == PRODUCE:
                    produces.add(correlation)
                agent.sendall(frame)
        except OSError:
            pass
        end(client, agent)

    def pass_answers(self, agent, client, produces):
        try:
            while frame := read_frame(agent):
                correlation, = struct.unpack(">i", frame[4:8])
                if correlation in produces and self.is_lost():
                    return
                client.sendall(frame)
        except OSError:
            pass

    def is_lost(self):
        with self.lock:
            number, self.answers = self.answers, self.answers + 1
            return self.loses(number)
