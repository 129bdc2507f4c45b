"""A mail server on this machine that takes every letter: enough of SMTP for whoever only sends."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Letters(socketserver.ThreadingTCPServer):
    daemon_threads = True
    letters: list[str]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                self._take()
            self._say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        assert isinstance(self.server, _Letters)
        self.server.letters.append("\n".join(lines))

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """Its port, and the letters that arrive."""
    with _Letters(("127.0.0.1", 0), _Conversation) as server:
        server.letters = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], server.letters
        finally:
            server.shutdown()
            thread.join()
