"""Parts of uploads, as a client sends them: URLs that this signs by itself with the instance's key, by AWS' own description
of Signature Version 4, and PUTs of chance bytes."""

import base64
import hashlib
import hmac
import json
import pathlib
import time
import urllib.parse
import uuid

SIGNED = ("content-length", "host", "if-none-match", "x-amz-checksum-sha256")


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def quoted(text):
    return urllib.parse.quote(text, safe="-_.~")


class Signer:
    """Signs for one instance; every detail may be another one than it should be."""

    def __init__(self, keyring, base_url):
        keys = json.loads(pathlib.Path(keyring).read_text(encoding="utf-8"))["files"]
        newest = max((key for key in keys if not key.get("standby")), key=lambda key: key["version"])
        self.version = newest["version"]
        master = base64.urlsafe_b64decode(newest["key"] + "=")
        self.secret = mac(master, "files.urls:1\x01").hex()
        self.host = urllib.parse.urlsplit(base_url).netloc

    def query(self, path, headers, *, method="PUT", at=None, seconds=300, key_id=None, secret=None, signed=SIGNED, host=None,
              region="local", service="s3"):
        """What stands behind the "?"; `headers` are those that are sent."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() if at is None else at))
        scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
        pairs = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{key_id or f'local-{self.version}'}/{scope}",
                 "X-Amz-Date": stamp, "X-Amz-Expires": str(seconds), "X-Amz-SignedHeaders": ";".join(signed)}
        query = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in sorted(pairs.items()))
        lower = {name.lower(): value for name, value in headers.items()} | {"host": host or self.host}
        lines = "".join(f"{name}:{lower[name]}\n" for name in signed)
        request = "\n".join([method, urllib.parse.quote(path, safe="/-_.~"), query, lines, ";".join(signed), "UNSIGNED-PAYLOAD"])
        key = ("AWS4" + (self.secret if secret is None else secret)).encode()
        for part in scope.split("/"):
            key = mac(key, part)
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
        return f"{query}&X-Amz-Signature={mac(key, text).hex()}"


class Part:
    """One part: its bytes, its place, and what a client must send."""

    def __init__(self, signer, content, upload=None, number=1, **changes):
        self.content, self.upload, self.number = content, str(upload or uuid.uuid4()), number
        self.path = f"/files/incoming/{self.upload}/{number}"
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        self.headers = {"Content-Length": str(len(content)), "If-None-Match": "*", "x-amz-checksum-sha256": digest}
        self.query = signer.query(self.path, self.headers, **changes)

    @property
    def target(self):
        return f"{self.path}?{self.query}"

    def head(self, **headers):
        """The request up to the body, for what no HTTP library would send."""
        sent = self.headers | {"Host": "localhost", "Connection": "close"} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value is not None)
        return f"PUT {self.target} HTTP/1.1\r\n{lines}\r\n".encode()

    def send(self, client, content=None, target=None, **headers):
        return client.call("PUT", target or self.target, data=self.content if content is None else content,
                           headers={name: value for name, value in (self.headers | headers).items() if value is not None})
