"""Where AWS puts keys that end: the instance metadata service (version 2), and the agent of a container.

Sources: docs.aws.amazon.com, "Use the Instance Metadata Service to access instance metadata", "Task IAM role" (ECS) and "Container
credential provider" (SDKs and tools).
"""

import datetime
import http.server
import json
import threading
import time

ROLE = "clinic-role"
ROLES = "/latest/meta-data/iam/security-credentials/"
AGENT = "/v2/credentials/4b9f2c"


class Metadata:
    """Answers both at one address. `lives` are seconds that keys are good for; each that are given have a number of their own."""

    def __init__(self, address="127.0.0.1", port=0):
        self.lives, self.given, self.asked = 3600, [], []
        self.agent_token = None       # what the agent wants as Authorization
        self.answer = None            # (status, body) in place of keys
        self.token = "AQAEAExample=="
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(("GET", self.path))
                self.reply(*outer.get(self.path, self.headers))

            def do_PUT(self):
                outer.asked.append(("PUT", self.path))
                is_right = self.path == "/latest/api/token" and 1 <= int(self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", 0)) <= 21600
                self.reply(*((200, outer.token) if is_right else (400, "")))

            def reply(self, status, text):
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path, headers):
        if path.startswith(ROLES):
            if headers.get("X-aws-ec2-metadata-token") != self.token:
                return 401, ""
            if path == ROLES:
                return 200, ROLE + "\n"
            return (self.answer or (200, self.keys(Code="Success", Type="AWS-HMAC"))) if path == ROLES + ROLE else (404, "")
        if path == AGENT:
            return (self.answer or (200, self.keys(RoleArn="arn:aws:iam::1:role/clinic"))) if headers.get("Authorization") == self.agent_token else (401, "")
        return 404, ""

    def keys(self, **more):
        number = len(self.given) + 1
        ends = time.time() + self.lives
        self.given.append(ends)
        text = datetime.datetime.fromtimestamp(int(ends), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"AccessKeyId": f"ASIA{number:016}", "SecretAccessKey": f"secret/{number}", "Token": f"token/{number}==",
                           "Expiration": text, **more})

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
