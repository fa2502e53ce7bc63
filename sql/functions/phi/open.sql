-- Opens what phi.seal sealed; AN500 when it was changed or moved, or the key is another one.
CREATE OR REPLACE FUNCTION phi.open(data_key bytea, context text, sealed bytea) RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SECURITY DEFINER
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
GRANT EXECUTE ON FUNCTION phi.open(bytea,text,bytea) TO anamnesis_api;
