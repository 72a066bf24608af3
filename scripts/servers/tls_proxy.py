"""TLS in front of a server that has none, with a certificate of an authority of our own, which
nobody trusts who is not told to."""
import select
import socket
import ssl
import subprocess
import threading
import urllib.parse

EXTENSIONS = """\
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
basicConstraints = CA:false
subjectAltName = IP:127.0.0.1
"""


class Certificates:
    """An authority, and a server's key and certificate for 127.0.0.1, as files of a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.authority, self.chain = folder / "authority.pem", folder / "server.pem"
        extensions = folder / "extensions.cnf"
        extensions.write_text(EXTENSIONS)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-keyout", "authority.key", "-out", self.authority, "-subj",
                      "/CN=StreamHouse tests", "-days", "2", "-extensions", "authority", "-config",
                      self._config(extensions))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=store",
                      "-config", self._config(extensions))
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", self.authority, "-CAkey",
                      "authority.key", "-CAcreateserial", "-out", self.chain, "-days", "2",
                      "-extfile", extensions, "-extensions", "server")

    def _config(self, extensions):
        config = self.folder / "request.cnf"
        config.write_text("[req]\ndistinguished_name = name\n[name]\n" + extensions.read_text())
        return config

    def _openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.folder, check=True,
                       capture_output=True, stdin=subprocess.DEVNULL)


class TlsProxy:
    """Listening when constructed; stop() ends it."""

    def __init__(self, endpoint, certificates):
        parts = urllib.parse.urlsplit(endpoint)
        self.upstream = (parts.hostname, parts.port)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates.chain, certificates.folder / "server.key")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            secure = self.context.wrap_socket(client, server_side=True)
        except OSError:  # a client that does not trust us
            client.close()
            return
        upstream = socket.create_connection(self.upstream)
        try:
            while self._pass_on(secure, upstream):
                continue
        except OSError:
            pass
        secure.close()
        upstream.close()

    @staticmethod
    def _pass_on(secure, upstream):
        """What is there on either side; false at the end. One thread for both directions: TLS has
        one state."""
        ready = [secure]
        if not secure.pending():
            ready, _, _ = select.select([secure, upstream], [], [])
        for side in ready:
            part = side.recv(1 << 16)
            if not part:
                return False
            (upstream if side is secure else secure).sendall(part)
        return True
