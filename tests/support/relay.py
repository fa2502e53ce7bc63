"""A relay between a program and PostgreSQL's Unix socket, which notes what the server is told: the names of the statements that
are run, transaction by transaction, and the text by which each was prepared.

Source: postgresql.org/docs/15/protocol-message-formats.html (Parse, Bind, Sync).
"""

import pathlib
import socket
import struct
import threading

from psycopg2 import extensions

CHUNK = 65536


class Reader:
    """Cuts a client's bytes into messages. The first one has no type."""

    def __init__(self, told):
        self.rest, self.started, self.told = b"", False, told

    def take(self, data):
        self.rest += data
        while True:
            head = 1 if self.started else 0
            if len(self.rest) < head + 4:
                return
            size = head + struct.unpack_from(">I", self.rest, head)[0]
            if len(self.rest) < size:
                return
            kind, body, self.rest = self.rest[:head], self.rest[head + 4:size], self.rest[size:]
            self.started = True
            self.told(kind, body)


class Relay:
    """`url` is `upstream` by way of this relay; `transactions` are lists of names, "Sync" among them for each trip."""

    def __init__(self, directory, upstream):
        parts = extensions.parse_dsn(upstream)
        name = f".s.PGSQL.{parts.get('port', 5432)}"
        self.upstream = f"{parts['host']}/{name}"
        self.url = extensions.make_dsn(**(parts | {"host": str(directory), "sslmode": "disable", "gssencmode": "disable"}))
        self.texts, self.transactions = {}, []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(pathlib.Path(directory) / name))
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def told(self, kind, body):
        if kind == b"P":
            name, text = body.split(b"\0")[:2]
            self.texts[name.decode()] = text.decode()
        elif kind == b"B":
            name = body.split(b"\0")[1].decode()
            if name == "tx_begin":
                self.transactions.append([])
            self.transactions[-1].append(name)
        elif kind == b"S":
            self.transactions[-1].append("Sync")

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return  # closed
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.upstream)
            reader = Reader(self.told)
            threading.Thread(target=pump, args=(client, server, reader.take), daemon=True).start()
            threading.Thread(target=pump, args=(server, client, lambda data: None), daemon=True).start()

    def close(self):
        self.socket.close()


def pump(source, target, note):
    """What is noted is noted before it is passed on: who has an answer finds it."""
    with source, target:
        try:
            while data := source.recv(CHUNK):
                note(data)
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
