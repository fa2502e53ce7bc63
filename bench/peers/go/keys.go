package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	cacheFor     = 5 * time.Minute
	cacheEntries = 512
	versionSize  = 4
	nonceSize    = chacha20poly1305.NonceSizeX
)

type entry struct {
	value any
	until time.Time
}

// A small map that forgets after a time, and some entry when full.
type cache struct {
	mutex   sync.RWMutex
	entries map[string]entry
}

func newCache() *cache { return &cache{entries: map[string]entry{}} }

func (c *cache) get(name string) any {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	if found, ok := c.entries[name]; ok && found.until.After(time.Now()) {
		return found.value
	}
	return nil
}

func (c *cache) put(name string, value any) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, known := c.entries[name]; !known && len(c.entries) >= cacheEntries {
		for other := range c.entries {
			delete(c.entries, other)
			break
		}
	}
	c.entries[name] = entry{value, time.Now().Add(cacheFor)}
}

// The keyring, and the keys that it opened.
type keys struct {
	keks    map[uint32][]byte
	peppers map[byte][]byte
	data    *cache // owner -> key
	owners  *cache // session or response -> owner
}

func readKeys(path string) (*keys, error) {
	type versions []struct {
		Version uint32 `json:"version"`
		Key     string `json:"key"`
	}
	var ring struct {
		Kek    versions `json:"kek"`
		Pepper versions `json:"pepper"`
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &ring)
	}
	made := &keys{keks: map[uint32][]byte{}, peppers: map[byte][]byte{}, data: newCache(), owners: newCache()}
	for _, one := range ring.Kek {
		if err == nil {
			made.keks[one.Version], err = fromBase64(one.Key)
		}
	}
	for _, one := range ring.Pepper {
		if err == nil {
			made.peppers[byte(one.Version)], err = fromBase64(one.Key)
		}
	}
	return made, err
}

func fromBase64(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

func derive(key []byte, parts ...[]byte) []byte {
	hash := hmac.New(sha256.New, key)
	for _, part := range parts {
		hash.Write(part)
	}
	return hash.Sum(nil)
}

// unwrap opens 4 bytes KEK version, 24 bytes nonce, XChaCha20-Poly1305 with version and owner as additional data. What it gives is
// what phi.seal() and phi.open() take: two derived keys, then the random one (lib/crypto/data_key.h).
func (k *keys) unwrap(owner string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < versionSize+nonceSize {
		return nil, errors.New("a wrapped key is too short")
	}
	aead, err := chacha20poly1305.NewX(k.keks[binary.BigEndian.Uint32(wrapped)])
	if err != nil {
		return nil, err
	}
	additional := append(append([]byte{}, wrapped[:versionSize]...), owner...)
	random, err := aead.Open(nil, wrapped[versionSize:versionSize+nonceSize], wrapped[versionSize+nonceSize:], additional)
	if err != nil {
		return nil, err
	}
	seal, check := derive(random, []byte("phi.seal:2\x01")), derive(random, []byte("phi.check:2\x01"))
	return append(append(seal, check...), random...), nil
}

// keep remembers whose `name` is, and gives that owner's key.
func (k *keys) keep(name, owner string, wrapped []byte) ([]byte, error) {
	k.owners.put(name, owner)
	if key, ok := k.data.get(owner).([]byte); ok {
		return key, nil
	}
	key, err := k.unwrap(owner, wrapped)
	if err == nil {
		k.data.put(owner, key)
	}
	return key, err
}

// of gives the key of a session's or a response's owner, nil when it is not known.
func (k *keys) of(name string) []byte {
	owner, _ := k.owners.get(name).(string)
	key, _ := k.data.get(owner).([]byte)
	return key
}

// tokenHash: a token's first byte names its pepper; the hash begins with it (lib/crypto/token.h).
func (k *keys) tokenHash(token string) ([]byte, error) {
	bytes, err := fromBase64(token)
	if err != nil || len(bytes) == 0 {
		return nil, errors.New("no token")
	}
	purpose := []byte("token: session")
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(purpose)))
	hash := derive(k.peppers[bytes[0]], size[:], purpose, []byte(token))
	hash[0] = bytes[0]
	return hash, nil
}
