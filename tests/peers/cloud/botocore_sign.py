"""Signs as botocore does. Each line of the input is a case of test_sigv4.py; each answer has the authorization, or the target."""

import datetime
import json
import sys
import types
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def quoted(text):
    return urllib.parse.quote(text, safe="~")


def request_of(case):
    query = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in case["query"])
    url = f"https://{case['host']}{urllib.parse.quote(case['path'], safe='/~')}" + (f"?{query}" if query else "")
    body = case.get("body")
    request = AWSRequest(method=case["method"], url=url, headers=dict(case["headers"]), data=body and body.encode())
    if body is None:  # not signed
        request.context["client_config"] = types.SimpleNamespace(s3={"payload_signing_enabled": False})
    return request


def sign(case):
    keys = Credentials(case["id"], case["secret"], case["token"])
    moment = datetime.datetime.fromtimestamp(case["at"], datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda: moment
    if "seconds" in case:
        request = request_of(case | {"body": ""})
        botocore.auth.S3SigV4QueryAuth(keys, "s3", case["region"], expires=case["seconds"]).add_auth(request)
        return {"target": request.url.removeprefix(f"https://{case['host']}")}
    request = request_of(case)
    botocore.auth.S3SigV4Auth(keys, "s3", case["region"]).add_auth(request)
    return {"authorization": request.headers["Authorization"]}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(sign(json.loads(line))))
