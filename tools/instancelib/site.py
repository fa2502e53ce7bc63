"""The site in front: a development CA and its certificate, and nginx's configuration."""
import os
import re
import socket
import subprocess
import sys

from . import Trouble
from .layout import BUILD, TOP

CA_DAYS = 3650
LEAF_DAYS = 90
RENEW_BEFORE_SECONDS = 30 * 86400

# The authority is good for this machine only: nothing else that it signed would be believed.
CA_EXTENSIONS = """\
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
nameConstraints=critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255,\
permitted;IP:::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF
"""
LEAF_EXTENSIONS = """\
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
"""

# Placeholder: (variable, default). Docs: docs/operations.md.
TUNABLE = {
    "RATE": ("ANAMNESIS_RATE", "50"),
    "BURST": ("ANAMNESIS_RATE_BURST", "100"),
    "AUTH_RATE": ("ANAMNESIS_AUTH_RATE", "5"),
    "AUTH_BURST": ("ANAMNESIS_AUTH_RATE_BURST", "20"),
    "AUTH_AT_ONCE": ("ANAMNESIS_AUTH_AT_ONCE", "8"),
    "CONNECTIONS": ("ANAMNESIS_CONNECTIONS", "100"),
    "PART_RATE": ("ANAMNESIS_PART_RATE", "20"),
    "PART_BURST": ("ANAMNESIS_PART_RATE_BURST", "40"),
    "PARTS_AT_ONCE": ("ANAMNESIS_PARTS_AT_ONCE", "16"),
}
# An IPv6 site (/48) may have as much as so many of its networks (/64).
SITE_FACTOR = 8
NGINX_MOST = {"CONNECTIONS": 65535, "PARTS_AT_ONCE": 65535}  # limit_conn takes no more


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *[str(word) for word in arguments]], input=text, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"openssl {arguments[0]} failed:\n{done.stderr}")


def make_key(path):
    old = os.umask(0o077)
    try:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    finally:
        os.umask(old)


def is_fresh(certificate):
    done = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-checkend", str(RENEW_BEFORE_SECONDS)],
                          capture_output=True, check=False)
    return done.returncode == 0


def certificates(layout):
    """Makes what is missing or about to expire. True when the server's certificate is new."""
    tls = layout.tls
    ca, ca_key, leaf, leaf_key = tls / "ca.pem", tls / "ca.key", tls / "server.pem", tls / "server.key"
    if not ca.exists():
        make_key(ca_key)
        extensions = tls / "ca.ext"
        extensions.write_text(CA_EXTENSIONS, encoding="utf-8")
        request = tls / "ca.csr"
        openssl("req", "-new", "-key", ca_key, "-subj", f"/CN=Anamnesis development CA {layout.hash}", "-out", request)
        openssl("x509", "-req", "-in", request, "-signkey", ca_key, "-days", CA_DAYS, "-extfile", extensions,
                "-out", ca)
        leaf.unlink(missing_ok=True)
    if leaf.exists() and is_fresh(leaf):
        return False
    make_key(leaf_key)
    extensions = tls / "server.ext"
    extensions.write_text(LEAF_EXTENSIONS, encoding="utf-8")
    request, fresh = tls / "server.csr", tls / "server.new"
    openssl("req", "-new", "-key", leaf_key, "-subj", "/CN=localhost", "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", LEAF_DAYS,
            "-extfile", extensions, "-out", fresh)
    fresh.rename(leaf)
    return True


def listens(port):
    """nginx's listen lines: this machine only, unless ANAMNESIS_LISTEN names addresses (separated by blanks).

    Each of nginx's processes has a queue of its own (reuseport): from one that all share, the first to wake takes nearly all
    connections, and with them their TLS."""
    addresses = os.environ.get("ANAMNESIS_LISTEN", "").split()
    if not addresses:
        addresses = ["127.0.0.1"]
        if socket.has_ipv6:
            try:
                with socket.socket(socket.AF_INET6) as probe:
                    probe.bind(("::1", 0))
                addresses.append("[::1]")
            except OSError:
                pass
    return "\n".join(f"        listen {address}:{port} ssl http2 reuseport;" for address in addresses)


def require_free(port):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                raise Trouble(f"Port {port} is taken by another program. Choose another: make start PORT={port + 1000}")


