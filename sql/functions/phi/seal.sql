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
CREATE OR REPLACE FUNCTION phi.seal(data_key bytea, context text, value text) RETURNS bytea
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SECURITY DEFINER
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
GRANT EXECUTE ON FUNCTION phi.seal(bytea,text,text) TO anamnesis_api;
