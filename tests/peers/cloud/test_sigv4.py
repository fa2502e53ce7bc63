"""
Our signatures beside botocore's, on requests from a seed: the same header, the same presigned URL; ours takes what botocore
presigned, and nothing that differs from it in anything.
"""

import datetime
import hashlib
import pathlib
import random
import sys
import urllib.parse

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOP / "tests"))

from support import packages, programs  # noqa: E402  (the path is set above)

SEED = 20260131
CASES = 10_000  # of each form
CHANGED = 60    # URLs of which everything is changed
DAY = 24 * 60 * 60
LETTERS = "abcXYZ019-._~ /+%&=?#;:@!$'()*,[]{}|\\^`<>\"\tä€𝄞"
NAMED = ("acl", "uploadId", "partNumber", "list-type", "prefix", "continuation-token", "response-content-disposition", "versionId", "a", "a-", "a1")
UNSIGNED = "UNSIGNED-PAYLOAD"


def text(rand, most, least=0):
    return "".join(rand.choice(LETTERS) for _ in range(rand.randint(least, most)))


def digits(rand, size):
    return "".join(rand.choice("0123456789abcdef") for _ in range(size))


def queries(rand, repeated):
    pairs = [(rand.choice(NAMED) if rand.random() < 0.6 else text(rand, 8, 1), text(rand, 20) if rand.random() < 0.7 else "")
             for _ in range(rand.choice((0, 0, 1, 2, 3, 8)))]
    return pairs if repeated else list(dict(pairs).items())


def header(rand):
    name = rand.choice(("Content-Length", "content-type", "If-None-Match", "X-Amz-Checksum-Sha256", "x-amz-meta-" + digits(rand, 4), "range"))
    value = "".join(rand.choice("abc019 ,;=*\"/+-  ä€") for _ in range(rand.randint(0, 24)))
    return name, value


def case(rand, presigned):
    headers = {name.lower(): (name, value) for name, value in (header(rand) for _ in range(rand.randint(0, 5)))}
    made = {"id": "AKIA" + digits(rand, 16).upper(), "secret": text(rand, 40, 1).replace("\t", "/"),
            "token": text(rand, 300, 1) if presigned and rand.random() < 0.3 else digits(rand, 80) if rand.random() < 0.3 else None,
            "region": rand.choice(("us-east-1", "eu-central-1", "local")), "at": rand.randint(0, 2**32),
            "method": rand.choice(("GET", "PUT", "HEAD", "POST", "DELETE")),
            "host": rand.choice(("s3.eu-central-1.amazonaws.com", "bucket.s3.amazonaws.com", "127.0.0.1:8443")),
            "path": "/" + text(rand, 30).replace("?", "").replace("#", ""), "query": queries(rand, not presigned), "headers": list(headers.values())}
    if presigned:
        return made | {"seconds": rand.randint(1, 7 * DAY)}
    return made | {"body": rand.choice(("", None, text(rand, 60)))}


def ours(made):
    """The same for tests/programs/sigv4_run."""
    headers = [("Host", made["host"]), *made["headers"]]
    payload = UNSIGNED
    if "body" in made:
        payload = UNSIGNED if made["body"] is None else hashlib.sha256(made["body"].encode()).hexdigest()
        headers += [("X-Amz-Content-SHA256", payload), ("X-Amz-Date", stamp(made["at"]))]
        headers += [("X-Amz-Security-Token", made["token"])] if made["token"] else []
    return {**{name: value for name, value in made.items() if value is not None}, "service": "s3", "headers": headers, "payload": payload}


