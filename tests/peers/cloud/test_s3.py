"""
The client of S3 against versitygw and moto: what is written is read, ranges at every border, lists of more than a page, odd
keys; what is changed is refused, as far as each of them looks; and nothing is lost or half when requests are.
"""

import base64
import hashlib
import pathlib
import random
import sys
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tests"))

from support import s3_peers  # noqa: E402  (the path is set above)
from support.faulty_relay import ANSWERS, LOST, MENDED, STALLED, FaultyRelay  # noqa: E402
from support.s3_client import SECRET, Client  # noqa: E402
from support.s3_peers import ask  # noqa: E402

SEED = 20260131
MANY = 1_201  # more than a page
LETTERS = "abcXYZ019-._~ +%&=?#;:@!$'()*,[]{}|^`<>\"€𝄞"
PAUSE_SECONDS = 2  # beyond a call's time: a busy machine


@pytest.fixture(scope="module", params=["versitygw", "moto"])
def peer(request, tmp_path_factory):
    started = s3_peers.start_versitygw(tmp_path_factory.mktemp("versitygw")) if request.param == "versitygw" else s3_peers.start_moto()
    if request.param == "moto":
        s3_peers.verify_signatures(started)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def versitygw(tmp_path_factory):
    started = s3_peers.start_versitygw(tmp_path_factory.mktemp("versitygw"))
    yield started
    started.stop()


@pytest.fixture
def client(peer):
    with Client(peer.url, keys=peer.keys) as one:
        yield one


def content(rand, size):
    return rand.randbytes(size)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def checksum(digest):
    return base64.b64encode(bytes.fromhex(digest)).decode()


def test_what_is_written_is_read(client):
    rand = random.Random(SEED)
    for size in (0, 1, 65_535, 65_536, 1_000_000, 8_388_608):
        key, data = f"sizes/{size}", content(rand, size)
        assert client.put(key, data) == "done"
        assert client.whole(key, size) == data
        answer = client.ask("head", key=key)
        assert (answer["result"], answer["size"]) == ("done", size)
        assert answer["digest"] in (sha256(data), None)  # moto keeps none
        assert client.put(key, data) == "done"  # it is there, and the same
        assert client.put(key, data + b"a") == "exists"
        assert client.delete(key) == "done"
        assert client.delete(key) == "done"
        assert client.ask("head", key=key)["result"] == "absent"
        assert client.get(key, 0, 1) == ("absent", b"")


def test_ranges_at_every_border(client):
    data = content(random.Random(SEED + 1), 20)
    assert client.put("ranges", data) == "done"
    for start in range(len(data) + 2):
        for size in range(1, len(data) + 3):
            assert client.get("ranges", start, size) == ("done", data[start:start + size])
    assert client.put("nothing", b"") == "done"
    assert client.get("nothing", 0, 1) == ("done", b"")


def test_a_list_of_more_than_a_page(client, peer):
    keys = sorted(f"many/{number:04}" for number in range(MANY))
    for key in keys:
        assert client.put(key, b"") == "done"
    assert client.put("manyother", b"") == "done"
    found = client.keys("many/")
    assert sorted(found) == keys
    assert found == keys
    assert client.keys("many/12") == keys[1200:]
    assert client.keys("none/") == []
    assert len(client.ask("list", prefix="many/", most=1100)["keys"]) == 1100


def odd_keys(rand, count):
    """Names of one part: what is a path is a matter of a file system to versitygw. None is . or .., and none ends in a blank."""
    return {"odd/" + "".join(rand.choice(LETTERS) for _ in range(rand.randint(1, 40))) + "-" for _ in range(count)}


def test_odd_keys_are_encoded_once(client):
    keys = odd_keys(random.Random(SEED + 2), 120) | {"odd/%2F-", "odd/a+b-", "odd/a b-", "odd/%-", "odd/a%20b-", "odd/..dots..-"}
    for key in keys:
        assert client.put(key, key.encode()) == "done", key
    for key in keys:
        assert client.whole(key, len(key.encode())) == key.encode()
    assert set(client.keys("odd/")) == keys
    assert all(client.delete(key) == "done" for key in keys)
    assert client.keys("odd/") == []


def test_a_tag_of_another_party_is_read(client):
    assert client.put("tagged", b"a") == "done"
    answer = client.ask("tag", key="tagged", name="GuardDutyMalwareScanStatus")
    assert (answer["result"], answer["value"]) == ("done", "")
    assert client.ask("tag", key="not-there", name="a")["result"] == "absent"


@pytest.mark.parametrize("wrong", ["secret", "key", "bucket"])
def test_who_has_no_right_is_refused(peer, wrong):
    keys = {"secret": (peer.keys[0], "another"), "key": ("AKIAANOTHERANOTHER00", SECRET), "bucket": peer.keys}[wrong]
    with Client(peer.url + ("-not-there" if wrong == "bucket" else ""), keys=keys) as client:
        begun = time.monotonic()
        assert client.ask("reach")["result"] == "refused"
        assert client.put("a", b"a") == "refused"
        assert client.get("a", 0, 1) == ("refused", b"")
        assert client.ask("head", key="a")["result"] == "refused"
        assert client.delete("a") == "refused"
        assert time.monotonic() - begun < 10, "what cannot change is not tried again"
        assert {line["tries"] for line in client.log() if line["event"].startswith("s3")} == {1}
        assert not any(word in client.log_text() for word in (*keys, "Signature="))


def test_another_digest_is_refused(versitygw):
    with Client(versitygw.url) as client:
        assert client.put("digest", b"hello", digest=sha256(b"hallo")) == "damaged"
        assert client.ask("head", key="digest")["result"] == "absent"


