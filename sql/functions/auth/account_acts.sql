-- What sessions of an account say of it (sql/schema/0114_session_actor.sql). Whoever changes what this is read from is waited for,
-- and waits. Only for functions.
CREATE OR REPLACE FUNCTION auth.account_acts(p_realm text, p_account uuid, OUT acts_as integer, OUT wrapped_key bytea)
RETURNS record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF p_realm = 'staff' THEN
        SELECT CASE WHEN m.status <> 'active' THEN 0
                    ELSE CASE WHEN m.role IN ('owner', 'auditor') OR c.patient_access = 'all' THEN 5 ELSE 1 END
                         + 16 * array_position(ARRAY['owner', 'physician', 'assistant', 'auditor'], m.role) END, m.wrapped_key
        INTO account_acts.acts_as, account_acts.wrapped_key
        FROM anamnesis.staff m JOIN anamnesis.practice c ON c.id = m.practice_id
        WHERE m.id = p_account
        FOR SHARE OF m, c;
    ELSE
        SELECT CASE p.status WHEN 'active' THEN 2 + 16 * 5 ELSE 0 END
        INTO account_acts.acts_as
        FROM anamnesis.patient p
        WHERE p.id = p_account
        FOR SHARE OF p;
    END IF;
    account_acts.acts_as := coalesce(account_acts.acts_as, 0);
END
$$;
