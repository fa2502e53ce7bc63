-- Another name, sealed with the rest; NULL when the revision is stale.
CREATE OR REPLACE FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.passkey k SET passkey_sealed = p_sealed, revision = k.revision + 1
    FROM auth.account a
    WHERE k.id = p_passkey AND k.revision = p_revision AND a.id = k.account_id AND a.id = auth.actor()
      AND a.realm = auth.realm()
    RETURNING k.revision
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_rename(uuid,integer,bytea) TO anamnesis_api;
