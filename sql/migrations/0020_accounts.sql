-- What people do with their own accounts: a forgotten password, a new password, a new second factor, sessions seen and
-- ended, fresh proof for what matters most, and the practice's own limits of sessions.

ALTER TABLE anamnesis.practice
    ADD COLUMN staff_idle_minutes   integer NOT NULL DEFAULT 15 CHECK (staff_idle_minutes BETWEEN 5 AND 60),
    ADD COLUMN patient_idle_minutes integer NOT NULL DEFAULT 30 CHECK (patient_idle_minutes BETWEEN 5 AND 120),
    ADD COLUMN session_hours        integer NOT NULL DEFAULT 12 CHECK (session_hours BETWEEN 1 AND 12);

ALTER TABLE anamnesis.patient
    ADD COLUMN reminders boolean NOT NULL DEFAULT true; -- by e-mail, of what is due

ALTER TABLE auth.session ADD COLUMN stepped_up_at timestamptz; -- the last fresh second factor in this session

-- A reset is a challenge too: single use, short lived; its token went to the account's e-mail address.
ALTER TABLE auth.challenge
    DROP CONSTRAINT challenge_purpose_check,
    DROP CONSTRAINT challenge_delivery_check,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT challenge_purpose CHECK (purpose IN ('mfa', 'enrol', 'reset')),
    ADD CONSTRAINT challenge_delivery CHECK (delivery = ANY (CASE purpose
        WHEN 'reset' THEN ARRAY['email'] ELSE ARRAY['cookie', 'bearer'] END));

-- ---------------------------------------------------------------------------------------------------- the actor

-- As in 0005, and: bit 32 of the roles asks for a second factor of the last five minutes in this session (AN430).
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
    dummy text;
BEGIN
    IF p_realm = 'staff' THEN
        SELECT s.practice_id, s.account_id, m.role, s.id, m.wrapped_key, s.last_seen_at, s.stepped_up_at
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh
        FROM auth.session s JOIN anamnesis.staff m ON m.id = s.account_id
        WHERE s.token_hash = p_token_hash AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND m.status = 'active';
        mask := CASE prove.role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4
                                WHEN 'auditor' THEN 8 END;
    ELSE
        SELECT s.practice_id, s.account_id, 'patient', s.id, p.wrapped_key, s.last_seen_at, s.stepped_up_at
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen, fresh
        FROM auth.session s JOIN anamnesis.patient p ON p.id = s.account_id
        WHERE p_realm = 'patient' AND s.token_hash = p_token_hash AND s.realm = 'patient' AND s.ended_at IS NULL
          AND s.expires_at > now() AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
          AND p.status = 'active';
        mask := 16;
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
    -- One expression: plpgsql evaluates it without a query of its own for each setting.
    dummy := set_config('anamnesis.realm', p_realm, true)
          || set_config('anamnesis.practice_id', prove.practice_id::text, true)
          || set_config('anamnesis.actor_id', prove.actor_id::text, true)
          || set_config('anamnesis.patient_id', CASE mask WHEN 16 THEN prove.actor_id::text ELSE '' END, true)
          || set_config('anamnesis.role', prove.role, true)
          || set_config('anamnesis.session_id', prove.session_id::text, true)
          || set_config('anamnesis.operation', p_operation, true)
          || set_config('anamnesis.request_id', p_request_id::text, true)
          || set_config('anamnesis.client_address', left(p_client_address, 64), true);
END
$$;

-- As in 0005, with the practice's limits. A session begins stepped up when a second factor was just accepted.
CREATE OR REPLACE FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea,
                                               p_client_address text, p_user_agent text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid := anamnesis.uuid_v7();
    allowed boolean;