def real_ip():
    """X-Forwarded-For is believed from these addresses only."""
    proxies = os.environ.get("ANAMNESIS_TRUSTED_PROXIES", "").split()
    lines = [f"    set_real_ip_from {proxy};" for proxy in proxies]
    return "\n".join(lines + ["    real_ip_header X-Forwarded-For;", "    real_ip_recursive on;"] if lines else [])


def origins():
    """The portals that may read our answers (ANAMNESIS_ALLOWED_ORIGINS), letter by letter as browsers write them."""
    found = os.environ.get("ANAMNESIS_ALLOWED_ORIGINS", "").split()
    for origin in found:
        if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?", origin):
            raise Trouble(f"ANAMNESIS_ALLOWED_ORIGINS: {origin!r} is no origin (scheme://host[:port], in lower case, without a path)")
    # Expressions: a plain text of a map would match in any case.
    lines = [f'        "~^{re.escape(origin)}$" "{origin}";' for origin in dict.fromkeys(found)]
    return {"ALLOWED_ORIGINS": "\n".join(lines), "VARY": "Origin" if lines else ""}


def limits(request_seconds):
    """What the environment says of rates, connections and times."""
    # Longer than the watchdog's limit, so that it is the watchdog that ends a request. Bulk has ten times as long.
    values = {"READ_SECONDS": request_seconds * 10 + 5}
    for name, (variable, default) in TUNABLE.items():
        values[name] = os.environ.get(variable, default)
        if not re.fullmatch(r"[1-9]\d{0,6}", values[name]):
            raise Trouble(f"{variable} must be a whole number from 1 to 9999999")
        values[f"SITE_{name}"] = min(int(values[name]) * SITE_FACTOR, NGINX_MOST.get(name, sys.maxsize))
    return values


def render(values):
    """nginx.conf.in with every name filled in, and without the parts that this store does not need."""
    text = (TOP / "nginx" / "nginx.conf.in").read_text(encoding="utf-8")
    there = {"PARTS": not os.environ.get("ANAMNESIS_STORE_URL"), "TICKETS": bool(os.environ.get("ANAMNESIS_FILES_URL"))}
    text = re.sub(r"(?ms)^ *@IF ([A-Z]+)@\n(.*?)^ *@END@\n", lambda found: found[2] if there[found[1]] else "", text)
    return re.sub(r"@([A-Z_]+)@", lambda found: str(values[found.group(1)]), text)


def require_accepted(path, *arguments):
    """That nginx takes the configuration."""
    done = subprocess.run([nginx_program(), "-t", "-q", *arguments, "-c", path, "-e", "stderr"], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"nginx does not accept {path}:\n{done.stderr}")


def configure(layout, port, request_seconds):
    """Renders nginx.conf.in. Returns the configuration's path."""
    lanes, problems = (layout.nginx / name for name in ("lanes.conf", "problems.conf"))
    for made in (lanes, problems):
        made.write_text((BUILD / "gen" / made.name).read_text(encoding="utf-8"), encoding="utf-8")
    path = layout.nginx / "nginx.conf"
    path.write_text(render({
        "USER": "user www-data anamnesis;" if layout.root else "", "PID": layout.nginx / "nginx.pid",
        "DAEMON": "daemon off;", "ERROR_LOG": "stderr", "TEMP_DIR": layout.nginx / "tmp", "LOG_DIR": layout.log,
        "BODY_DIR": layout.body, "CERTIFICATE": layout.tls / "server.pem", "CERTIFICATE_KEY": layout.tls / "server.key",
        "SOCKET_DIR": layout.run, "STORE_SOCKET_DIR": layout.store_run, "SITE": layout.site, "DOCS": layout.site / "docs", "LANES": lanes,
        "PROBLEMS": problems, "LISTEN": listens(port), "REAL_IP": real_ip()} | limits(request_seconds) | origins()), encoding="utf-8")
    require_accepted(path, "-p", layout.nginx)
    return path


def prepare_log(layout):
    """nginx would make its log readable by all, and it holds addresses of clients."""
    log = layout.log / "access.log"
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o640))
    log.chmod(0o640)


def nginx_program():
    for program in ("/usr/sbin/nginx", "/usr/local/sbin/nginx"):
        if os.access(program, os.X_OK):
            return program
    raise Trouble("nginx is not installed. `tools/install run` installs it.")
