"""Where keys come from, when they are renewed, and what is not asked. A presigned URL shows which keys are used."""

import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest
from support import namespaces
from support.metadata import AGENT, ROLE, ROLES, Metadata
from support.s3_client import SECRET, Client

HERE = pathlib.Path(__file__).resolve().parent
BUCKET = "https://files.s3.eu-central-1.amazonaws.com"
DIGEST = "00" * 32
PATIENCE_SECONDS = 20


@pytest.fixture
def metadata():
    server = Metadata()
    yield server
    server.stop()


def presigned(client, seconds=1):
    """The id and the token of the keys that a URL was signed with; None when there are none."""
    url = client.ask("presign", key="a", size=1, digest=DIGEST, seconds=seconds)["url"]
    if url is None:
        return None
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    return query["X-Amz-Credential"].partition("/")[0], query.get("X-Amz-Security-Token")


def keys(number):
    return f"ASIA{number:016}", f"token/{number}=="


def are_renewed(found):
    """They are later ones than the first: the second are replaced soon as well."""
    return found is not None and found > keys(1)


def machine(metadata, **environment):
    return Client(BUCKET, keys=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url, **environment)


def container(metadata, **environment):
    return Client(BUCKET, keys=None, AWS_CONTAINER_CREDENTIALS_FULL_URI=metadata.url + AGENT, **environment)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_environment_comes_first(metadata):
    with Client(BUCKET, keys=("AKIA1", SECRET), AWS_CONTAINER_CREDENTIALS_FULL_URI=metadata.url + AGENT) as client:
        assert presigned(client, 604800) == ("AKIA1", None)
    with Client(BUCKET, keys=("AKIA1", SECRET), AWS_SESSION_TOKEN="of/mine=") as client:
        assert presigned(client) == ("AKIA1", "of/mine=")
    assert metadata.asked == []


def test_a_machine_is_asked_with_a_token_and_then_not_again(metadata):
    with machine(metadata) as client:
        assert metadata.asked == []  # nobody has needed keys
        for _ in range(3):
            assert presigned(client, 300) == keys(1)
    assert metadata.asked == [("PUT", "/latest/api/token"), ("GET", ROLES), ("GET", ROLES + ROLE)]


def test_a_container_comes_before_its_machine(metadata):
    with container(metadata, AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url) as client:
        assert presigned(client) == keys(1)
    assert metadata.asked == [("GET", AGENT)]


def test_the_token_of_a_container_is_read_each_time(metadata, tmp_path):
    token = tmp_path / "token"
    token.write_text("first\n", encoding="utf-8")
    metadata.agent_token, metadata.lives = "first", 5
    with container(metadata, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token)) as client:
        assert presigned(client) == keys(1)
        token.write_text("second", encoding="utf-8")
        metadata.agent_token = "second"
        wait_for(lambda: are_renewed(presigned(client)))
    metadata.agent_token = "of the environment"
    with container(metadata, AWS_CONTAINER_AUTHORIZATION_TOKEN="of the environment") as client:
        assert presigned(client) is not None
    with container(metadata, AWS_CONTAINER_AUTHORIZATION_TOKEN="another") as client:
        assert presigned(client) is None
    with container(metadata, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "absent")) as client:
        assert presigned(client) is None


@pytest.mark.parametrize("source", [machine, container])
def test_keys_are_renewed_before_they_end(metadata, source):
    metadata.lives = 15
    with source(metadata) as client:
        assert presigned(client) == keys(1)
        wait_for(lambda: are_renewed(presigned(client)))
        assert metadata.given[1] - metadata.lives < metadata.given[0]  # given before the first ones ended


@pytest.mark.parametrize("source", [machine, container])
def test_what_is_there_is_used_until_its_end_when_the_source_is_gone(metadata, source):
    metadata.lives = 4
    with source(metadata) as client:
        assert presigned(client) == keys(1)
        metadata.answer = (503, "")
        asked = len(metadata.asked)
        wait_for(lambda: presigned(client) is None or time.time() > metadata.given[0] + 5)
        assert presigned(client) is None
        assert time.time() >= int(metadata.given[0]) - 1  # a URL is good for a second
        assert len(metadata.asked) > asked
        metadata.answer = None
        wait_for(lambda: are_renewed(presigned(client)))


