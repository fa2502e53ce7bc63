-- A right password whose stored hash is of an older pepper or older costs is hashed anew by the process; only in place
-- of the hash that it was compared with.
CREATE OR REPLACE FUNCTION auth.password_renew(p_realm text, p_account uuid, p_old text, p_new text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    UPDATE auth.account a SET password_hash = p_new
    WHERE a.id = p_account AND a.realm = p_realm AND a.password_hash = p_old;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION auth.password_renew(text,uuid,text,text) TO anamnesis_api;