def test_moto_looks_at_signatures_alone():
    """What moto 5.2.5 verifies, so that nobody takes its consent for more."""
    moto = s3_peers.start_moto()
    try:
        with Client(moto.url, keys=("AKIAANOTHERANOTHER00", "another")) as client:
            assert client.put("a", b"a") == "done"  # nothing at all, as it starts
        s3_peers.verify_signatures(moto)
        with Client(moto.url, keys=(moto.keys[0], "another")) as client:
            assert client.put("b", b"b") == "refused"
        with Client(moto.url, keys=moto.keys) as client:
            assert client.put("b", b"b", digest=sha256(b"c")) == "done"  # no digest
    finally:
        moto.stop()


def presigned(client, key, data, **more):
    return client.ask("presign", key=key, size=len(data), digest=sha256(data), seconds=60, **more)["url"]


def put(url, data, **changed):
    headers = {"If-None-Match": "*", "x-amz-checksum-sha256": checksum(sha256(data)), "Content-Type": "image/jpeg"} | {
        name.replace("_", "-"): value for name, value in changed.items()}
    return ask(url, "PUT", data, {name: value for name, value in headers.items() if value is not None})[0]


def test_a_presigned_url_takes_its_bytes_once(versitygw):
    with Client(versitygw.url) as client:
        for key in ("presigned/1", "presigned/a b+c%-"):
            url = presigned(client, key, b"a photo")
            assert put(url, b"a photo") == 200
            assert put(url, b"a photo") == 412
            assert client.whole(key, 7) == b"a photo"


def test_a_presigned_url_takes_nothing_else(versitygw):
    data = b"a photo"
    with Client(versitygw.url) as client:
        url = presigned(client, "refused/1", data)
        refused = {
            "other bytes": put(url, b"a phot0"),
            "other bytes with the digest of these": put(url, b"a phot0", x_amz_checksum_sha256=checksum(sha256(data))),
            "a byte more": put(url, b"a photo ", x_amz_checksum_sha256=checksum(sha256(data))),
            "a byte less": put(url, b"a phot", x_amz_checksum_sha256=checksum(sha256(data))),
            "no digest": put(url, data, x_amz_checksum_sha256=None),
            "no condition": put(url, data, If_None_Match=None),
            "another key": put(url.replace("refused/1", "refused/2"), data),
            "another time": put(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), data),
            "too late": put(presigned(client, "refused/1", data, late=61), data),
            "another method": ask(url, "GET")[0],
        }
        for at in range(64):
            start = url.index("X-Amz-Signature=") + len("X-Amz-Signature=") + at
            refused[f"signature {at}"] = put(url[:start] + "0123456789abcdef"[int(url[start], 16) ^ 1 << at % 4] + url[start + 1:], data)
        assert {what: status for what, status in refused.items() if not 400 <= status < 500} == {}
        assert client.keys("refused/") == []
        assert put(url, data) == 200  # it was good all the time


def test_nothing_is_lost_or_half_when_requests_are(versitygw):
    rand = random.Random(SEED + 3)
    there = {}
    with FaultyRelay(versitygw, SEED, one_in=3) as relay, Client(relay.url, seconds=30) as client:
        for number in range(150):
            key, data = f"lossy/{number}", content(rand, rand.choice((0, 1, 1000, 70_000, 1_000_000)))
            assert client.put(key, data) == "done"
            there[key] = data
            if number % 5 == 4:
                gone = rand.choice(sorted(there))
                assert client.delete(gone) == "done"
                del there[gone]
            seen = rand.choice(sorted(there))
            assert client.whole(seen, len(there[seen])) == there[seen]
            answer = client.ask("head", key=seen)
            assert (answer["result"], answer["size"]) == ("done", len(there[seen])), client.log()[-4:]
        assert set(client.keys("lossy/")) == set(there)
        assert set(relay.met) == set(MENDED)
    with Client(versitygw.url) as client:
        assert set(client.keys("lossy/")) == set(there)
        for key, data in there.items():
            assert client.whole(key, len(data)) == data


def test_a_stalled_request_is_given_up_and_made_again(versitygw):
    with FaultyRelay(versitygw, SEED, faults=(STALLED,), one_in=1, most=1) as relay, Client(relay.url, seconds=15) as client:
        assert client.put("stalled", b"a") == "done"
        assert relay.met == [STALLED]
        assert client.log()[-1]["tries"] == 2


@pytest.mark.parametrize("fault", [LOST, STALLED, *ANSWERS])
def test_an_end_is_bounded(versitygw, fault):
    with FaultyRelay(versitygw, SEED, faults=(fault,), one_in=1) as relay, Client(relay.url, seconds=2) as client:
        for do in (lambda: client.put("bounded", b"a"), lambda: client.get("bounded", 0, 1)[0], lambda: client.ask("head", key="bounded")["result"],
                   lambda: client.ask("list", prefix="")["result"]):
            begun = time.monotonic()
            assert do() in ("unreachable", "damaged", "refused"), fault
            assert time.monotonic() - begun < 2 + PAUSE_SECONDS
        assert client.process.poll() is None
    with Client(versitygw.url) as client:
        assert client.ask("head", key="bounded")["result"] == "absent"


def test_keys_of_a_machine_as_moto_gives_them():
    """An instance metadata service that was not written beside ours."""
    moto = s3_peers.start_moto()
    try:
        with Client(moto.url, keys=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=moto.origin) as client:
            assert client.put("a", b"a") == "done"
            assert client.whole("a", 1) == b"a"
            assert "X-Amz-Security-Token=test-session-token" in presigned(client, "b", b"b")
    finally:
        moto.stop()
