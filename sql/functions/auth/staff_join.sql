-- A new member of staff, sealed with a new data key of their own, and the link to join by. The time of the row.
CREATE OR REPLACE FUNCTION auth.staff_join(p_practice uuid, p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea,
                                p_key bytea, p_email text, p_name text, p_token_hash bytea, p_expires_at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made timestamptz;
BEGIN
    INSERT INTO anamnesis.staff (id, practice_id, role, status, email_index, wrapped_key, email, name)
    VALUES (p_staff, p_practice, p_role, 'invited', p_email_index, p_wrapped_key,
            phi.seal(p_key, 'staff.email:' || p_staff::text, p_email),
            phi.seal(p_key, 'staff.name:' || p_staff::text, p_name))
    RETURNING created_at INTO made;
    PERFORM auth.staff_link(p_practice, p_staff, p_token_hash, p_expires_at);
    RETURN made;
END
$$;