def stamp(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def sorted_query(target):
    path, _, query = target.partition("?")
    return path, sorted(query.split("&"))


@pytest.fixture(scope="module")
def botocore():
    """botocore's answers to cases."""
    python = packages.python(HERE / "requirements.txt", TOP / "build" / "peers" / "cloud") / "python"
    return lambda cases: programs.lines([python, HERE / "botocore_sign.py"], cases)


def run(cases):
    return programs.lines([programs.built("sigv4_run")], cases)


def test_headers_are_signed_as_botocore_signs_them(botocore):
    rand = random.Random(SEED)
    cases = [case(rand, presigned=False) for _ in range(CASES)]
    assert run([ours(made) for made in cases]) == botocore(cases)


def test_urls_are_presigned_as_botocore_presigns_them(botocore):
    rand = random.Random(SEED + 1)
    cases = [case(rand, presigned=True) for _ in range(CASES)]
    mine = [sorted_query(answer["target"]) for answer in run([ours(made) for made in cases])]
    assert mine == [sorted_query(answer["target"]) for answer in botocore(cases)]


def judged(made, target, **changed):
    """A question to our verification: the request that the URL was made for, with what is changed."""
    question = ours(made) | {"claim": target.partition("?")[2]} | changed
    del question["seconds"]
    return question


def test_what_botocore_presigned_is_good_until_its_time_is_over(botocore):
    rand = random.Random(SEED + 2)
    cases = [case(rand, presigned=True) for _ in range(CASES // 10)]
    targets = [answer["target"] for answer in botocore(cases)]
    for late, verdict in ((lambda made: 0, "good"), (lambda made: made["seconds"] - 1, "good"), (lambda made: made["seconds"], "expired"),
                          (lambda made: -300, "good"), (lambda made: -301, "early")):
        answers = run([judged(made, target, at=made["at"] + late(made)) for made, target in zip(cases, targets)])
        assert {answer["verdict"] for answer in answers} == {verdict}


def changed_texts(value):
    """Each bit of each character that stays one of ASCII's visible ones, and a character more and less."""
    for at, letter in enumerate(value):
        for bit in range(7):
            other = chr(ord(letter) ^ 1 << bit)
            if " " < other < "\x7f" and ord(letter) < 128:
                yield value[:at] + other + value[at + 1:]
    yield value + "0"
    if value:
        yield value[:-1]


def changed_requests(made):
    """The request with one thing changed: (what, members)."""
    for other in changed_texts(made["method"]):
        yield "method", {"method": other}
    for other in changed_texts(made["path"]):
        yield "path", {"path": other}
    for other in changed_texts(UNSIGNED):
        yield "payload", {"payload": other}
    headers = ours(made)["headers"]
    for at, (name, value) in enumerate(headers):
        yield "without " + name, {"headers": headers[:at] + headers[at + 1:]}
        for other in changed_texts(value):
            if other.split() != value.split():
                yield name, {"headers": [*headers[:at], (name, other), *headers[at + 1:]]}
    yield "another", {"headers": [*headers, ("x-amz-acl", "public-read")]}


def changed_claims(target):
    """The query with one character of one value changed, as it is decoded; or without one part."""
    pairs = urllib.parse.parse_qsl(target.partition("?")[2], keep_blank_values=True)
    for at, (name, value) in enumerate(pairs):
        yield "without " + name, pairs[:at] + pairs[at + 1:]
        yield "twice " + name, [*pairs, (name, value)]
        for other in changed_texts(value):
            yield name, [*pairs[:at], (name, other), *pairs[at + 1:]]
    yield "more", [*pairs, ("more", "")]


def encoded(pairs):
    return urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, safe="~")


def test_nothing_else_is_good(botocore):
    rand = random.Random(SEED + 3)
    part = {"method": "PUT", "headers": [("content-length", "8388608"), ("if-none-match", "*"),
                                         ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]}
    cases = [case(rand, presigned=True) | (part if number % 2 else {}) for number in range(CHANGED)]
    asked = []
    for made, answer in zip(cases, botocore(cases)):
        target = answer["target"]
        asked += [(what, judged(made, target, **change)) for what, change in changed_requests(made)]
        asked += [(what, judged(made, target, claim=encoded(pairs))) for what, pairs in changed_claims(target)]
    answers = run([question for _, question in asked])
    found = {(what, answer["verdict"]) for (what, _), answer in zip(asked, answers)}
    assert {verdict for _, verdict in found} == {"wrong", "unreadable", "not-signed"}
    assert {what for what, verdict in found if verdict == "not-signed"} == {"another"}
