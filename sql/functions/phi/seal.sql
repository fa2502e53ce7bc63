-- Sealed values. Each is
--
--     1 byte    version of this format: 2
--     32 bytes  HMAC-SHA-256 over the version, the context, one zero byte, initialisation vector and ciphertext
--     16 bytes  initialisation vector, random
--     the rest  AES-256-CBC with PKCS #7 padding
--
-- under two keys that the process derives from the person's random data key (lib/crypto/data_key.h) and passes together,
-- 96 bytes: encrypts, authenticates, and the random key itself, which only values of format 1 need. The context names table,
-- column and row ('patient.given_name:<id>'), so a value that is moved does not open. A text cannot hold a zero byte: context
-- and what follows it cannot be mistaken for another pair, and a version cannot be taken for another one's.
--
-- The check comes before decryption, so pgcrypto never sees a ciphertext that was not made here, and its padding tells nothing.
-- Both sides of the comparison are hashed once more: how long it takes says nothing about the right code.
--
-- SECURITY DEFINER because nobody else may reach pgcrypto. One expression, because plpgsql makes each one ready in each
-- transaction.
CREATE OR REPLACE FUNCTION phi.seal(keys bytea, context text, value text) RETURNS bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
DECLARE
    message bytea := ext.gen_random_bytes(16);
BEGIN
    -- A missing or short key must never seal anything: NULL in, NULL out would lose the value in silence.
    IF octet_length(keys) = 96 AND context IS NOT NULL AND value IS NOT NULL THEN
        message := message || ext.encrypt_iv(convert_to(value, 'UTF8'), substr(keys, 1, 32), message, 'aes-cbc/pad:pkcs');
        RETURN '\x02'::bytea
            || ext.hmac('\x02'::bytea || convert_to(context, 'UTF8') || '\x00'::bytea || message, substr(keys, 33, 32), 'sha256')
            || message;
    ELSIF value IS NULL THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'a value cannot be sealed without key and context';
END
$$;
GRANT EXECUTE ON FUNCTION phi.seal(bytea,text,text) TO anamnesis_api;
