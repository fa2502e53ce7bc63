"""A server that gives every request the same answer, byte by byte as it is told to, over HTTP or HTTPS; and keeps what was asked."""

import socket
import ssl
import threading


class ScriptedServer:
    """`answer` is bytes, or a function of (method, number of the request) that gives them."""

    def __init__(self, answer, certificates=None):
        self.answer, self.asked = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.context = None
        if certificates:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificates.certificate, certificates.key)
        self.url = f"http{'s' if certificates else ''}://127.0.0.1:{self.port}/files"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as lines:
                while self.serve_one(connection, lines):
                    pass
        except OSError:
            pass

    def serve_one(self, connection, lines):
        request = lines.readline().decode("latin-1").split()
        if not request:
            return False
        headers = {}
        for line in iter(lines.readline, b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
        self.asked.append((request[0], request[1], headers, body))
        answer = self.answer(request[0], len(self.asked)) if callable(self.answer) else self.answer
        connection.sendall(answer)
        return b"\r\nConnection: close" not in answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def reply(status, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} Any", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def error(status, code, more="", **headers):
    return reply(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>Any</Message>{more}</Error>'.encode(), **headers)
