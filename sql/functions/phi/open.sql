-- Opens what phi.seal sealed; AN500 when it was changed or moved, or the key is another one. NULL when there is nothing, or the
-- caller has no key at hand and asked for none. STABLE, not IMMUTABLE, which it is: the planner would open constants, and an error would
-- come from a row that nobody reads. (VOLATILE and PARALLEL SAFE exclude each other in plpgsql, which takes a new snapshot for each
-- expression then: no parallel worker may.)
CREATE OR REPLACE FUNCTION phi.open(keys bytea, context text, sealed bytea) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
AS $$
BEGIN
    IF sealed IS NULL OR keys IS NULL THEN
        RETURN NULL;
    -- Not a CASE: the planner may work out what stands behind its THEN (decrypt_iv is IMMUTABLE) before the condition.
    ELSIF octet_length(keys) = 96 AND octet_length(sealed) > 64 AND get_byte(sealed, 0) = 2
          AND sha256(substr(sealed, 2, 32)) = sha256(ext.hmac('\x02'::bytea || convert_to(context, 'UTF8') || '\x00'::bytea
                                                              || substr(sealed, 34), substr(keys, 33, 32), 'sha256')) THEN
        RETURN convert_from(ext.decrypt_iv(substr(sealed, 50), substr(keys, 1, 32), substr(sealed, 34, 16), 'aes-cbc/pad:pkcs'),
                            'UTF8');
    END IF;
    RETURN phi.open_format_1(keys, context, sealed);
END
$$;
GRANT EXECUTE ON FUNCTION phi.open(bytea,text,bytea) TO anamnesis_api;
