-- The signed-in patient has given the password from before, which the process compared with this hash: nothing is held any
-- more. False when another hash counts by now.
CREATE OR REPLACE FUNCTION auth.hold_end(p_password_before text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM auth.account a
    WHERE a.id = auth.patient() AND a.realm = 'patient' AND a.held_password = p_password_before FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.unhold(auth.patient());
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.hold_end(text) TO anamnesis_api;
