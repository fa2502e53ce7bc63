"""lib/cloud's client of S3 (tests/programs/s3_run.c), asked line by line; and what its log said."""

import json
import os
import subprocess
import tempfile

from support import programs

KEY = "AKIAEXAMPLEEXAMPLE00"
SECRET = "an example secret of forty characters 00"
REGION = "eu-central-1"
# Nothing of the environment that the tests run in may be a source of keys.
SOURCES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
           "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
           "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT")


class Client:
    """One process with one connection."""

    def __init__(self, url, seconds=10, ca_file=None, region=REGION, keys=(KEY, SECRET), around=(), **environment):
        names = {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]} if keys else {}
        kept = {name: value for name, value in os.environ.items() if name not in SOURCES}
        self.said = tempfile.TemporaryFile("w+")
        words = [*around, programs.built("s3_run"), url, region, str(seconds), *([ca_file] if ca_file else [])]
        self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True,
                                        env={**kept, **names, **environment})

    def ask(self, do, **case):
        self.process.stdin.write(json.dumps({"do": do, **case}, ensure_ascii=False) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"s3_run ended with {self.process.wait()}: {self.log_text()[-2000:]}")
        return json.loads(line)

    def put(self, key, content, **more):
        return self.ask("put", key=key, bytes=content.hex(), **more)["result"]

    def get(self, key, start, size):
        answer = self.ask("get", key=key, **{"from": start}, size=size)
        assert answer["untouched"]
        return answer["result"], bytes.fromhex(answer["bytes"])

    def whole(self, key, size):
        """The bytes of an object of this size; asked for one more, so that a longer one is seen."""
        result, content = self.get(key, 0, size + 1)
        assert result == "done", (key, result)
        return content

    def delete(self, key):
        return self.ask("delete", key=key)["result"]

    def keys(self, prefix=""):
        answer = self.ask("list", prefix=prefix)
        assert answer["result"] == "done"
        return [key for key, _, _ in answer["keys"]]

    def log_text(self):
        self.said.seek(0)
        return self.said.read()

    def log(self):
        return [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.said.close()
