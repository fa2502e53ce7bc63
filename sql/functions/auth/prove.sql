-- The first statement of a transaction with a session: proves it, and sets the actor. AN401 when there is no such
-- session or it has ended, by time or otherwise, or the account is not active; AN403 when the account's present
-- role is not in the mask: owner 1, physician 2, assistant 4, auditor 8, patient 16. wrapped_key is the actor's own; at
-- expires_at the session ends at the latest.
--
-- last_seen_at is written once a minute, and not when another request is at it: reads must not wait for each
-- other. A session may therefore end up to a minute before its idle limit, never after it.
--
-- The token from before a step-up proves the session for ten seconds more, without what the step-up gave: requests that were under
-- way are served, and whoever had the old token alone gains nothing. It is looked for when no session has the token.
--
-- One look-up: the session's row says who acts (sql/schema/0114_session_actor.sql), and of staff the key. A patient's is read
-- from its own table, unless bit 64 of the roles says that whoever asks has it already.
--
-- Bit 32 of the roles asks for a second factor of the last five minutes in this session (AN430). How the actor is kept,
-- and why nobody else makes it: sql/schema/0112_pinned_actor.sql.
CREATE OR REPLACE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text,
                                      p_request_id uuid, p_client_address text,
                                      OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid,
                                      OUT wrapped_key bytea, OUT expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
#variable_conflict use_column
DECLARE
    kind integer;
    fresh timestamptz;
    plain boolean; -- nothing more is to be done or asked: one expression for nearly every request
    pins bigint[];
    pinned text;
    said text;
    present bytea := p_token_hash;
BEGIN
    LOOP
        SELECT s.practice_id, s.account_id, s.id, s.wrapped_key, s.expires_at, s.stepped_up_at,
               s.acts_as + CASE WHEN s.held_until > now() THEN 8 ELSE 0 END,
               (ARRAY['owner', 'physician', 'assistant', 'auditor', 'patient'])[s.acts_as >> 4],
               1 << (s.acts_as >> 4) - 1 & p_roles <> 0 AND p_roles & 32 = 0 AND s.last_seen_at >= now() - interval '1 minute'
               AND present = p_token_hash, s.pins
        INTO prove.practice_id, prove.actor_id, prove.session_id, prove.wrapped_key, prove.expires_at, fresh, kind, prove.role, plain,
             pins
        FROM auth.session s
        WHERE s.token_hash = present AND s.realm = p_realm AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND s.acts_as <> 0;
        EXIT WHEN kind IS NOT NULL OR present <> p_token_hash;
        SELECT s.token_hash INTO present FROM auth.session s WHERE s.former_hash = p_token_hash AND s.former_until > now();
        EXIT WHEN NOT FOUND;
    END LOOP;
    IF plain IS NOT TRUE THEN
        IF present <> p_token_hash THEN
            fresh := NULL;
            said := set_config('anamnesis.former', 'yes', true);
        END IF;
        IF kind IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such session';
        ELSIF 1 << (kind >> 4) - 1 & p_roles = 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
        ELSIF p_roles & 32 <> 0 AND (fresh IS NULL OR fresh < now() - interval '5 minutes') THEN
            RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'this needs a second factor of the last five minutes';
        END IF;
        UPDATE auth.session SET last_seen_at = now()
        WHERE id = (SELECT s.id FROM auth.session s
                    WHERE s.id = prove.session_id AND s.last_seen_at < now() - interval '1 minute' FOR UPDATE SKIP LOCKED);
    END IF;
    IF p_realm = 'patient' AND p_roles & 64 = 0 THEN
        prove.wrapped_key := (SELECT d.wrapped_key FROM anamnesis.data_key d WHERE d.patient_id = prove.actor_id);
    END IF;
    pinned := auth.pin(kind, pins, p_request_id, p_operation, p_client_address);
END
$$;
GRANT EXECUTE ON FUNCTION auth.prove(text,bytea,integer,text,uuid,text) TO anamnesis_api;
