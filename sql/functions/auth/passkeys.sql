-- The signed-in account's passkeys, the oldest first; or one of them.
CREATE OR REPLACE FUNCTION auth.passkeys(p_passkey uuid)
RETURNS TABLE (id uuid, revision integer, passkey_sealed bytea, backup_eligible boolean, backed_up boolean,
               created_at timestamptz, last_used_at timestamptz, doubted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.id, k.revision, k.passkey_sealed, k.backup_eligible, k.backed_up, k.created_at, k.last_used_at, k.doubted_at
    FROM auth.passkey k JOIN auth.account a ON a.id = k.account_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm() AND (p_passkey IS NULL OR k.id = p_passkey)
    ORDER BY k.created_at, k.id LIMIT 10
$$;
GRANT EXECUTE ON FUNCTION auth.passkeys(uuid) TO anamnesis_api;