def test_a_url_is_not_promised_for_longer_than_its_keys(metadata):
    metadata.lives = 600
    with machine(metadata) as client:
        assert presigned(client, 700) is None
        assert presigned(client, 500) == keys(1)


DAMAGED = [
    (200, ""), (200, "keys"), (200, "[]"), (200, "{}"), (200, "null"), (200, '{"AccessKeyId": "A"'), (200, "x" * 100_000), (404, "none"), (500, "{}"),
    (302, "{}"), (206, "{}"), (200, '{"Code": "AssumeRoleUnauthorizedAccess"}'),
]


def changed(**members):
    good = {"Code": "Success", "AccessKeyId": "A", "SecretAccessKey": "B", "Token": "C", "Expiration": "2100-01-01T00:00:00Z"}
    return 200, json.dumps({name: value for name, value in (good | members).items() if value is not None})


DAMAGED += [changed(**{name: value}) for name in ("AccessKeyId", "SecretAccessKey", "Token") for value in (None, "", 1, "x" * 5000)]
DAMAGED += [changed(Expiration=value) for value in (None, "", "soon", 1, "2020-01-01T00:00:00Z")]
DAMAGED += [changed(Code="Failed"), changed(Token="a\r\nX-Other: b"), changed(AccessKeyId="a\nb"), changed(Token="a\u0000b")]


@pytest.mark.parametrize("source", [machine, container])
@pytest.mark.parametrize("answer", DAMAGED, ids=lambda answer: f"{answer[0]} {answer[1][:60]}")
def test_what_are_no_keys_is_not_used(metadata, source, answer):
    metadata.answer = answer
    with source(metadata) as client:
        assert presigned(client) is None
        assert "credentials-failed" in {line["event"] for line in client.log()}
        assert client.process.poll() is None


def test_a_good_answer_of_the_same_form_is_used(metadata):
    metadata.answer = changed()
    with machine(metadata) as client:
        assert presigned(client) == ("A", "C")


def test_a_machine_that_does_not_answer_is_explained_and_not_waited_for():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with Client(BUCKET, keys=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}") as client:
            assert presigned(client) is None
            assert any("hop limit" in line.get("why", "") for line in client.log())


def test_nothing_of_the_keys_is_logged(metadata):
    metadata.agent_token = "of/the/agent"
    for source in (machine, container):
        with source(metadata, AWS_CONTAINER_AUTHORIZATION_TOKEN="of/the/agent") as client:
            assert presigned(client) is not None
            log = client.log_text()
            assert "credentials-renewed" in log
            assert not any(word in log for word in ("ASIA", "secret/", "token/", "of/the/agent", metadata.token))


REFUSED = [
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}
    for url in ("http://agent.example/keys", "http://10.0.0.1/keys", "http://169.254.170.20/", "http://127.0.0.1.example/", "ftp://127.0.0.1/",
                "http://127.0.0.1@agent.example/", "http://localhost.example/", "http://[fd00:ec2::24]/", "file:///etc/passwd", "keys")
] + [
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path} for path in ("keys", "@agent.example/", ".example/", ":80@agent.example/")
] + [
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url} for url in ("http://agent.example", "http://10.0.0.1", "http://169.254.169.25")
] + [
    {"AWS_EC2_METADATA_DISABLED": "true"}, {"AWS_ACCESS_KEY_ID": "A"}, {"AWS_SECRET_ACCESS_KEY": "B"},
    {"AWS_ACCESS_KEY_ID": "A" * 200, "AWS_SECRET_ACCESS_KEY": "B"},
]


@pytest.mark.parametrize("environment", REFUSED, ids=lambda environment: next(iter(environment.values())))
def test_a_place_that_a_token_may_not_go_to_is_refused_at_the_start(environment):
    with Client(BUCKET, keys=None, **environment) as client:
        assert client.process.wait(timeout=PATIENCE_SECONDS) == 2
        assert next(iter(environment)).rpartition("_")[0][:4] in client.log_text()


def test_the_agent_of_ecs_is_asked_at_its_own_address():
    namespaces.need("--net")
    done = subprocess.run(["unshare", "--net", "--map-root-user", sys.executable, HERE / "at_address.py"], capture_output=True, text=True, check=False,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == list(keys(1))
