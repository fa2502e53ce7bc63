"""Sealed values, of both formats: changed or moved ones do not open. Every single bit is tried."""

import base64
import hmac
import os
import pathlib
import re
import subprocess
import time
import uuid

import psycopg2
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
REFUSED = "AN500"
KEY = bytes(range(7, 103))  # encrypts, authenticates, and the random key, by which values of format 1 are sealed
OTHER_KEY = bytes(range(8, 104))
CONTEXT = "patient.given_name:01890a5d-ac96-774b-bcce-b302099a8057"


def seal(api, value, key=KEY, context=CONTEXT):
    found = api.one("SELECT phi.seal(%s, %s, %s)", key, context, value)
    return None if found is None else bytes(found)


def seal_format_1(superuser, value, key=KEY, context=CONTEXT):
    """As the function did that wrote the first format."""
    derived = {purpose: hmac.digest(key[-32:], f"phi.{purpose}:1".encode(), "sha256") for purpose in ("seal", "check")}
    message = bytes(superuser.one("SELECT ext.pgp_sym_encrypt(%s, %s, 'cipher-algo=aes256, compress-algo=0, s2k-mode=1')", value,
                                  base64.b64encode(derived["seal"]).decode()))
    return b"\x01" + hmac.digest(derived["check"], context.encode() + b"\0" + message, "sha256") + message


@pytest.fixture(params=[1, 2], ids=["format_1", "format_2"])
def sealing(request, superuser):
    """sealing(value, context) gives a value of either format."""
    make = seal_format_1 if request.param == 1 else seal

    def one(value, context=CONTEXT):
        return make(superuser, value, context=context)
    one.format = request.param
    return one


def opened(api, sealed, key=KEY, context=CONTEXT):
    return api.one("SELECT phi.open(%s, %s, %s)", key, context, sealed)


@pytest.mark.parametrize("value", ["Margarethe", "", "Zoë Ångström 𝔐", "\\x00 \\ ' % \n\r\n", pytest.param("x" * 300_000, id="long")])
def test_what_was_sealed_opens(api, sealing, value):
    assert opened(api, sealing(value)) == value
    assert sealing(value)[0] == sealing.format


@pytest.mark.parametrize("size", range(0, 50))
def test_a_value_of_any_size_opens_and_is_what_the_standards_say(api, size):
    """By OpenSSL: AES-256-CBC, PKCS #7, HMAC-SHA-256."""
    value = "x" * size
    sealed = seal(api, value)
    version, code, vector, cipher = sealed[:1], sealed[1:33], sealed[33:49], sealed[49:]
    assert code == hmac.digest(KEY[32:64], b"\x02" + CONTEXT.encode() + b"\0" + vector + cipher, "sha256") and version == b"\x02"
    done = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", KEY[:32].hex(), "-iv", vector.hex()], input=cipher,
                          capture_output=True, check=True)
    assert done.stdout.decode() == value and opened(api, sealed) == value and len(sealed) == 49 + 16 * (size // 16 + 1)


def test_nothing_stays_nothing(api):
    assert seal(api, None) is None
    assert opened(api, None) is None
    assert opened(api, seal(api, "x"), key=None) is None


def test_no_two_are_alike_and_none_shows_the_value(api):
    several = {seal(api, "Margarethe") for _ in range(50)}
    assert len(several) == 50
    assert len({one[1:33] for one in several}) == 50
    assert not any(b"Margarethe" in one for one in several)
    assert len({one[33:49] for one in several}) == 50  # initialisation vectors
    assert {one[0] for one in several} == {2}


@pytest.mark.parametrize("key, context", [(OTHER_KEY, CONTEXT), (KEY, CONTEXT.replace("given", "family")),
                                          (KEY, CONTEXT[:-1] + "8"), (KEY, ""), (KEY, None), (KEY, CONTEXT.upper()),
                                          (b"", CONTEXT), (KEY + b"\0", CONTEXT), (KEY[:-1], CONTEXT), (KEY[:32], CONTEXT),
                                          (KEY[-32:], CONTEXT), (KEY[:64], CONTEXT), (KEY[32:] + KEY[:32], CONTEXT)])
def test_a_value_does_not_open_elsewhere(api, sealing, key, context):
    sealed = sealing("Margarethe")
    assert api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", key, context, sealed)


@pytest.mark.parametrize("key, context", [(None, CONTEXT), (b"", CONTEXT), (KEY[:-1], CONTEXT), (KEY + b"x", CONTEXT), (KEY[:32], CONTEXT),
                                          (KEY, None)])
def test_nothing_is_sealed_without_a_whole_key(api, key, context):
    api.refused(REFUSED, "SELECT phi.seal(%s, %s, 'value')", key, context)


def test_no_bit_can_be_changed(api, sealing):
    """[11.3.3]"""
    sealed = sealing("Margarethe")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << (bit % 8)
        api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, bytes(changed))


def test_no_byte_can_be_cut_off_or_added(api, sealing):
    sealed = sealing("Margarethe")
    for size in range(len(sealed)):
        api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, sealed[:size])
        api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, sealed[size + 1:])
    api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, sealed + b"\0")


def test_context_and_message_cannot_be_shifted(api, sealing):
    """Moving bytes from the end of the context to the front of the message is another pair."""
    sealed = sealing("Margarethe", context="ab")
    shifted = sealed[:33] + b"b" + sealed[33:]
    api.refused(REFUSED, "SELECT phi.open(%s, 'a', %s)", KEY, shifted)


