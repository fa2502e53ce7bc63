-- A new link for a member of the practice; earlier ones end, and so do sessions. False when there is no such member, or
-- they are disabled.
CREATE OR REPLACE FUNCTION auth.staff_link(p_practice uuid, p_staff uuid, p_token_hash bytea, p_expires_at timestamptz) RETURNS boolean
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
