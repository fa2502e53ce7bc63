-- Whoever runs the server invites staff, too: the first owner of a practice, or another one when no owner gets in any more.
-- What is done is the same as when an owner does it, so both ways go through the same two functions. These are granted to
-- nobody: the owner of the database calls them (`anamnesis staff`), and so do the functions that ask for an owner with fresh
-- proof first.

-- A new link for a member of the practice; earlier ones end, and so do sessions. False when there is no such member, or
-- they are disabled.
CREATE FUNCTION auth.staff_link(p_practice uuid, p_staff uuid, p_token_hash bytea, p_expires_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM anamnesis.staff s
    WHERE s.practice_id = p_practice AND s.id = p_staff AND s.status IN ('invited', 'active') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(p_staff, NULL);
    UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    INSERT INTO auth.staff_invitation (token_hash, practice_id, staff_id, expires_at)
    VALUES (p_token_hash, p_practice, p_staff, least(p_expires_at, now() + interval '7 days'));
    RETURN true;
END
$$;

-- A new member of staff, sealed with a new data key of their own, and the link to join by. The time of the row.
CREATE FUNCTION auth.staff_join(p_practice uuid, p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea,
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

CREATE OR REPLACE FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    RETURN auth.staff_link(auth.practice(), p_staff, p_token_hash, p_expires_at);
END
$$;

CREATE OR REPLACE FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea,
                                             p_email text, p_name text, p_token_hash bytea, p_expires_at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    RETURN auth.staff_join(auth.practice(), p_staff, p_role, p_email_index, p_wrapped_key, p_key, p_email, p_name,
                           p_token_hash, p_expires_at);
END
$$;