def test_a_value_of_one_format_is_none_of_the_other(api, superuser):
    """The version is part of what is authenticated, also where somebody has the codes of both under one key."""
    for sealed in (seal(api, "Margarethe"), seal_format_1(superuser, "Margarethe")):
        for _ in range(10):  # the first calls of a session are planned with their values
            api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, bytes([3 - sealed[0]]) + sealed[1:])
    # What a format without the version in its code would give: context, vector and ciphertext alone.
    sealed = seal(api, "Margarethe")
    without = hmac.digest(KEY[32:64], CONTEXT.encode() + b"\0" + sealed[33:], "sha256")
    api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, sealed[:1] + without + sealed[33:])


def test_the_message_of_format_1_is_openpgp_with_aes256_and_an_integrity_check(superuser):
    sealed = seal_format_1(superuser, "Margarethe")
    message = sealed[33:]
    # RFC 4880: symmetric-key session key packet, version 4, AES-256 (9), S2K 1 (salted); then packet 18 (MDC).
    assert message[0] == 0xC3
    assert message[2:5] == bytes([4, 9, 1])
    assert message[2 + message[1]] == 0xD2


def test_a_fault_does_not_name_the_value(api):
    sealed = bytearray(seal(api, "Margarethe"))
    sealed[-1] ^= 1
    fault = api.refused(REFUSED, "SELECT phi.open(%s, %s, %s)", KEY, CONTEXT, bytes(sealed))
    for secret in ("Margarethe", KEY.hex(), bytes(sealed).hex()):
        assert secret not in str(fault)


def test_what_is_not_sealed_does_not_fit_into_a_sealed_column(superuser, world):
    for plain in (b"Margarethe", b"\x01" + b"x" * 32, b"\x02" + b"x" * 32, b"\x00" + os.urandom(60), b"\x03" + os.urandom(60), b""):
        superuser.refused("23514", "UPDATE anamnesis.patient SET given_name = %s", plain)


def test_sealing_and_opening_cost_microseconds(api):
    """About 12 and 10 us; ten times as much means that key stretching is on."""
    sealed = seal(api, "Margarethe")
    for statement in ("SELECT count(phi.seal(%s, 'c' || i, 'Margarethe')) FROM generate_series(1, 2000) i",
                      "SELECT count(phi.open(%s, '" + CONTEXT + "' || left(i::text, 0), %s)) FROM generate_series(1, 2000) i"):
        begun = time.monotonic()
        api(statement, *([KEY, sealed] if "open" in statement else [KEY]))
        assert (time.monotonic() - begun) / 2000 < 200e-6


def test_only_the_functions_decrypt(api):
    with pytest.raises(psycopg2.Error):
        api("SELECT ext.pgp_sym_decrypt(%s, 'x')", seal(api, "x")[33:])


# ------------------------------------------------------------------------------- every column, every bit, every place

USED_CONTEXT = re.compile(r"phi\.(?:seal|open)\([^;]*?'([a-z_]+\.[a-z0-9_]+):'")

REFUSES = """
    CREATE FUNCTION pg_temp.refuses(data_key bytea, context text, sealed bytea) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM phi.open(data_key, context, sealed);
        RETURN false;
    EXCEPTION WHEN SQLSTATE 'AN500' THEN
        RETURN true;
    END
    $$"""


def sealed_columns(session):
    """table.column of everything that is sealed, as contexts name it."""
    return [name for (name,) in session(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('anamnesis', 'auth', 'audit') "
        "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.atttypid = 'phi.sealed'::regtype "
        "AND NOT a.attisdropped ORDER BY 1")]


def test_each_sealed_column_has_a_context_of_its_own(superuser):
    """The statements name table and column as they are; no two columns share a context."""
    columns = sealed_columns(superuser)
    assert len(columns) == len(set(columns)) >= 11
    used = set()
    for path in [*TOP.glob("sql/queries/**/*.sql"), *TOP.glob("sql/cli/**/*.sql"), *TOP.glob("sql/functions/*/*.sql"), *TOP.glob("cli/**/*.c")]:
        used |= set(USED_CONTEXT.findall(path.read_text(encoding="utf-8")))
    assert used == set(columns)


def test_no_bit_of_any_sealed_column_can_be_changed(superuser, sealing):
    """[11.3.3]"""
    superuser(REFUSES)
    for column in sealed_columns(superuser):
        context = f"{column}:{uuid.uuid4()}"
        sealed = sealing("Margarethe", context=context)
        assert opened(superuser, sealed, context=context) == "Margarethe"
        tried, refused = superuser(
            "SELECT count(*), count(*) FILTER (WHERE pg_temp.refuses(%s, %s, set_bit(s, b, 1 - get_bit(s, b)))) "
            "FROM (SELECT %s::bytea AS s) AS sealed, generate_series(0, 8 * octet_length(s) - 1) AS b",
            KEY, context, sealed)[0]
        assert (tried, refused) == (8 * len(sealed), 8 * len(sealed)), column


def test_no_sealed_value_opens_in_another_column_or_row(superuser, sealing):
    """Each column's value in each other column of its row, and in its own column of another row, of the same person."""
    superuser(REFUSES)
    columns, row, other = sealed_columns(superuser), uuid.uuid4(), uuid.uuid4()
    values = {column: sealing("Margarethe", context=f"{column}:{row}") for column in columns}
    for column, sealed in values.items():
        places = [f"{elsewhere}:{row}" for elsewhere in columns if elsewhere != column] + [f"{column}:{other}"]
        assert all(superuser.one("SELECT pg_temp.refuses(%s, %s, %s)", KEY, place, sealed) for place in places), column
        assert superuser.one("SELECT pg_temp.refuses(%s, %s, %s)", OTHER_KEY, f"{column}:{row}", sealed)
        assert opened(superuser, sealed, context=f"{column}:{row}") == "Margarethe"
