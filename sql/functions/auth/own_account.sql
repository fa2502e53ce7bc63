-- The actor's own account: what is needed to ask for its second factor or its password again.
CREATE OR REPLACE FUNCTION auth.own_account()
RETURNS TABLE (account_id uuid, practice_id uuid, practice_name text, password_hash text, totp_sealed bytea,
               totp_pending bytea, totp_step bigint, mfa_required boolean, has_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.practice_id, c.name, a.password_hash, a.totp_sealed, a.totp_pending, a.totp_step,
           a.realm = 'staff' OR c.patient_mfa = 'required', auth.has_factor(a.id)
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;
GRANT EXECUTE ON FUNCTION auth.own_account() TO anamnesis_api;
