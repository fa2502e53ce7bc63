-- The pending seed counts from now on; the step that confirmed it does not count again.
CREATE OR REPLACE FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a
    SET totp_sealed = a.totp_pending, totp_pending = NULL, totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND a.totp_pending IS NOT NULL
      AND p_step <= floor(extract(epoch FROM clock_timestamp()) / 30) + 1
    RETURNING a.realm INTO whose;
    PERFORM audit.about(p_account) WHERE whose = 'patient';
    RETURN whose IS NOT NULL;
END
$$;
GRANT EXECUTE ON FUNCTION auth.totp_confirm(uuid,bigint) TO anamnesis_api;
