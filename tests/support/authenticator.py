"""A software authenticator (Web Authentication, Level 3, section 6), as tests need one: it can also misbehave."""

import base64
import hashlib
import json
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ES256, EDDSA, RS256 = -7, -8, -257
UP, UV, BE, BS, AT, ED = 1, 4, 8, 16, 64, 128


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value):
    """CTAP2's canonical CBOR of what attestation objects and keys are made of; maps keep their order."""
    def head(major, number):
        for size, info, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
            if number < size:
                return bytes([major << 5 | number]) if info is None else bytes([major << 5 | info]) + struct.pack(form, number)
        raise ValueError(number)
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(one) for key, one in value.items())


def numbers(value, size):
    return value.to_bytes(size, "big")


class Key:
    def __init__(self, algorithm):
        self.algorithm = algorithm
        if algorithm == ES256:
            self.private = ec.generate_private_key(ec.SECP256R1())
        elif algorithm == EDDSA:
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, 2048)

    def cose(self):
        public = self.private.public_key()
        if self.algorithm == ES256:
            point = public.public_numbers()
            return cbor({1: 2, 3: ES256, -1: 1, -2: numbers(point.x, 32), -3: numbers(point.y, 32)})
        if self.algorithm == EDDSA:
            return cbor({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes(Encoding.Raw, PublicFormat.Raw)})
        return cbor({1: 3, 3: RS256, -1: numbers(public.public_numbers().n, 256), -2: b"\x01\x00\x01"})

    def sign(self, data):
        if self.algorithm == ES256:
            return self.private.sign(data, ec.ECDSA(hashes.SHA256()))
        if self.algorithm == EDDSA:
            return self.private.sign(data)
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


class Authenticator:
    """One credential; `changes` of the ceremonies replace parts, before they are signed."""

    def __init__(self, origin, algorithm=ES256, counts=True, flags=UP | UV):
        self.origin, self.key, self.counts, self.flags = origin, Key(algorithm), counts, flags
        self.id, self.count, self.handle = os.urandom(32), 0, None

    def client_data(self, kind, challenge, changes):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
                          | changes.get("client_data", {})).encode()

    def head(self, rp_id, flags):
        self.count += int(self.counts)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def create(self, public_key, fmt="none", **changes):
        """RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON."""
        client_data = self.client_data("webauthn.create", public_key["challenge"], changes)
        self.handle = public_key["user"]["id"]
        data = self.head(changes.get("rp_id", public_key["rp"]["id"]), changes.get("flags", self.flags) | AT)
        data += bytes(16) + struct.pack(">H", len(self.id)) + self.id + changes.get("cose", self.key.cose())
        data += changes.get("tail", b"")
        statement = {}
        if fmt == "packed":
            statement = {"alg": self.key.algorithm, "sig": self.key.sign(data + hashlib.sha256(client_data).digest())}
        made = cbor({"fmt": fmt, "attStmt": changes.get("statement", statement), "authData": data})
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "authenticatorAttachment": "platform",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": b64(client_data), "attestationObject": b64(made),
                             "transports": ["internal", "hybrid"]}}

    def get(self, public_key, **changes):
        """AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON."""
        client_data = self.client_data("webauthn.get", public_key["challenge"], changes)
        data = self.head(changes.get("rp_id", public_key["rpId"]), changes.get("flags", self.flags))
        signature = self.key.sign(data + hashlib.sha256(client_data).digest())
        if changes.get("wrong"):
            signature = Key(self.key.algorithm).sign(data + hashlib.sha256(client_data).digest())
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "authenticatorAttachment": "platform",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": b64(client_data), "authenticatorData": b64(data),
                             "signature": b64(signature), "userHandle": changes.get("handle", self.handle)}}
