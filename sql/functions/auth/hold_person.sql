-- Whoever an account is of, and their practice, stay as they are until the transaction ends: changes of them are waited for, and
-- wait. First the practice, then the person, then what belongs to the account: in this order, as those lock who change somebody's state
-- or role and then end what they have (auth.as_owner, auth.staff_change, auth.patient_archive, auth.end_all). Only for functions.
CREATE OR REPLACE FUNCTION auth.hold_person(p_realm text, p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_realm = 'staff' THEN
        PERFORM FROM anamnesis.practice c
        WHERE c.id = (SELECT m.practice_id FROM anamnesis.staff m WHERE m.id = p_account) FOR SHARE;
        PERFORM FROM anamnesis.staff m WHERE m.id = p_account FOR SHARE;
    ELSE
        PERFORM FROM anamnesis.patient p WHERE p.id = p_account FOR SHARE;
    END IF;
END
$$;
