"""nginx in front of the peer: the instance's own site, with proxy_pass to kept connections where ours has fastcgi_pass."""

import pathlib
import re
import subprocess
import time

from harness import trace
from harness.instance import nginx_program

KEPT_CONNECTIONS = 32


def peer_site(text, *, instance_port, port, directory, sockets):
    """The instance's nginx.conf, changed only in where it listens, writes, and passes requests to."""
    servers = "".join(f"        server unix:{socket};\n" for socket in sockets)
    text = re.sub(r"upstream api \{.*?\}", f"upstream api {{\n{servers}        keepalive {KEPT_CONNECTIONS};\n    }}", text,
                  count=1, flags=re.DOTALL)
    text = re.sub(rf"(listen\s[^;]*?){instance_port}", rf"\g<1>{port}", text)
    text = re.sub(r"^pid .*?;", f"pid {directory}/nginx.pid;", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"access_log \S+", f"access_log {directory}/access.log", text, count=1)
    text = re.sub(r"\n *fastcgi_param [^\n]*", "", text)
    text = re.sub(r"fastcgi_pass [^;]*;", 'proxy_pass http://api;\n            proxy_http_version 1.1;\n'
                  '            proxy_set_header Connection "";\n            proxy_set_header Host $host;\n'
                  '            proxy_set_header X-Real-IP $remote_addr;', text)
    for setting in ("request_buffering", "next_upstream", "connect_timeout", "send_timeout", "read_timeout",
                    "pass_request_body"):
        text = text.replace(f"fastcgi_{setting}", f"proxy_{setting}")
    return re.sub(r"\n *fastcgi_(buffer_size|buffers|busy_buffers_size|max_temp_file_size) [^\n]*", "", text)


class Site:
    """A private nginx with that configuration."""

    def __init__(self, directory, text):
        self.directory = pathlib.Path(directory)
        self.file = self.directory / "nginx.conf"
        self.file.write_text(text, encoding="utf-8")
        self.process = None

    def start(self, url, ca_file):
        """Returns when it answers at all."""
        log = open(self.directory / "nginx.log", "w", encoding="utf-8")
        self.process = subprocess.Popen([nginx_program(), "-p", str(self.directory), "-c", str(self.file)], stdout=log, stderr=log)
        for _ in range(100):
            try:
                connection = trace.connect(url, ca_file)
                connection.request("GET", "/admin/auth/session")
                connection.getresponse().read()
                return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"the peer's nginx did not start: {(self.directory / 'nginx.log').read_text()}")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