BEGIN
    IF p_challenge IS NOT NULL THEN
        UPDATE auth.challenge c SET used_at = now()
        WHERE c.token_hash = p_challenge AND c.realm = p_realm AND c.account_id = p_account AND c.used_at IS NULL
          AND c.purpose <> 'reset' AND c.expires_at > now();
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        allowed := auth.factor_is_fresh(p_account);
    ELSE
        SELECT a.totp_sealed IS NULL AND c.patient_mfa = 'optional' INTO allowed
        FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
        WHERE a.id = p_account AND p_realm = 'patient';
    END IF;
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'a session needs a second factor here';
    END IF;
    INSERT INTO auth.session (id, practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address,
                              user_agent, stepped_up_at)
    SELECT made, a.practice_id, a.realm, a.id, p_token_hash,
           60 * CASE a.realm WHEN 'staff' THEN c.staff_idle_minutes ELSE c.patient_idle_minutes END,
           now() + c.session_hours * interval '1 hour', left(p_client_address, 64), left(p_user_agent, 256),
           CASE WHEN p_challenge IS NOT NULL THEN now() END
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = p_account AND a.realm = p_realm;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such account';
    END IF;
    RETURN made;
END
$$;

-- ---------------------------------------------------------------------------------------------------- fresh proof

-- The actor's own account: what is needed to ask for its second factor or its password again.
CREATE FUNCTION auth.own_account()
RETURNS TABLE (account_id uuid, practice_id uuid, practice_name text, password_hash text, totp_sealed bytea,
               totp_pending bytea, totp_step bigint, mfa_required boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.practice_id, c.name, a.password_hash, a.totp_sealed, a.totp_pending, a.totp_step,
           a.realm = 'staff' OR c.patient_mfa = 'required'
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

-- Which factors the actor's own account has.
CREATE FUNCTION auth.own_factors() RETURNS TABLE (totp boolean, recovery_codes integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.totp_sealed IS NOT NULL,
           (SELECT count(*)::integer FROM auth.recovery_code r WHERE r.account_id = a.id AND r.used_at IS NULL)
    FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

-- The present session is fresh for five minutes, under a new token (ASVS 7.2.4): the old one ends. Only after a second
-- factor in the same transaction.
CREATE FUNCTION auth.session_step_up(p_token_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT auth.factor_is_fresh(auth.actor()) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'stepping up needs a second factor';
    END IF;
    UPDATE auth.session SET token_hash = p_token_hash, stepped_up_at = now(), last_seen_at = now()
    WHERE id = auth.session() AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'the session has ended';
    END IF;
    RETURN now() + interval '5 minutes';
END
$$;

-- ---------------------------------------------------------------------------------------------------- passwords

-- Begins a reset for the accounts of an e-mail address: one token for each, of the hashes given. No more than three
-- an hour for an account; whoever asks learns nothing either way.
CREATE FUNCTION auth.reset_begin(p_realm text, p_email_index bytea, p_hashes bytea[])
RETURNS TABLE (account_id uuid, practice_id uuid, practice_name text, wrapped_key bytea, token_number integer,
               expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    one record;
BEGIN
    token_number := 0;
    FOR one IN
        SELECT a.id, a.practice_id, c.name, coalesce(m.wrapped_key, p.wrapped_key) AS wrapped_key
        FROM auth.account a
        JOIN anamnesis.practice c ON c.id = a.practice_id
        LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
        LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
        WHERE a.realm = p_realm AND coalesce(m.email_index, p.email_index) = p_email_index
          AND a.id IN (SELECT s.id FROM anamnesis.staff s WHERE s.email_index = p_email_index
                       UNION ALL SELECT q.id FROM anamnesis.patient q WHERE q.email_index = p_email_index)
        ORDER BY a.id LIMIT 4
    LOOP
        CONTINUE WHEN token_number >= cardinality(p_hashes) OR 3 <= (
            SELECT count(*) FROM auth.challenge c
            WHERE c.account_id = one.id AND c.purpose = 'reset' AND c.created_at > now() - interval '1 hour');
        token_number := token_number + 1;
        INSERT INTO auth.challenge AS c (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
        VALUES (p_hashes[token_number], one.practice_id, p_realm, one.id, 'reset', 'email', now() + interval '30 minutes')
        RETURNING c.expires_at INTO expires_at;
        account_id := one.id;
        practice_id := one.practice_id;
        practice_name := one.name;
        wrapped_key := one.wrapped_key;
        PERFORM auth.concerns(one.practice_id, one.id);
        RETURN NEXT;
    END LOOP;
END
$$;

-- The account that a reset's token is for, while it can be used; its e-mail address still sealed. The row stays locked.
CREATE FUNCTION auth.reset_account(p_realm text, p_token_hash bytea)
RETURNS TABLE (account_id uuid, practice_name text, wrapped_key bytea, email bytea, with_factor boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    SELECT a.id, c.name, coalesce(m.wrapped_key, p.wrapped_key), coalesce(m.email, p.email)::bytea,
           a.realm = 'staff' OR a.totp_sealed IS NOT NULL OR c.patient_mfa = 'required', a.practice_id
    INTO reset_account.account_id, reset_account.practice_name, reset_account.wrapped_key, reset_account.email,
         reset_account.with_factor, practice
    FROM auth.challenge h
    JOIN auth.account a ON a.id = h.account_id
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    WHERE h.token_hash = p_token_hash AND h.realm = p_realm AND h.purpose = 'reset' AND h.used_at IS NULL
      AND h.expires_at > now() AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF h;
    IF FOUND THEN
        PERFORM auth.concerns(practice, reset_account.account_id);
        RETURN NEXT;
    END IF;
END
$$;

-- Every session of an account but one (NULL: none is spared), and whatever sign-in or reset is under way, ends.
CREATE FUNCTION auth.end_all(p_account uuid, p_spare uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.session SET ended_at = now()
    WHERE account_id = p_account AND ended_at IS NULL AND id IS DISTINCT FROM p_spare;
    UPDATE auth.challenge SET used_at = now() WHERE account_id = p_account AND used_at IS NULL;
$$;

-- Spends the token and sets the password; the second factor stays in force (ASVS 6.4.3). False: another was faster.
CREATE FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid;
BEGIN
    UPDATE auth.challenge c SET used_at = now()
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = 'reset' AND c.used_at IS NULL
      AND c.expires_at > now()
    RETURNING c.account_id INTO account;
    IF account IS NULL THEN
        RETURN false;
    END IF;
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = account AND a.realm = p_realm;
    PERFORM auth.end_all(account, NULL);
    RETURN true;
END
$$;

-- The signed-in account's new password; the process has checked the present one. Other sessions end.
CREATE FUNCTION auth.password_change(p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = auth.actor() AND a.realm = auth.realm();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(auth.actor(), auth.session());
    RETURN true;
END
$$;

-- ---------------------------------------------------------------------------------------------------- second factors

-- Whether the present session has stepped up within five minutes.
CREATE FUNCTION auth.is_fresh() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND s.ended_at IS NULL
                                                AND s.stepped_up_at > now() - interval '5 minutes')
$$;

-- As in 0005, for staff too, and for a new authenticator app in place of one: only in a session that is fresh.
DROP FUNCTION auth.totp_begin(uuid, bytea), auth.totp_confirm(uuid, bigint), auth.totp_state();
CREATE FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea) RETURNS TABLE (account_id uuid, practice_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_account AND a.id = auth.actor() AND (a.totp_sealed IS NULL OR auth.is_fresh())
      AND c.id = a.practice_id
    RETURNING a.id, c.name, a.realm INTO totp_begin.account_id, totp_begin.practice_name, whose;
    IF FOUND THEN
        PERFORM audit.about(p_account) WHERE whose = 'patient';
        RETURN NEXT;
    END IF;
END
$$;
CREATE FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a
    SET totp_sealed = a.totp_pending, totp_pending = NULL, totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.id = auth.actor() AND (a.totp_sealed IS NULL OR auth.is_fresh())
      AND a.totp_pending IS NOT NULL
    RETURNING a.realm INTO whose;
    PERFORM audit.about(p_account) WHERE whose = 'patient';
    RETURN whose IS NOT NULL;
END
$$;

-- A patient goes on without a second factor, where the practice leaves the choice. Recovery codes go with it.
CREATE FUNCTION auth.totp_remove() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a SET totp_sealed = NULL, totp_pending = NULL
    FROM anamnesis.practice c
    WHERE a.id = auth.patient() AND a.realm = 'patient' AND a.totp_sealed IS NOT NULL AND auth.is_fresh()
      AND c.id = a.practice_id AND c.patient_mfa = 'optional';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM auth.recovery_code r WHERE r.account_id = auth.patient();
    RETURN true;
END
$$;

-- As in 0005; a session that is fresh will do as well as a second factor in this transaction.
CREATE OR REPLACE FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cardinality(p_hashes) > 20
        OR NOT (auth.factor_is_fresh(p_account) OR (p_account = auth.actor() AND auth.is_fresh())) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'recovery codes need a fresh second factor';
    END IF;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    INSERT INTO auth.recovery_code (account_id, code_hash)
    SELECT a.id, h.hash FROM auth.account a, unnest(p_hashes) AS h (hash)
    WHERE a.id = p_account AND a.realm = p_realm AND a.totp_sealed IS NOT NULL;
END
$$;

-- ---------------------------------------------------------------------------------------------------- sessions

-- Where the signed-in account is signed in, the newest first.
CREATE FUNCTION auth.sessions()
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, client_address text,
               user_agent text, present boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.client_address, s.user_agent, s.id = auth.session()
    FROM auth.session s
    WHERE s.account_id = auth.actor() AND s.realm = auth.realm() AND s.ended_at IS NULL AND s.expires_at > now()
      AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
    ORDER BY s.id DESC LIMIT 200
$$;

-- Ends one of the signed-in account's sessions; false when it has no such session, or it had ended.
CREATE FUNCTION auth.session_end_one(p_session uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.session SET ended_at = now()
    WHERE id = p_session AND account_id = auth.actor() AND realm = auth.realm() AND ended_at IS NULL;
    RETURN FOUND;
END
$$;

-- Signs the account out everywhere, here too.
CREATE FUNCTION auth.session_end_all() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT auth.end_all(auth.actor(), NULL) $$;

-- ---------------------------------------------------------------------------------------------------- profiles

-- What members of staff and patients change about themselves. NULL: the revision is stale.
CREATE FUNCTION auth.staff_rename(p_revision integer, p_key bytea, p_name text) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.staff s SET name = phi.seal(p_key, 'staff.name:' || s.id::text, p_name), revision = s.revision + 1
    WHERE s.id = auth.actor() AND auth.realm() = 'staff' AND s.revision = p_revision
    RETURNING s.revision
$$;
CREATE FUNCTION auth.patient_choose(p_revision integer, p_language text, p_reminders boolean) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.patient p
    SET language = coalesce(p_language, p.language), reminders = coalesce(p_reminders, p.reminders),
        revision = p.revision + 1, updated_at = now()
    WHERE p.id = auth.patient() AND p.revision = p_revision
    RETURNING p.revision
$$;

GRANT EXECUTE ON FUNCTION
    auth.own_account(), auth.own_factors(), auth.session_step_up(bytea), auth.reset_begin(text, bytea, bytea[]),
    auth.reset_account(text, bytea), auth.reset_finish(text, bytea, text), auth.password_change(text),
    auth.totp_begin(uuid, bytea), auth.totp_confirm(uuid, bigint), auth.totp_remove(), auth.sessions(),
    auth.session_end_one(uuid), auth.session_end_all(), auth.staff_rename(integer, bytea, text),
    auth.patient_choose(integer, text, boolean)
TO anamnesis_api;
