-- Whom a usable link is for; the address still sealed. The link stays locked.
CREATE OR REPLACE FUNCTION auth.staff_invited(p_token_hash bytea)
RETURNS TABLE (staff_id uuid, practice_name text, role text, wrapped_key bytea, email bytea, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    SELECT s.id, c.name, s.role, s.wrapped_key, s.email::bytea, i.expires_at, i.practice_id
    INTO staff_invited.staff_id, staff_invited.practice_name, staff_invited.role, staff_invited.wrapped_key,
         staff_invited.email, staff_invited.expires_at, practice
    FROM auth.staff_invitation i
    JOIN anamnesis.staff s ON s.id = i.staff_id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.used_at IS NULL AND i.expires_at > now() AND s.status IN ('invited', 'active')
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, staff_invited.staff_id);
        RETURN NEXT;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_invited(bytea) TO anamnesis_api;
