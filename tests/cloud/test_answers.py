"""What the client makes of each answer that S3's documentation names, and of those that are none. A call takes two seconds at most."""

import base64
import hashlib
import time

import pytest
from support import namespaces
from support.certificates import Certificates
from support.s3_client import SECRET, Client
from support.scripted_server import ScriptedServer, error, reply

LIST = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
WRITTEN = reply(200, ETag='"a"')
CALL_SECONDS = 2
PAUSE_SECONDS = 3  # beyond a call's time: a busy machine


def put(client):
    return client.put("a", b"hello")


def get(client):
    result, content = client.get("a", 10, 5)
    assert result == "done" or content == b""
    return result


def head(client):
    return client.ask("head", key="a")["result"]


def delete(client):
    return client.delete("a")


def listed(client):
    return client.ask("list", prefix="")["result"]


def below(client):
    return client.ask("list", prefix="incoming/")["result"]


def tag(client):
    return client.ask("tag", key="a", name="b")["result"]


ALL = (put, get, head, delete, listed, tag)


def part(body=b"hello", status=206, said="bytes 10-14/100", **headers):
    return reply(status, body, **({"Content_Range": said} if said else {}), ETag='"a"', **headers)


def page(*keys, token=None):
    entries = "".join(f"<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-01-31T08:00:00.000Z</LastModified></Contents>" for key in keys)
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else "<IsTruncated>false</IsTruncated>"
    return reply(200, f"<ListBucketResult>{more}{entries}</ListBucketResult>".encode())


GOOD = [(put, WRITTEN), (put, reply(200, ETag='"a"', x_amz_checksum_sha256="LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")), (get, part()),
        (get, part(b"he", said="bytes 10-11/12")), (get, part(said="bytes 10-14/100 ")), (listed, page("a", "a-", "a/", "b", "\u00e9", "\U0001f600")),
        (below, page("incoming/a")), (get, error(416, "InvalidRange")), (head, reply(200, ETag='"a"', Content_Length=5)), (delete, reply(204)),
        (listed, reply(200, LIST)), (tag, reply(200, b"<Tagging><TagSet/></Tagging>"))]

