-- Accounts, sessions, unfinished sign-ins and throttles. The api role reaches none of these tables: it may only
-- execute the functions, each of which does one narrow thing. Secrets come in as hashes; passwords and one-time
-- codes are checked in the process, so a caller is believed when it says that one was right, but every code, link
-- and challenge is spent here, atomically, where two requests cannot both win.

-- What an account signs in with. TOTP seeds are sealed by the process: the database cannot read them.
CREATE TABLE auth.account (
    id            uuid PRIMARY KEY, -- of the member of staff or the patient
    practice_id   uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm         text NOT NULL CHECK (realm IN ('staff', 'patient')),
    password_hash text NOT NULL,
    totp_sealed   bytea CHECK (octet_length(totp_sealed) > 44),
    totp_pending  bytea CHECK (octet_length(totp_pending) > 44), -- shown, but not confirmed yet
    totp_step     bigint NOT NULL DEFAULT 0,                     -- the last one that was accepted
    factor_xact   xid8, -- the transaction that last accepted a second factor
    created_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE TABLE auth.recovery_code (
    account_id uuid NOT NULL REFERENCES auth.account (id),
    code_hash  bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE auth.session (
    id             uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id    uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id     uuid NOT NULL,
    token_hash     bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_seen_at   timestamptz NOT NULL DEFAULT now(),
    idle_seconds   integer NOT NULL CHECK (idle_seconds BETWEEN 60 AND 86400),
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    client_address text NOT NULL,
    user_agent     text CHECK (length(user_agent) <= 256)
) WITH (fillfactor = 80);
CREATE INDEX session_of_account ON auth.session (account_id) WHERE ended_at IS NULL;

-- From the right password to the second factor.
CREATE TABLE auth.challenge (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm       text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id  uuid NOT NULL REFERENCES auth.account (id),
    purpose     text NOT NULL CHECK (purpose IN ('mfa', 'enrol')),
    delivery    text NOT NULL CHECK (delivery IN ('cookie', 'bearer')),
    tries       integer NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX challenge_of_account ON auth.challenge (account_id);

-- Failed tries by account and by address; keys are hashes.
CREATE TABLE auth.throttle (
    key           bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    failures      integer NOT NULL,
    last_failure  timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
) WITH (fillfactor = 70);

-- ---------------------------------------------------------------------------------------------------- the actor

-- The first statement of a transaction with a session: proves it, and sets the actor. AN401 when there is no such
-- session or it has ended, by time or otherwise, or the account is not active; AN403 when the account's present
-- role is not in the mask: owner 1, physician 2, assistant 4, auditor 8, patient 16. wrapped_key is the actor's own.
--
-- last_seen_at is written once a minute, and not when another request is at it: reads must not wait for each
-- other. A session may therefore end up to a minute before its idle limit, never after it.
CREATE FUNCTION auth.prove(p_realm text, p_token_hash bytea, p_roles integer, p_operation text, p_request_id uuid,
                           p_client_address text,
                           OUT practice_id uuid, OUT actor_id uuid, OUT role text, OUT session_id uuid,
                           OUT wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    seen timestamptz;
    mask integer;
    dummy text;
BEGIN
    IF p_realm = 'staff' THEN
        SELECT s.practice_id, s.account_id, m.role, s.id, m.wrapped_key, s.last_seen_at
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen
        FROM auth.session s JOIN anamnesis.staff m ON m.id = s.account_id
        WHERE s.token_hash = p_token_hash AND s.realm = 'staff' AND s.ended_at IS NULL AND s.expires_at > now()
          AND s.last_seen_at > now() - s.idle_seconds * interval '1 second' AND m.status = 'active';
        mask := CASE prove.role WHEN 'owner' THEN 1 WHEN 'physician' THEN 2 WHEN 'assistant' THEN 4
                                WHEN 'auditor' THEN 8 END;
    ELSE
        SELECT s.practice_id, s.account_id, 'patient', s.id, p.wrapped_key, s.last_seen_at
        INTO prove.practice_id, prove.actor_id, prove.role, prove.session_id, prove.wrapped_key, seen
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

-- The first statement of a transaction without a session: nobody is acting.
CREATE FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dummy text;
BEGIN
    dummy := set_config('anamnesis.realm', 'none', true)
          || set_config('anamnesis.practice_id', '', true)
          || set_config('anamnesis.actor_id', '', true)
          || set_config('anamnesis.patient_id', '', true)
          || set_config('anamnesis.role', '', true)
          || set_config('anamnesis.session_id', '', true)
          || set_config('anamnesis.operation', p_operation, true)
          || set_config('anamnesis.request_id', p_request_id::text, true)
          || set_config('anamnesis.client_address', left(p_client_address, 64), true);
END
$$;

-- Notes whom an unfinished sign-in or a registration is about, for the audit row. The realm stays 'none', so
-- row-level security shows nothing more. Only for the functions below.
CREATE FUNCTION auth.concerns(p_practice uuid, p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dummy text;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' AND auth.realm() IS DISTINCT FROM 'patient' THEN
        dummy := set_config('anamnesis.practice_id', p_practice::text, true)
              || set_config('anamnesis.actor_id', coalesce(p_account::text, ''), true);
    END IF;
END
$$;

-- True when a second factor of the account was accepted in this transaction.
CREATE FUNCTION auth.factor_is_fresh(p_account uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.factor_xact = pg_current_xact_id())
$$;

-- ---------------------------------------------------------------------------------------------------- signing in

-- The accounts of an e-mail address, for the password to be checked by the process: one of staff, or those of a
-- patient at no more than four practices (each costs a password hash).
CREATE FUNCTION auth.accounts_for_login(p_realm text, p_email_index bytea)
RETURNS TABLE (account_id uuid, practice_id uuid, password_hash text, has_totp boolean, mfa_required boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practices uuid[];
    found_rows bigint;
BEGIN
    IF p_realm = 'staff' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL, true
        FROM anamnesis.staff m JOIN auth.account a ON a.id = m.id AND a.realm = 'staff'
        WHERE m.email_index = p_email_index AND m.status = 'active';
        SELECT m.practice_id INTO accounts_for_login.practice_id
        FROM anamnesis.staff m WHERE m.email_index = p_email_index;
    ELSIF p_realm = 'patient' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL, c.patient_mfa = 'required'
        FROM anamnesis.patient p
        JOIN auth.account a ON a.id = p.id AND a.realm = 'patient'
        JOIN anamnesis.practice c ON c.id = p.practice_id
        WHERE p.email_index = p_email_index AND p.status = 'active'
        ORDER BY a.id LIMIT 4;
        SELECT array_agg(p.practice_id) INTO practices
        FROM anamnesis.patient p WHERE p.email_index = p_email_index AND p.status = 'active';
        IF cardinality(practices) = 1 THEN
            accounts_for_login.practice_id := practices[1];
        END IF;
    END IF;
    -- A practice shall see in its audit log that somebody tried at one of its accounts.
    IF accounts_for_login.practice_id IS NOT NULL THEN
        PERFORM auth.concerns(accounts_for_login.practice_id, NULL);
    END IF;
END
$$;

-- The password was right; what is missing is the second factor (purpose 'mfa'), or enrolling one ('enrol').
CREATE FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text, p_delivery text,
                                      p_expires_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    practice uuid;
BEGIN
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, p_purpose, p_delivery,
           least(p_expires_at, now() + interval '15 minutes')
    FROM auth.account a
    WHERE a.id = p_account AND a.realm = p_realm
      -- Who has a second factor is never let through to enrol another one; who has none cannot be asked for it.
      AND (a.totp_sealed IS NOT NULL) = (p_purpose = 'mfa')
    RETURNING practice_id INTO practice;
    IF practice IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'the account does not take this challenge';
    END IF;
    PERFORM auth.concerns(practice, p_account);
END
$$;

-- One try at a challenge, counted; no row when it is unknown, too old, used, or out of tries (5; 10 for enrolling,
-- where nothing is guessed). The row stays locked: racing requests come one by one.
CREATE FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text)
RETURNS TABLE (account_id uuid, practice_id uuid, delivery text, totp_sealed bytea, totp_pending bytea,
               totp_step bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    UPDATE auth.challenge c SET tries = c.tries + 1
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = p_purpose AND c.used_at IS NULL
      AND c.expires_at > now() AND c.tries < CASE c.purpose WHEN 'enrol' THEN 10 ELSE 5 END
    RETURNING c.account_id, c.practice_id, c.delivery
    INTO challenge_claim.account_id, challenge_claim.practice_id, challenge_claim.delivery;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(challenge_claim.practice_id, challenge_claim.account_id);
    SELECT a.totp_sealed, a.totp_pending, a.totp_step
    INTO challenge_claim.totp_sealed, challenge_claim.totp_pending, challenge_claim.totp_step
    FROM auth.account a WHERE a.id = challenge_claim.account_id;
    RETURN NEXT;
END
$$;

-- Accepts a step of the account's authenticator once: true for one of any number of racing requests.
CREATE FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a SET totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.realm = p_realm AND a.totp_sealed IS NOT NULL AND a.totp_step < p_step;
    RETURN FOUND;
END
$$;

-- Uses up a recovery code, given as its hashes under each pepper; true once.
CREATE FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.recovery_code r SET used_at = now()
    WHERE r.account_id = p_account AND r.code_hash = ANY (p_hashes) AND r.used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a SET factor_xact = pg_current_xact_id() WHERE a.id = p_account AND a.realm = p_realm;
    RETURN FOUND;
END
$$;

-- New recovery codes; all old ones end. Only after a second factor in the same transaction.
CREATE FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cardinality(p_hashes) > 20 OR NOT auth.factor_is_fresh(p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'recovery codes need a fresh second factor';
    END IF;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    INSERT INTO auth.recovery_code (account_id, code_hash)
    SELECT a.id, h.hash FROM auth.account a, unnest(p_hashes) AS h (hash) WHERE a.id = p_account AND a.realm = p_realm;
END
$$;

-- A session for an account that has proven who it is. With a challenge: spends it; NULL when another request was
-- faster; a second factor must have been accepted in this transaction. Without: only a patient who has no second
-- factor at a practice that does not require one. Idle 15 min for staff, 30 min for patients; 12 h in all.
CREATE FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea,
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
          AND c.expires_at > now();
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
                              user_agent)
    SELECT made, a.practice_id, a.realm, a.id, p_token_hash, CASE a.realm WHEN 'staff' THEN 900 ELSE 1800 END,
           now() + interval '12 hours', left(p_client_address, 64), left(p_user_agent, 256)
    FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such account';
    END IF;
    RETURN made;
END
$$;

-- The proven session ends, on every route and at once.
CREATE FUNCTION auth.session_end() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.session SET ended_at = now() WHERE id = auth.session() AND ended_at IS NULL
$$;

-- When the proven session ends at the latest.
CREATE FUNCTION auth.session_expires_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.expires_at FROM auth.session s WHERE s.id = auth.session()
$$;

-- ---------------------------------------------------------------------------------------------------- enrolling

-- The signed-in patient's authenticator.
CREATE FUNCTION auth.totp_state()
RETURNS TABLE (patient_id uuid, practice_id uuid, totp_sealed bytea, totp_pending bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.practice_id, a.totp_sealed, a.totp_pending
    FROM auth.account a WHERE a.id = auth.patient() AND a.realm = 'patient'
$$;

-- Keeps a seed until it is confirmed; no row when one is enrolled already. Whose: the session's, or that of the
-- challenge that was claimed in this transaction.
CREATE FUNCTION auth.totp_begin(p_patient uuid, p_sealed bytea) RETURNS TABLE (patient_id uuid, practice_name text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_patient AND a.id = auth.actor() AND a.realm = 'patient' AND a.totp_sealed IS NULL
      AND c.id = a.practice_id
    RETURNING a.id, c.name
$$;

-- The pending seed counts from now on; the step that confirmed it does not count again.
CREATE FUNCTION auth.totp_confirm(p_patient uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.account a
    SET totp_sealed = a.totp_pending, totp_pending = NULL, totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_patient AND a.id = auth.actor() AND a.realm = 'patient' AND a.totp_sealed IS NULL
      AND a.totp_pending IS NOT NULL;
    RETURN FOUND;
END
$$;

-- ---------------------------------------------------------------------------------------------------- registering

-- The invitation of a token, if it can be used now; locked, so that guesses at the birth date are counted one by one.
CREATE FUNCTION auth.invitation_by_token(p_token_hash bytea)
RETURNS TABLE (invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required boolean,
               expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    SELECT i.id, p.id, p.wrapped_key, c.name, c.patient_mfa = 'required', i.expires_at, i.practice_id
    INTO invitation_by_token.invitation_id, invitation_by_token.patient_id, invitation_by_token.wrapped_key,
         invitation_by_token.practice_name, invitation_by_token.mfa_required, invitation_by_token.expires_at, practice
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND p.registered_at IS NULL
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, invitation_by_token.patient_id);
        RETURN NEXT;
    END IF;
END
$$;

-- What the practice has of the patient whom a usable invitation is for, still sealed.
CREATE FUNCTION auth.invited_patient(p_token_hash bytea) RETURNS TABLE (patient_id uuid, email bytea, birth_date bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.id, p.email::bytea, p.birth_date::bytea
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND p.registered_at IS NULL
$$;

-- A wrong birth date: the fifth spends the invitation.
CREATE FUNCTION auth.invitation_tried(p_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.invitation i
    SET tries = i.tries + 1, status = CASE WHEN i.tries + 1 >= 5 THEN 'spent' ELSE i.status END
    WHERE i.token_hash = p_token_hash AND i.status = 'pending'
$$;

-- Spends the invitation and makes the account; the patient's other invitations end. NULL when another request was
-- faster, by this invitation or by another one.
CREATE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    patient uuid;
    practice uuid;
BEGIN
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
    RETURNING i.patient_id, i.practice_id INTO patient, practice;
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE anamnesis.patient p SET registered_at = now()
    WHERE p.id = patient AND p.status = 'active' AND p.registered_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO auth.account (id, practice_id, realm, password_hash) VALUES (patient, practice, 'patient', p_password_hash);
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = practice AND i.patient_id = patient AND i.status = 'pending';
    RETURN patient;
END
$$;

-- ---------------------------------------------------------------------------------------------------- throttling

-- Whole seconds that this key has to wait; 0: go on.
CREATE FUNCTION auth.throttle_check(p_key bytea) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT greatest(0, ceil(extract(epoch FROM t.blocked_until - clock_timestamp())))::integer
                     FROM auth.throttle t WHERE t.key = p_key), 0)
$$;

-- Notes a failed sign-in. An account is free until its third failure; then 1, 2, 4 ... 900 s, and from the
-- hundredth on a day (NIST SP 800-63B-4 section 3.2.2: no more than 100 in a row); only signing in forgets. An
-- address is shared by a whole clinic: free until the thirtieth failure, forgotten after an hour without one.
CREATE FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO auth.throttle AS t (key, failures, last_failure, blocked_until)
    VALUES (p_key, 1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.last_failure < clock_timestamp() - p_forget THEN 1 ELSE t.failures + 1 END,
        last_failure = clock_timestamp(),
        blocked_until = clock_timestamp() + interval '1 second' * CASE
            WHEN t.last_failure < clock_timestamp() - p_forget OR t.failures + 1 < p_free THEN 0
            WHEN t.failures + 1 >= p_most THEN 86400
            ELSE least(900, 2 ^ least(t.failures + 1 - p_free, 20)) END
$$;

CREATE FUNCTION auth.throttle_fail(p_account bytea, p_address bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The same key twice: there is no account, only an address.
    IF p_account IS NOT NULL AND p_account IS DISTINCT FROM p_address THEN
        PERFORM auth.throttle_note(p_account, 3, 100, interval '100 years');
    END IF;
    IF p_address IS NOT NULL THEN
        PERFORM auth.throttle_note(p_address, 30, 2147483647, interval '1 hour');
    END IF;
END
$$;

CREATE FUNCTION auth.throttle_clear(p_key bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM auth.throttle t WHERE t.key = p_key
$$;

-- ---------------------------------------------------------------------------------------------------- the rest

-- The audit row of a refused access, in a transaction of its own. The actor is looked up by the session, which may
-- have ended.
CREATE FUNCTION audit.refused(p_operation text, p_request_id uuid, p_client_address text, p_realm text,
                              p_token_hash bytea, p_object uuid, p_outcome text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation,
                             object_id, patient_ids, outcome)
    SELECT s.practice_id, CASE WHEN s.id IS NULL THEN 'none' ELSE s.realm END, s.account_id,
           CASE s.realm WHEN 'patient' THEN 'patient' ELSE m.role END, s.id, left(p_client_address, 64), p_request_id,
           p_operation, p_object, CASE s.realm WHEN 'patient' THEN ARRAY[s.account_id] ELSE '{}'::uuid[] END, p_outcome
    FROM (VALUES (p_token_hash)) AS given (hash)
    LEFT JOIN auth.session s ON s.token_hash = given.hash AND s.realm = p_realm
    LEFT JOIN anamnesis.staff m ON m.id = s.account_id
$$;

-- For jobs, now and then: removes what does not count any more. Returns how many rows.
CREATE FUNCTION auth.sweep(p_most integer)
RETURNS TABLE (challenges bigint, sessions bigint, throttles bigint, replies bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM auth.challenge WHERE token_hash IN (
        SELECT c.token_hash FROM auth.challenge c WHERE c.expires_at < now() - interval '1 day'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS challenges = ROW_COUNT;
    DELETE FROM auth.session WHERE id IN (
        SELECT s.id FROM auth.session s WHERE s.expires_at < now() - interval '30 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM auth.throttle WHERE key IN (
        SELECT t.key FROM auth.throttle t WHERE t.failures < 100 AND t.last_failure < now() - interval '90 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS throttles = ROW_COUNT;
    DELETE FROM anamnesis.idempotency WHERE ctid IN (
        SELECT i.ctid FROM anamnesis.idempotency i WHERE i.created_at < now() - interval '24 hours'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS replies = ROW_COUNT;
    RETURN NEXT;
END
$$;

GRANT EXECUTE ON FUNCTION
    auth.prove(text, bytea, integer, text, uuid, text), auth.anonymous(text, uuid, text),
    auth.accounts_for_login(text, bytea), auth.challenge_create(bytea, text, uuid, text, text, timestamptz),
    auth.challenge_claim(bytea, text, text), auth.totp_accept(text, uuid, bigint),
    auth.recovery_use(text, uuid, bytea[]), auth.recovery_replace(text, uuid, bytea[]),
    auth.session_create(bytea, text, uuid, bytea, text, text), auth.session_end(), auth.session_expires_at(),
    auth.totp_state(), auth.totp_begin(uuid, bytea), auth.totp_confirm(uuid, bigint),
    auth.invitation_by_token(bytea), auth.invited_patient(bytea), auth.invitation_tried(bytea),
    auth.register(bytea, text), auth.throttle_check(bytea), auth.throttle_fail(bytea, bytea),
    auth.throttle_clear(bytea), audit.refused(text, uuid, text, text, bytea, uuid, text)
TO anamnesis_api;
GRANT EXECUTE ON FUNCTION auth.sweep(integer) TO anamnesis_jobs;
