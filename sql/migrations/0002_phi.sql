-- Sealed values. Each is
--
--     1 byte    version of this format: 1
--     32 bytes  HMAC-SHA-256 over context, one zero byte, ciphertext
--     the rest  OpenPGP message by pgcrypto: AES-256, not compressed, S2K mode 1
--
-- under two keys that are derived from the person's random data key by HMAC with a purpose. The context names
-- table, column and row ('patient.given_name:<id>'), so a value that is moved does not open. A text cannot hold a
-- zero byte: context and ciphertext cannot be mistaken for another pair. S2K mode 1 does not stretch the key: it
-- has 256 random bits, stretching would only cost (about 110 us a value).
--
-- The check comes before decryption, so pgcrypto never sees a message that was not made here. Both sides of the
-- comparison are hashed once more: how long it takes says nothing about the right code.
--
-- SECURITY DEFINER because nobody else may reach pgcrypto. About 11 us to seal and 10 us to open (of which
-- AES 5 us; a search_path of the function's own costs 1 us and is kept: operators are found by it).

CREATE FUNCTION phi.seal(data_key bytea, context text, value text) RETURNS bytea
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message bytea;
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    -- A missing or short key must never seal anything: NULL in, NULL out would lose the value in silence.
    IF data_key IS NULL OR octet_length(data_key) <> 32 OR context IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'a value cannot be sealed without key and context';
    END IF;
    message := ext.pgp_sym_encrypt(value, encode(ext.hmac('phi.seal:1'::bytea, data_key, 'sha256'), 'base64'),
                                   'cipher-algo=aes256, compress-algo=0, s2k-mode=1');
    RETURN '\x01'::bytea
        || ext.hmac(convert_to(context, 'UTF8') || '\x00'::bytea || message,
                    ext.hmac('phi.check:1'::bytea, data_key, 'sha256'), 'sha256')
        || message;
END
$$;

CREATE FUNCTION phi.open(data_key bytea, context text, sealed bytea) RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message bytea := substr(sealed, 34);
BEGIN
    IF sealed IS NULL OR data_key IS NULL THEN
        RETURN NULL; -- nothing there, or the caller has no key at hand and asked for none
    END IF;
    -- The key's length counts too: HMAC takes a key and the same key with zeros after it for one.
    IF octet_length(data_key) <> 32 OR octet_length(sealed) < 34 OR get_byte(sealed, 0) <> 1
       OR sha256(substr(sealed, 2, 32)) IS DISTINCT FROM
        sha256(ext.hmac(convert_to(context, 'UTF8') || '\x00'::bytea || message,
                        ext.hmac('phi.check:1'::bytea, data_key, 'sha256'), 'sha256'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500',
            MESSAGE = 'a sealed value does not open: it was changed or moved, or the key is another''s';
    END IF;
    RETURN ext.pgp_sym_decrypt(message, encode(ext.hmac('phi.seal:1'::bytea, data_key, 'sha256'), 'base64'));
END
$$;

GRANT EXECUTE ON FUNCTION phi.seal(bytea, text, text), phi.open(bytea, text, bytea) TO anamnesis_api;

-- The type of every sealed column: what is not sealed does not fit in.
CREATE DOMAIN phi.sealed AS bytea
    CHECK (octet_length(VALUE) > 33 AND get_byte(VALUE, 0) = 1);
