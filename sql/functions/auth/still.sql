-- True while what was found out about an account, in this generation of it (NULL: whichever it is), still holds: it is there,
-- whoever it is of is active, and nothing has ended all of it since. Locks the account until the transaction ends, so that
-- auth.end_all waits for what is made of it and ends that too. Only for functions.
CREATE OR REPLACE FUNCTION auth.still(p_realm text, p_account uuid, p_generation integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.hold_person(p_realm, p_account);
    PERFORM FROM auth.account a
    WHERE a.id = p_account AND a.realm = p_realm AND a.generation = coalesce(p_generation, a.generation)
    FOR NO KEY UPDATE;
    -- A statement of its own: it sees what those had done who were waited for.
    RETURN FOUND AND CASE p_realm
        WHEN 'staff' THEN EXISTS (SELECT FROM anamnesis.staff s WHERE s.id = p_account AND s.status = 'active')
        ELSE EXISTS (SELECT FROM anamnesis.patient p WHERE p.id = p_account AND p.status = 'active') END;
END
$$;
