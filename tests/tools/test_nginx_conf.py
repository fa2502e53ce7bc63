"""`tools/nginx-conf`: a host's own nginx takes what it prints, and serves by it."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = TOP / "tools" / "nginx-conf"
NGINX = "/usr/sbin/nginx"
PATIENCE_SECONDS = 20
TLS = ("--certificate", "/etc/ssl/site.pem", "--key", "/etc/ssl/site.key")


def printed(*arguments, **environment):
    done = subprocess.run([PROGRAM, *map(str, arguments)], env={"PATH": os.environ["PATH"]} | environment,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*arguments, **environment):
    done = subprocess.run([PROGRAM, *arguments], env={"PATH": os.environ["PATH"]} | environment, capture_output=True,
                          text=True, check=False)
    assert done.returncode != 0 and done.stdout == ""
    return done.stderr


class Host:
    """Directories as deployment.md has them, below one that nginx's workers reach; and a certificate."""

    def __init__(self, **changes):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="anamnesis-nginx-"))
        self.top.chmod(0o755)
        share = self.top / "share"
        for name in ("sockets", "share", "logs", "temporary"):
            (self.top / name).mkdir()
        shutil.copytree(TOP / "nginx", share / "nginx")
        shutil.copytree(TOP / "build" / "docs", share / "docs")
        for name in ("lanes.conf", "problems.conf"):
            shutil.copy(TOP / "build" / "gen" / name, share)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.top / "site.key",
                        "-out", self.top / "site.pem"], check=True, capture_output=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.conf = self.top / "nginx.conf"
        self.conf.write_text(printed(
            "--certificate", self.top / "site.pem", "--key", self.top / "site.key", "--port", self.port,
            "--sockets", self.top / "sockets", "--share", share, "--logs", self.top / "logs", "--temporary",
            self.top / "temporary" / "nginx", "--bodies", self.top / "bodies", "--pid", self.top / "nginx.pid",
            ANAMNESIS_LISTEN="127.0.0.1"), encoding="utf-8")
        text = self.conf.read_text(encoding="utf-8")
        for directive, value in changes.items():
            text, count = re.subn(rf"^( *{directive} +)[^;]+;", rf"\g<1>{value};", text, flags=re.MULTILINE)
            assert count == 1, directive
        self.conf.write_text(text, encoding="utf-8")

    def get(self, path):
        """(status, headers, body)"""
        context = ssl.create_default_context(cafile=self.top / "site.pem")
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{self.port}{path}", context=context, timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as fault:
            return fault.code, fault.headers, fault.read().decode()

    def is_up(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextlib.contextmanager
def running(made):
    """nginx in front, until the end."""
    process = subprocess.Popen([NGINX, "-c", made.conf, "-e", "stderr", "-g", "daemon off;"], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not made.is_up():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield made
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
        shutil.rmtree(made.top, ignore_errors=True)


@pytest.fixture(scope="module")
def host():
    with running(Host()) as made:
        yield made


def test_nginx_takes_it_as_its_service_starts_it(host):
    done = subprocess.run([NGINX, "-t", "-c", host.conf, "-e", "stderr", "-g", "daemon on; master_process on;"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_it_serves_the_pages_and_says_that_no_worker_is_there(host):
    status, headers, _ = host.get("/docs")
    assert status == 200 and headers["Strict-Transport-Security"]
    assert host.get("/")[0] == 200
    status, headers, body = host.get("/admin/patients")
    assert status == 503 and headers["Content-Type"] == "application/problem+json" and '"code":"unavailable"' in body


def test_it_is_the_site_of_an_instance_but_for_places():
    template = (TOP / "nginx" / "nginx.conf.in").read_text(encoding="utf-8")
    template = re.sub(r"(?ms)^ *@IF TICKETS@\n.*?^ *@END@\n", "", template)  # for Lambda alone
    text = printed(*TLS)
    assert not re.search(r"@[A-Z_]+@", text) and "daemon" not in text
    kept = [line for line in template.splitlines() if "@" not in line or line.lstrip().startswith("location @")]
    lines = iter(text.splitlines())
    assert all(line in lines for line in kept)  # each of them, in their order
    for said in ("listen 443 ssl http2 reuseport;", "listen [::]:443 ssl http2 reuseport;", "server unix:/run/anamnesis/api.sock;",
                 "ssl_certificate     /etc/ssl/site.pem;", "ssl_certificate_key /etc/ssl/site.key;", "rate=50r/s",
                 "root /usr/local/share/anamnesis/nginx/www;", "alias /usr/local/share/anamnesis/docs/;",
                 "include /usr/local/share/anamnesis/lanes.conf;", "include /usr/local/share/anamnesis/problems.conf;",
                 "user www-data anamnesis;", "pid /run/nginx.pid;"):
        assert said in text, said
    assert "real_ip_header" not in text


def test_parts_go_to_the_store_or_to_s3_and_tickets_are_taken_where_lambda_leads_to():
    places = "location /files/incoming/ {", "location ~ \"^/files/t/"
    for environment, there in (({}, (True, False)), ({"ANAMNESIS_STORE_URL": "https://files.s3.eu-central-1.amazonaws.com"}, (False, False)),
                               ({"ANAMNESIS_FILES_URL": "https://files.example.org/files/t"}, (True, True))):
        text = printed(*TLS, **environment)
        assert tuple(place in text for place in places) == there and "location /.files/ {" in text and "@IF" not in text and "@END" not in text


def test_the_environment_sets_limits_addresses_and_proxies():
    text = printed(*TLS, ANAMNESIS_RATE="7", ANAMNESIS_AUTH_RATE_BURST="9", ANAMNESIS_LISTEN="192.0.2.1 [2001:db8::1]",
                   ANAMNESIS_TRUSTED_PROXIES="198.51.100.0/24", ANAMNESIS_REQUEST_SECONDS="60")
    for said in ("rate=7r/s", "zone=sign_in        burst=9 nodelay", "listen 192.0.2.1:443 ssl http2 reuseport;",
                 "listen [2001:db8::1]:443 ssl http2 reuseport;", "set_real_ip_from 198.51.100.0/24;", "fastcgi_read_timeout      605s;"):
        assert said in text, said


@pytest.mark.parametrize("arguments, environment, said", [
    ((), {}, "--certificate"), (TLS[:2], {}, "--key"), (("--certificate", "site.pem", *TLS[2:]), {}, "no absolute path"),
    (("--certificate", "/etc/ssl/a b;", *TLS[2:]), {}, "no absolute path"), ((*TLS, "--port", "0"), {}, "no port"),
    ((*TLS, "--port", "65536"), {}, "no port"), (TLS, {"ANAMNESIS_RATE": "0"}, "ANAMNESIS_RATE"),
    (TLS, {"ANAMNESIS_LISTEN": "127.0.0.1;"}, "ANAMNESIS_LISTEN"), (TLS, {"ANAMNESIS_TRUSTED_PROXIES": "a}"}, "ANAMNESIS_TRUSTED"),
    (TLS, {"ANAMNESIS_REQUEST_SECONDS": "soon"}, "ANAMNESIS_REQUEST_SECONDS"),
    *((TLS, {"ANAMNESIS_ALLOWED_ORIGINS": origin}, "ANAMNESIS_ALLOWED_ORIGINS") for origin in (
        "null", "*", "https://a.example/", "https://A.example", "a.example", 'https://a"b', "https://a.example;"))])
def test_what_nginx_could_not_use_is_refused(arguments, environment, said):
    assert said in refused(*arguments, **environment)


def test_portals_are_named_letter_by_letter():
    text = printed(*TLS, ANAMNESIS_ALLOWED_ORIGINS="https://a.example  http://[::1]:8080")
    assert r'"~^https://a\.example$" "https://a.example";' in text and '"http://[::1]:8080";' in text
    assert 'add_header Vary          "Origin" always;' in text


# --- Connections that ask for nothing. limit_conn counts requests whose headers were read; these are bounded by what follows.

CONNECTIONS = 64
MORE = 2 * CONNECTIONS


def is_closed(connection):
    """Whether nginx has ended it; what it said before does not count."""
    connection.setblocking(False)
    try:
        while True:
            if connection.recv(65536) == b"":
                return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def wait_until_closed(connections, count):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(is_closed(connection) for connection in connections) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_idle_connections_give_way_to_those_that_ask():
    """More of them than nginx has connections for: the oldest are ended, whoever comes is served."""
    with contextlib.ExitStack() as stack:
        host = stack.enter_context(running(Host(worker_processes=1, worker_connections=CONNECTIONS)))
        context = ssl.create_default_context(cafile=host.top / "site.pem")
        idle = []
        for _ in range(MORE):
            plain = socket.create_connection(("127.0.0.1", host.port), timeout=PATIENCE_SECONDS)
            idle.append(stack.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1")))
            idle[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle[-1].recv(65536).startswith(b"HTTP/1.1 200")
        assert host.get("/")[0] == 200
        wait_until_closed(idle, MORE - CONNECTIONS)


def test_half_sent_requests_end_and_others_are_served():
    """client_header_timeout (here shorter) ends what nobody goes on with: an address holds connections no longer than that."""
    with contextlib.ExitStack() as stack:
        host = stack.enter_context(running(Host(worker_processes=1, worker_connections=CONNECTIONS, client_header_timeout="2s")))
        context = ssl.create_default_context(cafile=host.top / "site.pem")
        begun = []
        for number in range(MORE):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", host.port), timeout=PATIENCE_SECONDS))
            if number < CONNECTIONS // 2:
                begun.append(stack.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1")))
                begun[-1].sendall(b"GET / HTTP/1.1\r\nHost:")
            else:
                begun.append(plain)  # not even a handshake
        assert host.get("/")[0] == 200
        wait_until_closed(begun, MORE)
