-- Staff join by a link that goes to their own address: single use, limited in time. The same link lets somebody who has lost
-- their factors begin anew.

ALTER TABLE anamnesis.staff
    DROP CONSTRAINT staff_status_check,
    ADD CONSTRAINT staff_status CHECK (status IN ('invited', 'active', 'disabled'));

CREATE TABLE auth.staff_invitation (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    staff_id    uuid NOT NULL REFERENCES anamnesis.staff (id),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz, -- or replaced by a newer one, or taken back
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_invitation_of_staff ON auth.staff_invitation (staff_id);
ALTER TABLE auth.staff_invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.staff_invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.staff_invitation FOR ALL TO anamnesis_owner USING (true) WITH CHECK (true);

-- A new link for a member of the actor's practice; earlier ones end, and so do sessions. False when there is no such
-- member, or they are disabled.
CREATE FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    PERFORM FROM anamnesis.staff s
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.status IN ('invited', 'active') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(p_staff, NULL);
    UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    INSERT INTO auth.staff_invitation (token_hash, practice_id, staff_id, expires_at)
    VALUES (p_token_hash, auth.practice(), p_staff, least(p_expires_at, now() + interval '7 days'));
    RETURN true;
END
$$;

-- A new member of staff, sealed with a new data key of their own, and the link to join by. The time of the row.
CREATE FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea,
                                  p_email text, p_name text, p_token_hash bytea, p_expires_at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made timestamptz;
BEGIN
    PERFORM auth.as_owner();
    INSERT INTO anamnesis.staff (id, practice_id, role, status, email_index, wrapped_key, email, name)
    VALUES (p_staff, auth.practice(), p_role, 'invited', p_email_index, p_wrapped_key,
            phi.seal(p_key, 'staff.email:' || p_staff::text, p_email),
            phi.seal(p_key, 'staff.name:' || p_staff::text, p_name))
    RETURNING created_at INTO made;
    PERFORM auth.staff_reinvite(p_staff, p_token_hash, p_expires_at);
    RETURN made;
END
$$;

-- Whom a usable link is for; the address still sealed. The link stays locked.
CREATE FUNCTION auth.staff_invited(p_token_hash bytea)
RETURNS TABLE (staff_id uuid, practice_name text, role text, wrapped_key bytea, email bytea, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
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

-- Spends the link and sets the password. Whatever second factors there were are gone: the first sign-in enrols an app.
-- False: another request was faster.
CREATE FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    member uuid;
    practice uuid;
BEGIN
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
    SET password_hash = excluded.password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL;
    DELETE FROM auth.recovery_code r WHERE r.account_id = member;
    PERFORM auth.end_all(member, NULL);
    RETURN true;
END
$$;

-- As in 0022, and: who is disabled loses a link that is under way; who never had an account is invited again when taken up.
CREATE OR REPLACE FUNCTION auth.staff_change(p_staff uuid, p_revision integer, p_role text, p_status text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    PERFORM auth.as_owner();
    UPDATE anamnesis.staff s
    SET role = coalesce(p_role, s.role), revision = s.revision + 1,
        status = CASE WHEN p_status = 'active' AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = s.id)
                 THEN 'invited' ELSE coalesce(p_status, s.status) END
    WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.revision = p_revision
    RETURNING s.revision INTO made;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.role = 'owner' AND s.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN432', MESSAGE = 'the practice would have no active owner';
    END IF;
    IF made IS NOT NULL AND p_status = 'disabled' THEN
        PERFORM auth.end_all(p_staff, NULL);
        UPDATE auth.staff_invitation i SET used_at = now() WHERE i.staff_id = p_staff AND i.used_at IS NULL;
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_reinvite(uuid, bytea, timestamptz),
    auth.staff_invite(uuid, text, bytea, bytea, bytea, text, text, bytea, timestamptz), auth.staff_invited(bytea),
    auth.staff_register(bytea, text) TO anamnesis_api;
