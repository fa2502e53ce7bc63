-- Opens a value of the first format, which is written no more (`anamnesis keys rotate` seals such values anew); AN500 for everything
-- that is none. 1 byte version: 1; 32 bytes HMAC-SHA-256 over context, one zero byte and ciphertext; an OpenPGP message of pgcrypto's:
-- AES-256, not compressed, S2K mode 1. Its two keys are HMACs of a purpose under the random data key, the last of the three.
-- Only for phi.open.
CREATE OR REPLACE FUNCTION phi.open_format_1(keys bytea, context text, sealed bytea) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    data_key bytea := substr(keys, 65);
    message bytea := substr(sealed, 34);
BEGIN
    -- The keys' length counts too: HMAC takes a key and the same key with zeros after it for one.
    IF octet_length(keys) <> 96 OR octet_length(sealed) < 34 OR get_byte(sealed, 0) <> 1
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
