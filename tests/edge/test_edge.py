"""What nginx itself answers: the protocol, its errors, headers on everything, and what it writes down."""

import json
import os
import pathlib
import re
import socket
import ssl
import stat
import subprocess
import time
import uuid

import pytest

ALWAYS = {
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CANARY = "canary-4711@example.org"


def is_problem(answer, status, code):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["code"] == code and body["title"]
    assert body["type"] == f"urn:anamnesis:problem:{code}"
    assert body["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"
    uuid.UUID(answer.headers["X-Request-Id"])
    assert answer.headers["Cache-Control"] == "no-store"
    has_headers(answer)
    return True


def has_headers(answer):
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value, name
    assert "'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] == "nginx"


def raw(connection, text):
    """Sends bytes as they are; gives (status line, headers by lower-case name, body)."""
    connection.sendall(text)
    received = b""
    while True:
        try:
            more = connection.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            break
        if not more:
            break
        received += more
    head, _, body = received.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    return lines[0], {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in lines[1:]}, body


# --- The protocol

@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(tls, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        tls(context=context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_present_tls_is_taken_with_a_forward_secret_cipher(demo, tls, version):
    context = ssl.create_default_context(cafile=demo["ca_file"])
    context.minimum_version = context.maximum_version = version
    with tls(context=context) as connection:
        assert connection.cipher()[0].startswith(("ECDHE-", "TLS_"))


def test_http_2_is_offered(demo, tls):
    context = ssl.create_default_context(cafile=demo["ca_file"])
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls(context=context) as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_the_certificate_is_for_this_machine_only_and_short_lived(demo):
    leaf = demo["var"] / "tls" / "server.pem"
    text = subprocess.run(["openssl", "x509", "-in", leaf, "-noout", "-text"], capture_output=True, text=True,
                          check=True).stdout
    assert "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1" in text
    good_for = subprocess.run(["openssl", "x509", "-in", leaf, "-noout", "-checkend", str(91 * 86400)], check=False,
                              capture_output=True)
    assert good_for.returncode == 1
    authority = subprocess.run(["openssl", "x509", "-in", demo["ca_file"], "-noout", "-text"], capture_output=True,
                               text=True, check=True).stdout
    assert "Name Constraints: critical" in authority
    for key in ("server.key", "ca.key"):
        assert stat.S_IMODE((demo["var"] / "tls" / key).stat().st_mode) == 0o600


# --- Its own errors are problems

def test_plain_http_on_the_tls_port(demo):
    with socket.create_connection(("127.0.0.1", demo["port"]), timeout=10) as connection:
        line, headers, body = raw(connection, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert line == "HTTP/1.1 400 Bad Request"
    assert headers["content-type"] == "application/problem+json" and json.loads(body)["status"] == 400


@pytest.mark.parametrize("request_text", [
    b"GARBAGE\r\n\r\n",
    b"GET /livez HTTP/1.1\r\n\r\n",  # no Host
    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /a\x00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
])
def test_malformed_requests(tls, request_text):
    with tls() as connection:
        line, headers, body = raw(connection, request_text)
    assert " 400" in line
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "invalid-request"
    assert headers["strict-transport-security"] and headers["x-content-type-options"] == "nosniff"


def test_a_body_that_is_too_large(client):
    assert is_problem(client.post("/patient/auth/login", data=b"x" * (1024 * 1024 + 1)), 413, "too-large")


def test_a_body_that_becomes_too_large(client):
    def chunks():
        for _ in range(20):
            yield b"x" * 65536
    assert is_problem(client.post("/patient/auth/login", data=chunks()), 413, "too-large")


def test_a_body_in_chunks_arrives_whole(client):
    answer = client.post("/patient/auth/login", data=iter([b'{"email": "nobody@example.org",', b' "password": "x"']),
                         headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["code"] == "malformed-json"


def test_an_address_that_is_too_long(client):
    assert is_problem(client.get("/" + "a" * 9000), 414, "uri-too-long")


def test_headers_that_are_too_large(client):
    assert is_problem(client.get("/livez", headers={"X-Long": "a" * 9000}), 431, "headers-too-large")


@pytest.mark.parametrize("method,path,allowed", [
    ("TRACE", "/livez", "GET, HEAD"), ("TRACE", "/admin/patients", "GET, HEAD, POST"), ("DELETE", "/admin/patients", "GET, HEAD, POST"),
    ("TRACE", "/docs", "GET, HEAD"), ("POST", "/docs", "GET, HEAD"), ("POST", "/", "GET, HEAD")])
def test_a_method_that_a_path_does_not_take(client, method, path, allowed):
    """RFC 9110, 15.5.6: the answer names those that it takes."""
    answer = client.call(method, path)
    assert is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed


def test_trace_of_nothing(client):
    assert is_problem(client.call("TRACE", "/nothing"), 404, "not-found")


@pytest.mark.parametrize("path", ["/.problem", "/metrics", "/docs/nothing", "/docs/../nginx.conf", "/docs/%2e%2e/x"])
def test_what_is_not_for_the_public(tls, path):
    with tls() as connection:
        line, headers, body = raw(connection,
                                  f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert line.startswith("HTTP/1.1 404")
    assert json.loads(body)["code"] == "not-found" and headers["content-type"] == "application/problem+json"


# --- Headers on everything

@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/admin/patients", "/nothing", "/", "/docs",
                                  "/docs/docs.js", "/docs/docs.css"])
def test_headers_are_on_every_answer(client, path):
    has_headers(client.get(path))


@pytest.mark.parametrize("path", ["/livez", "/admin/patients", "/nothing"])
def test_the_api_allows_nothing_and_is_not_stored(client, path):
    answer = client.get(path)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers


def test_the_page_runs_what_is_ours_only(client):
    policy = client.get("/docs").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy and "http" not in policy
    script = client.get("/docs/swagger-ui-bundle.js")
    assert script.headers["Content-Encoding"] == "gzip" and script.headers["Content-Type"].startswith("text/javascript")


def test_the_first_page_says_where_to_go(client):
    page = client.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert re.findall(r'href="([^"]+)"', page.text) == ["/docs", "/openapi.json", "/readyz"]


def test_a_head_request_has_the_headers_of_a_get(client):
    got, head = client.get("/openapi.json"), client.call("HEAD", "/openapi.json")
    assert head.status_code == 200 and head.text == ""
    assert head.headers["Content-Length"] == str(len(got.content))


# --- What is written down

def test_the_log_names_the_request_but_not_what_was_asked(demo, client):
    """[16.2.5]"""
    answer = client.get(f"/admin/patients?email={CANARY}", headers={"Cookie": f"x={CANARY}", "Referer": CANARY})
    nowhere = client.get(f"/{CANARY}?q={CANARY}")
    client.call("TRACE", f"/{CANARY}?{CANARY}")
    client.get(f"/{CANARY}/" + "a" * 9000)
    log = demo["var"] / "log" / "access.log"
    named = {answer.headers["X-Request-Id"], nowhere.headers["X-Request-Id"]}
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        if named <= {line["request"] for line in lines}:
            break
        time.sleep(0.1)
    line = next(line for line in lines if line["request"] == answer.headers["X-Request-Id"])
    assert (line["method"], line["status"], line["lane"], line["client"]) == ("GET", 401, "api", client.address)
    assert named <= {line["request"] for line in lines}
    for file in pathlib.Path(demo["var"], "log").rglob("*"):
        if file.is_file():
            assert CANARY not in file.read_text(encoding="utf-8", errors="replace"), file


def test_the_log_with_its_addresses_is_not_for_everybody(demo):
    log = demo["var"] / "log" / "access.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o640


def test_sign_in_has_a_lane_of_its_own(demo, client):
    answer = client.post("/patient/auth/login", {})
    log = demo["var"] / "log" / "access.log"
    deadline = time.monotonic() + 5
    lanes = []
    while not lanes and time.monotonic() < deadline:
        time.sleep(0.1)
        lines = map(json.loads, log.read_text(encoding="utf-8").splitlines())
        lanes = [line["lane"] for line in lines if line["request"] == answer.headers["X-Request-Id"]]
    assert lanes == ["auth"]


def test_each_process_of_nginx_has_a_queue_of_its_own(demo):
    """From one that all share, the first to wake takes nearly all connections."""
    master = json.loads(((demo["var"] / "log").resolve().parent / "pids" / "nginx.json").read_text(encoding="utf-8"))["pid"]
    processes = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    listening = [row for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == demo["port"]]
    assert len(listening) == len(processes) == os.cpu_count()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_tls_session_is_taken_up_again(demo, tls, version):
    context = ssl.create_default_context(cafile=demo["ca_file"])
    context.minimum_version = context.maximum_version = version
    resumed, session = [], None
    for _ in range(3):
        with tls(context=context, session=session) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
            resumed.append(connection.session_reused)
            session = connection.session
    assert resumed == [False, True, True]


def test_only_the_group_of_the_programs_reaches_the_workers(demo):
    run = (demo["var"] / "log").resolve().parent / "run"
    sockets = sorted(path for path in run.glob("*.sock"))
    assert [path.name for path in sockets] == ["api.sock", "auth-device.sock", "auth.sock", "bulk.sock"]
    for path in sockets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
