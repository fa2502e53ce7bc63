"""The Lambda program and the Runtime API: what Lambda does to it, and what it does then."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import TOP, unique
from support import client as api
from support import lambda_runtime as aws

CANARY = "canary-9f41c2"
DEMO_DEFAULT = TOP / "var" / "demo.json"


@pytest.fixture(scope="session")
def settings(demo):
    return aws.environment_of(os.environ.get("ANAMNESIS_DEMO", DEMO_DEFAULT))


@pytest.fixture
def function(settings):
    made = aws.Environment(aws.program(), settings)
    yield made
    made.close()


def answered(result):
    kind, body, _ = result
    assert kind == "response", result
    reply = json.loads(body)
    assert set(reply) <= {"statusCode", "headers", "cookies", "body", "isBase64Encoded"}
    return reply


def body_of(reply):
    text = reply.get("body", "")
    return json.loads(base64.b64decode(text) if reply["isBase64Encoded"] else text)


def failed(result, error_type):
    kind, body, headers = result
    assert kind == "error", result
    error = json.loads(body)
    assert error["errorType"] == error_type
    assert headers["lambda-runtime-function-error-type"] == error_type
    assert error["stackTrace"] == []
    return error


def post(path, body, **kwargs):
    """From an address of its own: failed sign-ins are counted by address."""
    kwargs.setdefault("source", api.random_address())
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return aws.event_of("POST", path, headers=[("Content-Type", "application/json")], body=text, **kwargs)


def wait_for(happened, seconds=10):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


# --- The loop

def test_one_process_serves_many_events(function):
    for _ in range(20):
        reply = answered(function.invoke(aws.event_of("GET", "/livez")))
        assert reply["statusCode"] == 200
    assert function.starts == 1


def test_a_fault_at_the_start_is_told_to_lambda(settings):
    broken = {name: value for name, value in settings.items() if name != "ANAMNESIS_DATABASE_URL"}
    with contextlib.closing(aws.Environment(aws.program(), broken).start()) as function:
        assert function.process.wait(10) != 0
        error, headers = function.api.init_error
        assert error["errorType"] == "Anamnesis.NotConfigured"
        assert "ANAMNESIS_DATABASE_URL" in error["errorMessage"]
        assert headers["lambda-runtime-function-error-type"] == "Anamnesis.NotConfigured"


def test_a_setting_that_is_wrong_is_told_to_lambda(settings):
    wrong = settings | {"ANAMNESIS_LOG_LEVEL": "loud"}
    with contextlib.closing(aws.Environment(aws.program(), wrong).start()) as function:
        assert function.process.wait(10) != 0
        assert "ANAMNESIS_LOG_LEVEL" in function.api.init_error[0]["errorMessage"]


def test_it_needs_lambda(settings):
    done = subprocess.run([aws.program()], env=settings, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode != 0
    assert "AWS_LAMBDA_RUNTIME_API" in done.stderr


@pytest.mark.parametrize("status", [403, 500])
def test_the_process_ends_when_the_runtime_api_is_broken(function, status):
    function.invoke(aws.event_of("GET", "/livez"))
    function.api.next_status = status
    function.api.events.put(aws.Invocation(aws.event_of("GET", "/livez"), 5))
    assert function.process.wait(10) != 0


@pytest.mark.parametrize("status", [403, 500])
def test_the_process_ends_when_its_answer_is_not_taken(function, status):
    function.start()
    function.api.post_status = status
    assert function.invoke(aws.event_of("GET", "/livez"))[0] == "exit"
    assert function.process.returncode != 0


def test_an_invocation_that_lambda_has_forgotten_does_not_stop_the_next(function):
    function.start()
    function.api.forgetful = True
    lost = aws.Invocation(aws.event_of("GET", "/livez"), 5)
    function.api.events.put(lost)
    wait_for(lambda: function.api.posts)
    function.api.forgetful = False
    assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200
    assert function.starts == 1


def test_a_reply_that_is_too_large_is_a_failed_invocation(function):
    function.start()
    function.api.payload_max = 100
    failed(function.invoke(aws.event_of("GET", "/openapi.json")), "Function.ResponseSizeTooLarge")
    function.api.payload_max = aws.PAYLOAD_MAX
    assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200


def test_an_event_that_is_too_large_is_a_failed_invocation(function):
    failed(function.invoke(b" " * (aws.PAYLOAD_MAX + 1)), "Anamnesis.EventTooLarge")
    assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200


def test_a_late_invocation_touches_nothing(function):
    function.start()
    failed(function.invoke(aws.event_of("GET", "/livez"), seconds=-1), "Anamnesis.DeadlinePassed")
    assert '"event":"request"' not in function.logged()


def test_after_a_crash_lambda_starts_another(function):
    function.invoke(aws.event_of("GET", "/livez"))
    function.process.send_signal(signal.SIGSTOP)
    invocation = aws.Invocation(aws.event_of("GET", "/livez"), 5)
    function.api.events.put(invocation)
    function.process.kill()
    function.process.wait(10)
    assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200
    assert function.starts == 2


def test_sigterm_ends_it_cleanly(function):
    function.invoke(aws.event_of("GET", "/livez"))
    function.process.terminate()
    assert function.process.wait(10) == 0


# --- Events

@pytest.mark.parametrize("event", [
    b"", b"null", b"[]", b"{}", b"{", b'"text"', b"\xff\xfe", b'{"version":"2.0"}',
    b'{"version":"2.0","version":"2.0"}',
    {"version": "1.0", "path": "/livez", "httpMethod": "GET"},
    {"source": "aws.events", "detail": {"secret": CANARY}},
], ids=range(11))
def test_other_events_fail_and_do_not_stop_it(function, event):
    error = failed(function.invoke(event), "Anamnesis.EventUnreadable")
    assert CANARY not in json.dumps(error)
    assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200
    assert CANARY not in function.logged()


def spoilt(**changes):
    event = aws.event_of("GET", "/livez")
    for name, value in changes.items():
        if name in event["requestContext"]["http"]:
            event["requestContext"]["http"][name] = value
        else:
            event[name] = value
    return event


@pytest.mark.parametrize("event", [
    spoilt(rawPath=""), spoilt(rawPath="livez"), spoilt(rawPath=1), spoilt(rawQueryString=[]), spoilt(headers=[]),
    spoilt(headers={"a": 1}), spoilt(headers={"a": "b\r\nc: d"}), spoilt(cookies="a=b"), spoilt(cookies=[1]),
    spoilt(cookies=["a=b\nc"]), spoilt(body={}), spoilt(isBase64Encoded="yes"),
    spoilt(body="!!", isBase64Encoded=True), spoilt(requestContext={}), spoilt(method=""), spoilt(method=None),
    spoilt(sourceIp="somewhere"), spoilt(sourceIp=""),
], ids=range(18))
def test_parts_of_events_are_not_guessed(function, event):
    failed(function.invoke(event), "Anamnesis.EventUnreadable")


def test_nothing_of_an_event_is_logged(function):
    event = post("/admin/auth/login", {"email": f"{unique(CANARY)}@example.org", "password": CANARY})
    event["headers"]["authorization"] = f"Bearer {CANARY}"
    event["cookies"] = [f"__Host-anamnesis_staff={CANARY}"]
    event["rawQueryString"] = f"token={CANARY}"
    answered(function.invoke(event))
    assert '"event":"request"' in function.logged()
    assert CANARY not in function.logged()


def test_a_body_in_base64_is_the_same_body(function):
    body = json.dumps({"email": f"{unique('nobody')}@example.org", "password": "some password or other"}).encode()
    plain = answered(function.invoke(post("/admin/auth/login", body)))
    event = post("/admin/auth/login", body)
    event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    encoded = answered(function.invoke(event))
    assert plain["statusCode"] == encoded["statusCode"] == 401
    assert body_of(plain)["code"] == body_of(encoded)["code"] == "sign-in-refused"


@pytest.mark.parametrize("body", [b'{"email":"a\x00"}', b'{"email":"\xff"}', b'{"email":"a', b'{"email":"\\ud800"}'])
def test_bad_text_in_a_body_is_the_clients_fault(function, body):
    reply = answered(function.invoke(post("/admin/auth/login", body)))
    assert reply["statusCode"] == 400
    problem = body_of(reply)
    assert problem["code"] == "malformed-json"
    assert reply["headers"]["X-Request-Id"] in problem["instance"]


def test_half_a_surrogate_pair_in_an_event_is_the_clients_fault(function):
    event = json.dumps(post("/admin/auth/login", {"a": "X"})).replace("X", "\\ud800").encode()
    assert answered(function.invoke(event))["statusCode"] == 400


def test_cookies_come_and_go_as_lists(function, new_practice):
    practice = new_practice()
    account = practice.accounts["physician"]
    first = body_of(answered(function.invoke(post("/admin/auth/login", {"email": account["email"],
                                                                       "password": account["password"]}))))
    reply = answered(function.invoke(post("/admin/auth/mfa", {"mfa_token": first["mfa_token"],
                                                              "code": api.totp(account["totp_secret"])})))
    assert reply["statusCode"] == 200, reply
    [cookie] = [one for one in reply["cookies"] if not one.startswith("__Host-anamnesis_device=")]
    assert "set-cookie" not in {name.lower() for name in reply["headers"]}
    assert cookie.startswith("__Host-anamnesis_staff=") and "HttpOnly" in cookie and "Secure" in cookie
    pair = cookie.split(";")[0]
    headers = [("Cookie", f"other=1; {pair}"), ("Cookie", "more=2")]
    session = answered(function.invoke(aws.event_of("GET", "/admin/auth/session", headers=headers)))
    assert session["statusCode"] == 200
    without = answered(function.invoke(aws.event_of("GET", "/admin/auth/session")))
    assert without["statusCode"] == 401


def test_a_named_stage_is_taken_off_the_path(function):
    assert answered(function.invoke(aws.event_of("GET", "/prod/livez", stage="prod")))["statusCode"] == 200
    assert answered(function.invoke(aws.event_of("GET", "/livez", stage="prod")))["statusCode"] == 200
    assert answered(function.invoke(aws.event_of("GET", "/production/livez", stage="prod")))["statusCode"] == 404
    assert answered(function.invoke(aws.event_of("GET", "/prod", stage="prod")))["statusCode"] == 404


@pytest.mark.parametrize("path", ["/%6civez", "/livez/", "//livez", "/livez/.", "/./livez", "/livez%00", "/livez%2f",
                                  "/liv\\ez", "/livé"])
def test_paths_have_one_form(function, path):
    assert answered(function.invoke(aws.event_of("GET", path)))["statusCode"] == 404


def test_security_headers_are_there_without_nginx(function):
    headers = {name.lower(): value for name, value in
               answered(function.invoke(aws.event_of("GET", "/livez")))["headers"].items()}
    assert headers["strict-transport-security"] == "max-age=63072000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "application/json"


def test_head_has_no_body(function):
    reply = answered(function.invoke(aws.event_of("HEAD", "/livez")))
    assert not reply.get("body")


def test_a_large_reply_passes(function):
    reply = answered(function.invoke(aws.event_of("GET", "/openapi.json")))
    assert body_of(reply)["openapi"].startswith("3.1")


def test_a_database_that_is_away_is_503(settings):
    away = settings | {"ANAMNESIS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"}
    with contextlib.closing(aws.Environment(aws.program(), away)) as function:
        reply = answered(function.invoke(aws.event_of("GET", "/readyz")))
        assert reply["statusCode"] == 503
        assert "Retry-After" in reply["headers"]
        assert answered(function.invoke(aws.event_of("GET", "/livez")))["statusCode"] == 200


# --- Portals on origins of their own

PORTAL = "https://portal.example"


@pytest.fixture
def portal(settings):
    made = aws.Environment(aws.program(), settings | {"ANAMNESIS_ALLOWED_ORIGINS": f"https://desk.example {PORTAL}"})
    yield made
    made.close()


def asked(function, method, path, **headers):
    event = aws.event_of(method, path, headers=[(name.replace("_", "-"), value) for name, value in headers.items()])
    reply = answered(function.invoke(event))
    return reply["statusCode"], {name.lower(): value for name, value in reply["headers"].items()}


def test_a_portal_of_an_allowed_origin_reads_the_answers(portal):
    status, headers = asked(portal, "OPTIONS", "/admin/patients", Origin=PORTAL, Access_Control_Request_Method="POST")
    assert status == 204 and headers["access-control-allow-methods"] == "GET, HEAD, POST"
    for path, status in (("/livez", 200), ("/admin/patients", 401)):
        found, headers = asked(portal, "GET", path, Origin=PORTAL)
        assert (found, headers["access-control-allow-origin"], headers["vary"]) == (status, PORTAL, "Origin")
        assert headers["access-control-allow-credentials"] == "true"
    for origin in ("https://elsewhere.example", "https://PORTAL.example", "null"):
        status, headers = asked(portal, "OPTIONS", "/admin/patients", Origin=origin, Access_Control_Request_Method="POST")
        assert status == 405 and "access-control-allow-origin" not in headers and headers["vary"] == "Origin"


def test_without_allowed_origins_nothing_is_said_of_them(function):
    status, headers = asked(function, "OPTIONS", "/admin/patients", Origin=PORTAL, Access_Control_Request_Method="POST")
    assert status == 405 and not {"vary", "access-control-allow-origin"} & set(headers)
