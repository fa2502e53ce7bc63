-- The first statement of a transaction with a session: proves it, and sets the actor. AN401 when there is no such
-- session or it has ended, by time or otherwise, or the account is not active; AN403 when the account's present
-- role is not in the mask: owner 1, physician 2, assistant 4, auditor 8, patient 16. wrapped_key is the actor's own.
--
-- last_seen_at is written once a minute, and not when another request is at it: reads must not wait for each
-- other. A session may therefore end up to a minute before its idle limit, never after it.
--
-- The token from before a step-up proves the session for ten seconds more, without what the step-up gave: requests that were under
-- way are served, and whoever had the old token alone gains nothing. It is looked for when no session has the token.
--
-- Bit 32 of the roles asks for a second factor of the last five minutes in this session (AN430). How the actor is kept,
-- and why nobody else makes it: sql/schema/0112_pinned_actor.sql.
CREATE OR REPLACE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text,
                                      p_request_id uuid, p_client_address text,
                                      OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid,
                                      OUT wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    seen timestamptz;
    fresh timestamptz;
    mask integer;
    kind integer;
    pinned text;
    said text;
    present bytea := p_token_hash;
BEGIN
    LOOP
        IF p_realm = 'staff' THEN
            SELECT s.practice_id, s.account_id, m.role, s.id, m.wrapped_key, s.last_seen_at, s.stepped_up_at,
                   CASE WHEN m.role IN ('owner', 'auditor') OR c.patient_access = 'all' THEN 5 ELSE 1 END
                   + CASE m.role WHEN 'owner' THEN 16 WHEN 'physician' THEN 32 WHEN 'assistant' THEN 48 WHEN 'auditor' THEN 64 END
            INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh, kind
            FROM auth.session s
            JOIN anamnesis.staff m ON m.id = s.account_id
            JOIN anamnesis.practice c ON c.id = m.practice_id
            WHERE s.token_hash = present AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
              AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND m.status = 'active';
            mask := CASE prove.role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4
                                    WHEN 'auditor' THEN 8 END;
        ELSE
            SELECT s.practice_id, s.account_id, 'patient', s.id, d.wrapped_key, s.last_seen_at, s.stepped_up_at,
                   CASE WHEN s.held_until > now() THEN 90 ELSE 82 END
            INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh, kind
            FROM auth.session s
            JOIN anamnesis.patient p ON p.id = s.account_id
            JOIN anamnesis.data_key d ON d.patient_id = p.id
            WHERE p_realm = 'patient' AND s.token_hash = present AND s.realm = 'patient' AND s.ended_at IS NULL
              AND s.expires_at > now() AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
              AND p.status = 'active';
            mask := 16;
        END IF;
        EXIT WHEN seen IS NOT NULL OR present <> p_token_hash;
        SELECT s.token_hash INTO present FROM auth.session s WHERE s.former_hash = p_token_hash AND s.former_until > now();
        EXIT WHEN NOT FOUND;
    END LOOP;
    IF present <> p_token_hash THEN
        fresh := NULL;
        said := set_config('anamnesis.former', 'yes', true);
    END IF;
    IF seen IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such session';
    ELSIF (mask & p_roles) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    ELSIF (p_roles & 32) <> 0 AND (fresh IS NULL OR fresh < now() - interval '5 minutes') THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'this needs a second factor of the last five minutes';
    END IF;
    IF seen < now() - interval '1 minute' THEN
        UPDATE auth.session SET last_seen_at = now()
        WHERE id = (SELECT s.id FROM auth.session s WHERE s.id = prove.session_id FOR UPDATE SKIP LOCKED);
    END IF;
    pinned := auth.pin(kind, prove.practice_id, prove.actor_id, prove.session_id, p_request_id, p_operation, p_client_address);
END
$$;
GRANT EXECUTE ON FUNCTION auth.prove(text,bytea,integer,text,uuid,text) TO anamnesis_api;
