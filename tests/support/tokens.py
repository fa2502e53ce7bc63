"""Tokens and their hashes as lib/crypto/token.c makes them, for tests that write the rows of an instance themselves."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import secrets


def pepper_of(keyring, kind="pepper"):
    """(version, key) of the pepper in use, or of another kind."""
    newest = max((entry for entry in keyring[kind] if not entry.get("standby")), key=lambda entry: entry["version"])
    return newest["version"], base64.urlsafe_b64decode(newest["key"] + "=")


def instance_keyring():
    """The keyring of the instance that the tests run against."""
    top = pathlib.Path(__file__).resolve().parents[2]
    demo = pathlib.Path(os.environ.get("ANAMNESIS_FAULT_DEMO") or os.environ.get("ANAMNESIS_DEMO", top / "var" / "demo.json"))
    return json.loads((demo.parent / "keys" / "keyring.json").read_text(encoding="utf-8"))


def derived(key, purpose, text):
    """HMAC over two texts, as digest_derive() of lib/crypto."""
    name = purpose.encode()
    return hmac.digest(key, len(name).to_bytes(4, "big") + name + text.encode(), hashlib.sha256)


def door(keyring, kind="pepper"):
    """What workers show before a sign-in begins, and the background program with a seal (lib/crypto/key_check.h)."""
    return derived(pepper_of(keyring, kind)[1], "key-door", "")


def token_hash(use, token, keyring=None):
    """What is stored of a token: `use` is "session", "sign-in", "reset", "invitation", "staff invitation", "passkey" or "download"."""
    version, key = pepper_of(keyring or instance_keyring())
    return bytes([version & 255]) + derived(key, f"token: {use}", token)[1:]


def new_token(keyring=None):
    version, _ = pepper_of(keyring or instance_keyring())
    return base64.urlsafe_b64encode(bytes([version & 255]) + secrets.token_bytes(31)).decode().rstrip("=")
