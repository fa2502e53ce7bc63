"""
A relay between a client of S3 and a program that speaks it, which loses, cuts, delays and replaces what passes by: by chance,
with a seed, or always.
"""

import http.client
import http.server
import random
import socket
import threading

SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
INTERNAL = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
GARBAGE = b"<?xml version='1.0'?><ListBucketResult><IsTruncated>fal"
PAGE = b"<html><body>Welcome to this network. <a href='/accept'>Accept</a></body></html>"

# What happens to a request: whether the other side sees it, and what the client gets.
LOST, LOST_AFTER, CUT, CUT_HEAD, STALLED = "lost", "lost-after", "cut", "cut-head", "stalled"
ANSWERS = {"slow-down": (503, SLOW_DOWN), "internal": (500, INTERNAL), "bad-gateway": (502, PAGE), "good-with-error": (200, INTERNAL),
           "garbage": (200, GARBAGE), "page": (200, PAGE), "empty": (200, b""), "login": (403, PAGE)}
MENDED = (LOST, LOST_AFTER, CUT, CUT_HEAD, *ANSWERS)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        relay = self.server.relay
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = relay.choose()
        if fault == LOST:
            self.close()
        elif fault == STALLED:
            relay.released.wait()
            self.close()
        elif fault in ANSWERS:
            self.answer(*ANSWERS[fault])
        else:
            self.forward(body, fault)

    do_GET = do_PUT = do_HEAD = do_DELETE = serve

    def forward(self, body, fault):
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.relay.port, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        try:
            upstream.endheaders(body)
            reply = upstream.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException):  # it had not the whole of what the caller was to send
            self.close()
            return
        finally:
            upstream.close()
        if fault == LOST_AFTER:
            self.close()
            return
        kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in ("connection", "transfer-encoding", "content-length", "date")]
        size = reply.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if reply.status != 204 and size is not None:
            kept.append(("Content-Length", size))
        head = f"HTTP/1.1 {reply.status} {reply.reason}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in kept) + "\r\n"
        raw = head.encode("latin-1") + content
        if fault == CUT_HEAD:
            raw = raw[:len(head) // 2]
        elif fault == CUT:
            raw = raw[:max(len(head) - 2, len(raw) - max(1, len(content) // 2))]
        self.wfile.write(raw)
        if fault is not None:
            self.close()

    def answer(self, status, content):
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def close(self):
        """As a connection that breaks: the client gets a reset where something is left to send."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass


class FaultyRelay:
    """`url` is that of the bucket by way of this relay. One request in `one_in` meets one of `faults`, until `most` have."""

    def __init__(self, peer, seed, faults=MENDED, one_in=10, most=None):
        self.port, self.faults, self.one_in, self.most, self.met = peer.port, faults, one_in, most, []
        self.random, self.lock, self.released = random.Random(seed), threading.Lock(), threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.relay = True, self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/files"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def choose(self):
        with self.lock:
            if len(self.met) == self.most or self.random.randrange(self.one_in):
                return None
            self.met.append(self.random.choice(self.faults))
            return self.met[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
