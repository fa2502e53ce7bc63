-- A value of the first format in the present one, any other as it is.
CREATE OR REPLACE FUNCTION phi.sealed_anew(keys bytea, context text, sealed bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN get_byte(sealed, 0) = 1 THEN phi.seal(keys, context, phi.open(keys, context, sealed)) ELSE sealed END;
END
$$;
