-- Spends the link and sets the password. Whatever second factors there were are gone: the first sign-in enrols an app.
-- False: another request was faster.
CREATE OR REPLACE FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    member uuid;
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.staff_invitation i SET used_at = now()
    WHERE i.token_hash = p_token_hash AND i.used_at IS NULL AND i.expires_at > now()
    RETURNING i.staff_id, i.practice_id INTO member, practice;
    UPDATE anamnesis.staff s SET status = 'active', revision = s.revision + 1
    WHERE s.id = member AND s.status IN ('invited', 'active');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO auth.account AS a (id, practice_id, realm, password_hash) VALUES (member, practice, 'staff', p_password_hash)
    ON CONFLICT (id) DO UPDATE
    SET password_hash = excluded.password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
        recover_only = false;
    DELETE FROM auth.recovery_code r WHERE r.account_id = member;
    DELETE FROM auth.passkey k WHERE k.account_id = member;
    PERFORM auth.end_all(member, NULL);
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_register(bytea,text) TO anamnesis_api;
