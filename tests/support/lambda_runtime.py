"""AWS Lambda for tests: the Runtime API with its real status codes, the life of a function's process, and an HTTPS
front that turns requests into API Gateway HTTP API events (payload format 2.0) and replies back.

    python3 tests/support/lambda_runtime.py var/demo.json      # serves until Ctrl-C; says where

Sources: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import http.client
import http.server
import json
import os
import pathlib
import queue
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.certificates import Certificates  # noqa: E402  (the path is set above)

TOP = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "/2018-06-01/runtime/"
PAYLOAD_MAX = 6 * 1024 * 1024
FUNCTION_SECONDS = 30
TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class Invocation:
    """One event on its way: `result` is ("response"|"error"|"timeout"|"exit", body bytes, headers)."""

    def __init__(self, event, seconds):
        self.id = str(uuid.uuid4())
        self.body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.deadline = int((time.time() + seconds) * 1000)
        self.result = None
        self.done = threading.Event()

    def finish(self, kind, body=b"", headers=None):
        if not self.done.is_set():
            self.result = (kind, body, headers or {})
            self.done.set()


class Handler(http.server.BaseHTTPRequestHandler):
    """The Runtime API of one execution environment; `self.server.api` holds its state."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, body=None, headers=None):
        text = json.dumps(body if body is not None else {"status": "OK"}).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, status, kind):
        self.reply(status, {"errorMessage": kind, "errorType": kind})

    def do_GET(self):
        api = self.server.api
        if self.path != PREFIX + "invocation/next":
            self.refuse(404, "PageNotFound")
        elif api.next_status != 200:
            self.refuse(api.next_status, "Forced")
        else:
            invocation = api.take()
            if invocation is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.id)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(invocation.deadline))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn",
                             "arn:aws:lambda:eu-central-1:000000000000:function:anamnesis")
            self.send_header("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(invocation.body)))
            self.end_headers()
            self.wfile.write(invocation.body)

    def do_POST(self):
        api = self.server.api
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts = self.path.removeprefix(PREFIX).split("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if parts == ["init", "error"]:
            if api.initialised:
                self.refuse(403, "InvalidStateTransition")
            else:
                api.init_error = (json.loads(body), headers)
                self.reply(202)
        elif len(parts) == 3 and parts[0] == "invocation" and parts[2] in ("response", "error"):
            self.take_outcome(api, parts[1], parts[2], body, headers)
        else:
            self.refuse(404, "PageNotFound")

    def take_outcome(self, api, request_id, kind, body, headers):
        invocation = api.current
        api.posts.append((kind, request_id, len(body)))
        if api.post_status != 202:
            self.refuse(api.post_status, "Forced")
        elif invocation is None or request_id != invocation.id or api.forgetful:
            self.refuse(400, "InvalidRequestID")
        elif invocation.done.is_set():
            self.refuse(403, "InvalidStateTransition")
        elif kind == "response" and len(body) > api.payload_max:
            self.refuse(413, "RequestEntityTooLarge")
        else:
            self.reply(202)
            invocation.finish(kind, body, headers)


class RuntimeApi:
    """The Runtime API of one environment: one invocation at a time. `forgetful` and the statuses force refusals."""

    def __init__(self):
        self.events = queue.Queue()
        self.current, self.initialised, self.init_error = None, False, None
        self.next_status, self.post_status, self.forgetful, self.payload_max = 200, 202, False, PAYLOAD_MAX
        self.posts = []
        self.open = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.api = self
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def take(self):
        """Blocks as the real one does; None when we close."""
        self.initialised = True
        while self.open:
            try:
                self.current = self.events.get(timeout=0.1)
                return self.current
            except queue.Empty:
                continue
        return None

    def close(self):
        self.open = False
        self.server.shutdown()
        self.server.server_close()


class Environment:
    """An execution environment: the Runtime API and the function's process, started again when it has ended."""

    def __init__(self, program, environment, seconds=FUNCTION_SECONDS):
        self.program, self.environment, self.seconds = str(program), environment, seconds
        self.api = RuntimeApi()
        self.log = tempfile.TemporaryFile()
        self.process = None
        self.starts = 0

    def start(self):
        self.api.close()
        self.api = RuntimeApi()
        self.process = subprocess.Popen([self.program], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env=self.environment | {"AWS_LAMBDA_RUNTIME_API": self.api.address})
        self.starts += 1
        return self

    def invoke(self, event, seconds=None):
        """(kind, body, headers) as Invocation.result has it."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        invocation = Invocation(event, self.seconds if seconds is None else seconds)
        self.api.events.put(invocation)
        until = time.monotonic() + self.seconds
        while not invocation.done.wait(0.02):
            if self.process.poll() is not None:
                invocation.finish("exit")
            elif time.monotonic() > until:
                self.process.kill()
                self.process.wait()
                invocation.finish("timeout")
        return invocation.result

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.api.close()
        self.log.close()


def event_of(method, path, query="", headers=(), body=b"", source="127.0.0.1", stage="$default"):
    """The event that an HTTP API makes of a request. `headers` are pairs."""
    joined, cookies = {}, []
    for name, value in headers:
        if name.lower() == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            joined[name.lower()] = f"{joined[name.lower()]},{value}" if name.lower() in joined else value
    event = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": joined,
             "requestContext": {"accountId": "000000000000", "apiId": "api", "domainName": "localhost",
                                "domainPrefix": "api", "requestId": "id=", "routeKey": "$default", "stage": stage,
                                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000,
                                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": source,
                                         "userAgent": joined.get("user-agent", "")}},
             "isBase64Encoded": False}
    if cookies:
        event["cookies"] = cookies
    if body:
        event["body"], event["isBase64Encoded"] = body_text(body, joined.get("content-type", ""))
    return event


def body_text(body, content_type):
    """What is text stays text, the rest is Base64."""
    if content_type.startswith(TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


class FrontHandler(http.server.BaseHTTPRequestHandler):
    """API Gateway: a request becomes an event, the function's reply becomes a response."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self):
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        event = event_of(self.command, path, query, self.headers.items(), body, self.client_address[0])
        kind, reply, _ = self.server.front.invoke(event)
        if kind != "response":
            self.send(500, [("Content-Type", "application/json")], b'{"message":"Internal Server Error"}')
            return
        reply = json.loads(reply)
        text = reply.get("body", "")
        content = base64.b64decode(text) if reply.get("isBase64Encoded") else text.encode()
        headers = list(reply.get("headers", {}).items()) + [("Set-Cookie", c) for c in reply.get("cookies", [])]
        self.send(reply["statusCode"], headers, content)

    def send(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer


class Server(http.server.ThreadingHTTPServer):
    """TLS is spoken in the connection's own thread, so that a slow client holds up nobody."""

    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, client_address):
        with self.tls.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request, client_address):
        """A client that has gone is no news."""
        if not isinstance(sys.exc_info()[1], (OSError, http.client.HTTPException)):
            super().handle_error(request, client_address)


class Front:
    """HTTPS on a port of its own, in front of some environments of one function."""

    def __init__(self, directory, program, environment, environments=2):
        certificates = Certificates(directory)
        self.ca_file = str(certificates.ca)
        self.server = Server(("127.0.0.1", 0), FrontHandler)
        self.server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.tls.load_cert_chain(certificates.certificate, certificates.key)
        self.server.front = self
        self.base_url = f"https://localhost:{self.server.server_address[1]}"
        environment = environment | {"ANAMNESIS_BASE_URL": self.base_url}
        self.all = [Environment(program, environment) for _ in range(environments)]
        self.free = queue.LifoQueue()
        for one in self.all:
            self.free.put(one)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def invoke(self, event):
        one = self.free.get()
        try:
            return one.invoke(event)
        finally:
            self.free.put(one)

    def logged(self):
        return "".join(one.logged() for one in self.all)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for one in self.all:
            one.close()


def program():
    return pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "anamnesis-lambda"


def environment_of(demo_file):
    """The function's configuration for a running instance: its database, its keyring by value."""
    demo_file = pathlib.Path(demo_file)
    demo = json.loads(demo_file.read_text(encoding="utf-8"))
    keyring = demo_file.parent / "keys" / "keyring.json"
    environment = {"PATH": "/usr/bin:/bin", "ANAMNESIS_DATABASE_URL": demo["database_urls"]["api"],
                   "ANAMNESIS_KEYRING": keyring.read_text(encoding="utf-8")}
    contract_log = demo_file.parent / "log" / "contract.log"
    if contract_log.exists():
        environment["ANAMNESIS_CONTRACT_LOG"] = str(contract_log)
    passed = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
    return environment | {name: os.environ[name] for name in passed if name in os.environ}


def main():
    with tempfile.TemporaryDirectory() as directory:
        front = Front(directory, program(), environment_of(sys.argv[1]))
        print(f"{front.base_url} (CA certificate: {front.ca_file})", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            front.close()


if __name__ == "__main__":
    main()
