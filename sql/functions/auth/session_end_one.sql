-- Ends one of the signed-in account's sessions; false when it has no such session, or it had ended.
CREATE OR REPLACE FUNCTION auth.session_end_one(p_session uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.session SET ended_at = now()
    WHERE id = p_session AND account_id = auth.actor() AND realm = auth.realm() AND ended_at IS NULL;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION auth.session_end_one(uuid) TO anamnesis_api;