# The last of each: whether it is tried again.
ENDS = [
    *((do, error(503, "SlowDown"), "unreachable", True) for do in ALL),
    *((do, error(500, "InternalError"), "unreachable", True) for do in ALL),
    *((do, reply(502, b"<html>Bad gateway</html>"), "unreachable", True) for do in ALL),
    *((do, reply(429), "unreachable", True) for do in ALL),
    *((do, error(400, "RequestTimeout"), "unreachable", True) for do in ALL if do is not head),
    *((do, error(409, "ConditionalRequestConflict"), "unreachable", True) for do in (put, delete)),
    *((do, error(200, "InternalError"), "unreachable", True) for do in (put, listed, tag)),
    *((do, error(200, "SlowDown"), "unreachable", True) for do in (put, listed, tag)),
    *((do, error(200, "AccessDenied"), "refused", False) for do in (put, listed, tag)),
    *((do, error(403, "AccessDenied"), "refused", False) for do in ALL if do is not head),
    *((do, error(403, "SignatureDoesNotMatch"), "refused", False) for do in ALL if do is not head),
    *((do, error(403, "RequestTimeTooSkewed", "<ServerTime>2026-01-31T08:00:00Z</ServerTime>"), "refused", False) for do in ALL if do is not head),
    *((do, error(400, "ExpiredToken"), "refused", False) for do in ALL if do is not head),
    *((do, error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"), "refused", False) for do in ALL if do is not head),
    *((do, error(404, "NoSuchBucket"), "refused", False) for do in ALL if do is not head),
    *((do, error(501, "NotImplemented"), "failed", False) for do in ALL if do is not head),
    *((do, error(400, "InvalidRequest"), "failed", False) for do in ALL if do is not head),
    *((do, error(404, "NoSuchKey"), "absent", False) for do in (get, tag)), (delete, error(404, "NoSuchKey"), "done", False),
    (put, error(400, "BadDigest"), "damaged", False), (put, error(400, "XAmzContentSHA256Mismatch"), "damaged", False),
    # not S3's
    *((do, reply(200, b"<html>Welcome</html>", ETag='"a"'), "damaged", True) for do in ALL if do is not head),
    *((do, reply(403, b"<html>Sign in</html>"), "refused", True) for do in ALL if do is not head),
    *((do, reply(404, b"<html>Not found</html>"), "damaged", True) for do in ALL if do is not head),
    (put, reply(200), "damaged", True), (put, reply(204, ETag='"a"'), "damaged", True), (head, reply(200, Content_Length=5), "damaged", True),
    (put, reply(200, ETag='"a"', x_amz_checksum_sha256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), "damaged", True),
    # another part than the one that was asked for
    *((get, part(body, said=said), "damaged", True) for body, said in (
        (b"hello", None), (b"hello", ""), (b"hello", "bytes 0-4/100"), (b"hello", "bytes 11-15/100"), (b"hell", "bytes 10-13/100"), (b"hell", "bytes 10-14/100"),
        (b"hello", "bytes 10-14/*"), (b"hello", "bytes 10-14/12"), (b"hello", "bytes 10-14/99999999999999999999"), (b"hello", "bytes=10-14/100"),
        (b"", "bytes 10-9/100"), (b"hello", "bytes -10-14/100"))),
    (get, part(b"hello!", said="bytes 10-15/100"), "damaged", True), (get, part(b"h" * 100_000), "damaged", True), (get, part(status=200), "damaged", True),
    (get, part(b"hello", said="bytes 0-4/5"), "damaged", True),
    # what a part behind the end is answered with, to another question or with another status
    *((do, error(416, "InvalidRange"), "damaged", True) for do in (put, delete, listed, tag)),
    *((do, error(status, "InvalidRange"), "damaged", True) for do in (put, get, delete, listed, tag) for status in (200, 400)),
    # lists of something else, or that never end
    (listed, page("a", "a"), "damaged", True), (listed, page("b", "a"), "damaged", True), (below, page("sealed/a"), "damaged", True),
    (below, page("incoming/a", "sealed/a"), "damaged", True), (below, page("incoming"), "damaged", True), (listed, page("a", token="x"), "damaged", False),
    # cut, endless, or no HTTP
    (get, part(b"hel", Content_Length=5, Connection="close"), "unreachable", True), (listed, reply(200, LIST[:20], Content_Length=len(LIST), Connection="close"), "unreachable", True),
    (listed, reply(200, LIST[:20]), "damaged", True), (listed, reply(200, b"<!DOCTYPE a>" + LIST), "damaged", True),
    *((do, b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "unreachable", True) for do in ALL), *((do, b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000, "damaged", True) for do in ALL),
    *((do, b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, "damaged", True) for do in ALL),
]


def identity(case):
    return case.__name__ if callable(case) else case[:60].decode("latin-1").replace("\r\n", " ") if isinstance(case, bytes) else str(case)


@pytest.mark.parametrize(("do", "answer"), GOOD, ids=identity)
def test_what_s3_answers_is_taken(do, answer):
    with ScriptedServer(answer) as server, Client(server.url, seconds=1) as client:
        assert do(client) == "done"
        assert len(server.asked) == 1


@pytest.mark.parametrize(("do", "answer", "result", "again"), ENDS, ids=identity)
def test_each_other_answer_has_its_end(do, answer, result, again):
    with ScriptedServer(answer) as server, Client(server.url, seconds=CALL_SECONDS) as client:
        begun = time.monotonic()
        assert do(client) == result
        assert time.monotonic() - begun < CALL_SECONDS + PAUSE_SECONDS
        assert (client.log()[0]["tries"] > 1) == again
        assert client.process.poll() is None


def test_a_try_that_arrived_without_an_answer_is_done():
    digest = hashlib.sha256(b"hello").digest()
    there = reply(200, ETag='"a"', Content_Length=5, x_amz_checksum_sha256=base64.b64encode(digest).decode())

    def answer(method, number):
        return there if method == "HEAD" else error(503, "SlowDown") if number == 1 else error(412, "PreconditionFailed")

    with ScriptedServer(answer) as server, Client(server.url) as client:
        assert put(client) == "done"
        assert client.put("a", b"hellO") == "exists"
        assert client.put("a", b"hello!") == "exists"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed_and_the_right_region_is_named(status):
    with ScriptedServer(WRITTEN) as elsewhere:
        more = "<Endpoint>files.s3.eu-west-1.amazonaws.com</Endpoint>"
        away = error(status, "PermanentRedirect", more, Location=elsewhere.url, x_amz_bucket_region="eu-west-1")
        bare = reply(status, Location=elsewhere.url, x_amz_bucket_region="eu-west-1")
        for answer in (away, bare):
            with ScriptedServer(answer) as server, Client(server.url, seconds=1) as client:
                assert {do(client) for do in ALL} == {"refused"}
                told = [line for line in client.log() if line["event"] == "s3-elsewhere"]
                assert {line["region"] for line in told} == {"eu-west-1"}
                said = {"files.s3.eu-west-1.amazonaws.com", None} if answer is away else {None}  # to a HEAD nothing is
                assert {line["endpoint"] for line in told} == said
        assert elsewhere.asked == []


def test_a_wrong_clock_is_said_in_words():
    with ScriptedServer(error(403, "RequestTimeTooSkewed", "<ServerTime>2026-01-31T08:00:00Z</ServerTime>")) as server, Client(server.url) as client:
        assert put(client) == "refused"
        told = [line for line in client.log() if line["event"] == "s3-clock"]
        assert "clock of this machine" in told[0]["why"]
        assert told[0]["server_time"] == "2026-01-31T08:00:00Z"


def test_a_head_that_says_nothing_is_explained_by_a_get():
    def answer(method, _number):
        return reply(404, Content_Length=0) if method == "HEAD" else error(404, "NoSuchBucket")

    with ScriptedServer(answer) as server, Client(server.url) as client:
        assert head(client) == "refused"


@pytest.mark.parametrize("of_head", [reply(403, Content_Length=0), error(416, "InvalidRange")], ids=identity)
def test_a_head_that_is_doubted_is_asked_again_with_pauses(of_head):
    """Somebody in between answers HEAD, and S3 the GET: not as often as they can, and not for longer than a call's time."""
    def answer(method, _number):
        return of_head if method == "HEAD" else part(b"h", said="bytes 0-0/5")

    with ScriptedServer(answer) as server, Client(server.url, seconds=CALL_SECONDS) as client:
        begun = time.monotonic()
        assert head(client) == "unreachable"
        assert time.monotonic() - begun < CALL_SECONDS + PAUSE_SECONDS
        assert 2 <= len(server.asked) <= 60, "without pauses there are hundreds"


def test_a_call_within_a_head_has_what_is_left_of_its_time():
    def answer(method, _number):
        return reply(403, Content_Length=0) if method == "HEAD" else error(503, "SlowDown")

    with ScriptedServer(answer) as server, Client(server.url, seconds=CALL_SECONDS) as client:
        assert head(client) == "unreachable"
        assert sum(line["milliseconds"] for line in client.log()) < 1000 * CALL_SECONDS + 500


def test_a_list_that_would_never_end_is_given_up():
    page = b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>"
    with ScriptedServer(reply(200, page)) as server, Client(server.url) as client:
        assert listed(client) == "damaged"
        assert len(server.asked) == 2


def test_tokens_that_go_round_are_given_up():
    """The keys of a page stand behind those of all pages before; of pages without a key there are not endlessly many."""
    pages = [page("a", "b", token="x"), page("c", token="y")]
    with ScriptedServer(lambda _method, number: pages[(number - 1) % 2]) as server, Client(server.url, seconds=1) as client:
        answer = client.ask("list", prefix="")
        assert (answer["result"], [key for key, _, _ in answer["keys"]]) == ("damaged", ["a", "b", "c"])
    with ScriptedServer(lambda _method, number: page(token="xy"[number % 2])) as server, Client(server.url) as client:
        assert listed(client) == "damaged"
        assert len(server.asked) == 101


def test_a_list_of_several_pages():
    pages = [page("a", token="x"), page(token="y"), page("b", "c")]
    with ScriptedServer(lambda _method, number: pages[number - 1]) as server, Client(server.url) as client:
        assert client.keys() == ["a", "b", "c"]
        assert len(server.asked) == 3


def test_nothing_secret_is_logged():
    with ScriptedServer(error(403, "SignatureDoesNotMatch", f"<StringToSign>{SECRET}</StringToSign>")) as server, Client(
            server.url, AWS_SESSION_TOKEN="a/session/token") as client:
        for do in ALL:
            do(client)
        headers = server.asked[0][2]
        assert headers["x-amz-security-token"] == "a/session/token"
        secrets = (SECRET, "a/session/token", headers["authorization"].rpartition("=")[2], "AKIA")
        assert not any(secret in client.log_text() for secret in secrets)


def test_a_server_that_is_not_the_one_meant_gets_nothing(tmp_path):
    ours, others = Certificates(tmp_path / "ours"), Certificates(tmp_path / "others")
    named = Certificates(tmp_path / "named", name="s3.example")
    for certificates, ca_file, result in ((ours, ours.ca, "done"), (ours, others.ca, "unreachable"), (ours, None, "unreachable"), (named, named.ca, "unreachable")):
        with ScriptedServer(WRITTEN, certificates) as server, Client(server.url, ca_file=ca_file) as client:
            begun = time.monotonic()
            assert put(client) == result
            assert len(server.asked) == (result == "done")
            if result != "done":
                assert client.log()[-1]["reason"] == "untrusted"
                assert time.monotonic() - begun < 5, "what cannot change is not tried again"


def test_no_proxy_of_the_environment_is_used():
    with ScriptedServer(WRITTEN) as proxy, ScriptedServer(WRITTEN) as server:
        names = {name: f"http://127.0.0.1:{proxy.port}" for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY")}
        with Client(server.url, **names) as client:
            assert put(client) == "done"
        assert proxy.asked == []


def test_a_connection_is_kept():
    connections = []
    with ScriptedServer(WRITTEN) as server:
        serve = server.serve
        server.serve = lambda connection: (connections.append(1), serve(connection))
        with Client(server.url) as client:
            assert [put(client) for _ in range(5)] == ["done"] * 5
    assert len(connections) == 1


def test_a_worker_reaches_it_by_name_and_makes_no_thread(tmp_path):
    namespaces.need("--mount")
    certificates = Certificates(tmp_path, name="files.clinic.example")
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 files.clinic.example\n", encoding="utf-8")
    around = ["unshare", "--mount", "--map-root-user", "sh", "-c", f'mount --bind "{hosts}" /etc/hosts && exec "$@"', "sh"]
    with ScriptedServer(WRITTEN, certificates) as server, Client(f"https://files.clinic.example:{server.port}/files", ca_file=certificates.ca, around=around) as client:
        assert client.ask("confine")["result"] == "done"
        assert put(client) == "done"
        with open(f"/proc/{client.process.pid}/status", encoding="ascii") as status:
            found = dict(line.rstrip("\n").split(":\t", 1) for line in status)
        assert (found["Threads"], found["Seccomp"]) == ("1", "2")


def test_a_name_that_nobody_knows_is_unreachable(tmp_path):
    with Client("https://files.invalid/files", seconds=1) as client:
        assert put(client) == "unreachable"
        assert client.log()[-1]["reason"] == "unreached"
