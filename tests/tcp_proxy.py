"""A network that fails on purpose: a TCP proxy on a free loopback port."""

import contextlib
import socket
import threading


class TcpProxy:
    """Passes bytes on to a server, until it is told to lose some."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lost_request = b""
        self._lost_answer = b""
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_request(self, words: bytes) -> None:
        """Cut the connection when a client says `words` next, before the server hears them."""
        self._lost_request = words

    def lose_answer(self, words: bytes) -> None:
        """Cut the connection when the server has answered the next `words`, before the client."""
        self._lost_answer = words

    def cut(self) -> None:
        """Cut all connections."""
        for one in list(self._open):
            self._close(one)

    def close(self) -> None:
        """Cut all connections and accept none again."""
        self._close(self._listener)
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port))
                except OSError:
                    client.close()
                    continue
                self._open |= {client, server}
                answers_count = threading.Event()
                answers_count.set()
                for work in (self._pass_requests, self._pass_answers):
                    arguments = (client, server, answers_count)
                    threading.Thread(target=work, args=arguments, daemon=True).start()

    def _pass_requests(
        self, client: socket.socket, server: socket.socket, answers_count: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(65_536):
                if self._lost_request and self._lost_request in said:
                    self._lost_request = b""
                    break
                if self._lost_answer and self._lost_answer in said:
                    self._lost_answer = b""
                    answers_count.clear()
                server.sendall(said)
        self._close(client)
        self._close(server)

    def _pass_answers(
        self, client: socket.socket, server: socket.socket, answers_count: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while (said := server.recv(65_536)) and answers_count.is_set():
                client.sendall(said)
        self._close(client)
        self._close(server)

    def _close(self, one: socket.socket) -> None:
        self._open.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
        one.close()
