-- True when the account must keep one.
CREATE OR REPLACE FUNCTION auth.needs_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.realm = 'staff' OR c.patient_mfa = 'required'
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id WHERE a.id = p_account
$$;
