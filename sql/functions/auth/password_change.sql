-- The signed-in account's new password; the process has checked the present one. Other sessions end.
CREATE OR REPLACE FUNCTION auth.password_change(p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = auth.actor() AND a.realm = auth.realm();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(auth.actor(), auth.session());
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.password_change(text) TO anamnesis_api;
