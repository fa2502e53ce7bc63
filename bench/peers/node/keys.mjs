// Data keys, as lib/crypto keeps them: unwrapped by the keyring's KEK, cached for five minutes.
import { readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";

const CACHE_ENTRIES = 512;
const CACHE_MS = 300_000;
const VERSION_BYTES = 4;
const NONCE_BYTES = 24;

export function openKeyring(file) {
  const keyring = JSON.parse(readFileSync(file, "utf8"));
  return new Map(keyring.kek.map(({ version, key }) => [version, Buffer.from(key, "base64url")]));
}

export function openPeppers(file) {
  const keyring = JSON.parse(readFileSync(file, "utf8"));
  return new Map(keyring.pepper.map(({ version, key }) => [version & 255, Buffer.from(key, "base64url")]));
}

// wrapped: 4 bytes KEK version, 24 bytes nonce, XChaCha20-Poly1305 with version and owner as additional data. What is opened is what
// phi.seal() and phi.open() take: two derived keys, then the random one (lib/crypto/data_key.h).
export function unwrap(keks, ownerId, wrapped) {
  const version = wrapped.subarray(0, VERSION_BYTES);
  const nonce = wrapped.subarray(VERSION_BYTES, VERSION_BYTES + NONCE_BYTES);
  const additional = Buffer.concat([version, Buffer.from(ownerId)]);
  const cipher = xchacha20poly1305(keks.get(version.readUInt32BE()), nonce, additional);
  const random = cipher.decrypt(wrapped.subarray(VERSION_BYTES + NONCE_BYTES));
  const derived = ["phi.seal:2\x01", "phi.check:2\x01"].map((name) => createHmac("sha256", random).update(name).digest());
  return Buffer.concat([...derived, random]);
}

// A token's first byte names its pepper; the hash begins with it (lib/crypto/token.h).
export function tokenHash(peppers, token) {
  const purpose = Buffer.from("token: session");
  const size = Buffer.alloc(4);
  size.writeUInt32BE(purpose.length);
  const version = Buffer.from(token, "base64url")[0];
  const hash = createHmac("sha256", peppers.get(version) ?? "").update(size).update(purpose).update(token).digest();
  hash[0] = version;
  return hash;
}

// A small map that forgets after a time, and the oldest when full.
export class Cache {
  #entries = new Map();

  get(name) {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.until > Date.now() ? entry.value : undefined;
  }

  put(name, value) {
    this.#entries.delete(name);
    if (this.#entries.size >= CACHE_ENTRIES) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
    this.#entries.set(name, { value, until: Date.now() + CACHE_MS });
  }
}
