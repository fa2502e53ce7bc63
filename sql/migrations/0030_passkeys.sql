-- Passkeys (Web Authentication): as a second factor, for fresh proof, and as a whole sign-in. The process checks what
-- the browser gives; that a challenge is ours, in time, for this purpose and used once, and that a count rose, is
-- decided here.

-- WebAuthn's user handle goes to authenticators and back: it says nothing of whose account it is. The two marks say
-- which transaction has spent a challenge for the account, and which has taken a passkey as a whole sign-in.
ALTER TABLE auth.account
    ADD COLUMN passkey_handle  uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN passkey_asked   xid8,
    ADD COLUMN passkey_purpose text,
    ADD COLUMN passkey_xact    xid8;

-- Credential id, public key, transports and name are sealed by the process; it is found by a keyed index of its id.
CREATE TABLE auth.passkey (
    id               uuid PRIMARY KEY,
    practice_id      uuid NOT NULL REFERENCES anamnesis.practice (id),
    account_id       uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
    credential_index bytea NOT NULL UNIQUE CHECK (octet_length(credential_index) = 32),
    passkey_sealed   bytea NOT NULL CHECK (octet_length(passkey_sealed) > 44),
    revision         integer NOT NULL DEFAULT 1,
    sign_count       bigint NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    backup_eligible  boolean NOT NULL,
    backed_up        boolean NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    last_used_at     timestamptz,
    doubted_at       timestamptz -- when its count first went back: there may be two of it
) WITH (fillfactor = 80);
CREATE INDEX passkey_of_account ON auth.passkey (account_id);

-- A challenge is there until it is answered, or five minutes. Without an account: for whoever signs in with it.
CREATE TABLE auth.passkey_challenge (
    challenge_hash bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32),
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient')),
    purpose        text NOT NULL CHECK (purpose IN ('register', 'mfa', 'step-up', 'sign-in')),
    practice_id    uuid REFERENCES anamnesis.practice (id),
    account_id     uuid REFERENCES auth.account (id) ON DELETE CASCADE,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at     timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
    CHECK ((account_id IS NULL) = (purpose = 'sign-in') AND (practice_id IS NULL) = (account_id IS NULL))
);
CREATE INDEX passkey_challenge_of_account ON auth.passkey_challenge (account_id);
CREATE INDEX passkey_challenge_by_time ON auth.passkey_challenge (expires_at);

ALTER TABLE auth.passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.passkey TO anamnesis_owner USING (true) WITH CHECK (true);
ALTER TABLE auth.passkey_challenge ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.passkey_challenge FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON auth.passkey_challenge TO anamnesis_owner USING (true) WITH CHECK (true);

-- ---------------------------------------------------------------------------------------------------- second factors

-- What counts as a second factor: an authenticator app, or a passkey. Only for the functions below.
CREATE FUNCTION auth.has_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.account a WHERE a.id = p_account AND a.totp_sealed IS NOT NULL)
        OR EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = p_account)
$$;

-- True when another second factor may be added: the first one, or in a session that is fresh.
CREATE FUNCTION auth.may_add_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT NOT auth.has_factor(p_account) OR (p_account = auth.actor() AND auth.is_fresh()) $$;

-- True when the account must keep one.
CREATE FUNCTION auth.needs_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.realm = 'staff' OR c.patient_mfa = 'required'
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id WHERE a.id = p_account
$$;

-- As in 0005, and which second factors there are.
DROP FUNCTION auth.accounts_for_login(text, bytea);
CREATE FUNCTION auth.accounts_for_login(p_realm text, p_email_index bytea)
RETURNS TABLE (account_id uuid, practice_id uuid, password_hash text, has_totp boolean, has_passkey boolean,
               mfa_required boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practices uuid[];
BEGIN
    IF p_realm = 'staff' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
               EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id), true
        FROM anamnesis.staff m JOIN auth.account a ON a.id = m.id AND a.realm = 'staff'
        WHERE m.email_index = p_email_index AND m.status = 'active';
        SELECT m.practice_id INTO accounts_for_login.practice_id
        FROM anamnesis.staff m WHERE m.email_index = p_email_index;
    ELSIF p_realm = 'patient' THEN
        RETURN QUERY
        SELECT a.id, a.practice_id, a.password_hash, a.totp_sealed IS NOT NULL,
               EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id), c.patient_mfa = 'required'
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

-- As in 0005, for every kind of second factor.
CREATE OR REPLACE FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text,
                                                 p_delivery text, p_expires_at timestamptz) RETURNS void
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
      AND auth.has_factor(a.id) = (p_purpose = 'mfa')
    RETURNING practice_id INTO practice;
    IF practice IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'the account does not take this challenge';
    END IF;
    PERFORM auth.concerns(practice, p_account);
END
$$;

-- As in 0020; without a challenge also after a passkey that verified its user, which is two factors at once.
CREATE OR REPLACE FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea,
                                               p_client_address text, p_user_agent text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid := anamnesis.uuid_v7();
    allowed boolean;
    whole boolean := false;
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
        SELECT coalesce(a.passkey_xact = pg_current_xact_id(), false) INTO whole
        FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
        SELECT whole OR (p_realm = 'patient' AND NOT auth.has_factor(a.id) AND c.patient_mfa = 'optional') INTO allowed
        FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
        WHERE a.id = p_account;
    END IF;
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'a session needs a second factor here';
    END IF;
    INSERT INTO auth.session (id, practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address,
                              user_agent, stepped_up_at)
    SELECT made, a.practice_id, a.realm, a.id, p_token_hash,
           60 * CASE a.realm WHEN 'staff' THEN c.staff_idle_minutes ELSE c.patient_idle_minutes END,
           now() + c.session_hours * interval '1 hour', left(p_client_address, 64), left(p_user_agent, 256),
           CASE WHEN whole OR p_challenge IS NOT NULL THEN now() END
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = p_account AND a.realm = p_realm;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such account';
    END IF;
    RETURN made;
END
$$;

-- As in 0020, and whether there is a second factor of any kind.
DROP FUNCTION auth.own_account();
CREATE FUNCTION auth.own_account()
RETURNS TABLE (account_id uuid, practice_id uuid, practice_name text, password_hash text, totp_sealed bytea,
               totp_pending bytea, totp_step bigint, mfa_required boolean, has_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.practice_id, c.name, a.password_hash, a.totp_sealed, a.totp_pending, a.totp_step,
           a.realm = 'staff' OR c.patient_mfa = 'required', auth.has_factor(a.id)
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

DROP FUNCTION auth.own_factors();
CREATE FUNCTION auth.own_factors() RETURNS TABLE (totp boolean, passkeys integer, recovery_codes integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.totp_sealed IS NOT NULL,
           (SELECT count(*)::integer FROM auth.passkey k WHERE k.account_id = a.id),
           (SELECT count(*)::integer FROM auth.recovery_code r WHERE r.account_id = a.id AND r.used_at IS NULL)
    FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm()
$$;

CREATE OR REPLACE FUNCTION auth.reset_account(p_realm text, p_token_hash bytea)
RETURNS TABLE (account_id uuid, practice_name text, wrapped_key bytea, email bytea, with_factor boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    SELECT a.id, c.name, coalesce(m.wrapped_key, p.wrapped_key), coalesce(m.email, p.email)::bytea,
           auth.has_factor(a.id) OR auth.needs_factor(a.id), a.practice_id
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

-- As in 0020; beside any second factor only in a session that is fresh.
CREATE OR REPLACE FUNCTION auth.totp_begin(p_account uuid, p_sealed bytea)
RETURNS TABLE (account_id uuid, practice_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a SET totp_pending = p_sealed
    FROM anamnesis.practice c
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND c.id = a.practice_id
    RETURNING a.id, c.name, a.realm INTO totp_begin.account_id, totp_begin.practice_name, whose;
    IF FOUND THEN
        PERFORM audit.about(p_account) WHERE whose = 'patient';
        RETURN NEXT;
    END IF;
END
$$;
CREATE OR REPLACE FUNCTION auth.totp_confirm(p_account uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whose text;
BEGIN
    UPDATE auth.account a
    SET totp_sealed = a.totp_pending, totp_pending = NULL, totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.id = auth.actor() AND auth.may_add_factor(a.id) AND a.totp_pending IS NOT NULL
    RETURNING a.realm INTO whose;
    PERFORM audit.about(p_account) WHERE whose = 'patient';
    RETURN whose IS NOT NULL;
END
$$;

-- As in 0020, for staff too: 'removed'; 'none' when there is none, 'last' when it must not go. The account's row is
-- locked first, so that two who take one factor each do not leave none.
DROP FUNCTION auth.totp_remove();
CREATE FUNCTION auth.totp_remove() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own auth.account;
    passkeys boolean;
BEGIN
    SELECT * INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    passkeys := EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own.id);
    IF own.totp_sealed IS NULL OR NOT auth.is_fresh() THEN
        RETURN 'none';
    ELSIF NOT passkeys AND auth.needs_factor(own.id) THEN
        RETURN 'last';
    END IF;
    UPDATE auth.account a SET totp_sealed = NULL, totp_pending = NULL WHERE a.id = own.id;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own.id AND NOT passkeys;
    RETURN 'removed';
END
$$;

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
    WHERE a.id = p_account AND a.realm = p_realm AND auth.has_factor(a.id);
END
$$;

-- As in 0024; passkeys go with the other factors.
CREATE OR REPLACE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    patient uuid;
    practice uuid;
    again boolean;
BEGIN
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
    RETURNING i.patient_id, i.practice_id, i.recovers INTO patient, practice, again;
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE anamnesis.patient p SET registered_at = coalesce(p.registered_at, now())
    WHERE p.id = patient AND p.status = 'active' AND (p.registered_at IS NOT NULL) = again;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF again THEN
        UPDATE auth.account a
        SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL
        WHERE a.id = patient;
        DELETE FROM auth.recovery_code r WHERE r.account_id = patient;
        DELETE FROM auth.passkey k WHERE k.account_id = patient;
        PERFORM auth.end_all(patient, NULL);
    ELSE
        INSERT INTO auth.account (id, practice_id, realm, password_hash)
        VALUES (patient, practice, 'patient', p_password_hash);
    END IF;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = practice AND i.patient_id = patient AND i.status = 'pending';
    RETURN patient;
END
$$;

-- As in 0023; passkeys are replaced with the other factors.
CREATE OR REPLACE FUNCTION auth.staff_register(p_token_hash bytea, p_password_hash text) RETURNS boolean
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
    DELETE FROM auth.passkey k WHERE k.account_id = member;
    PERFORM auth.end_all(member, NULL);
    RETURN true;
END
$$;

-- ---------------------------------------------------------------------------------------------------- ceremonies

-- Begins a ceremony: notes the challenge, and gives whose it is with what the account has (a row for each passkey, one
-- without when there is none). Whose: nobody's yet for 'sign-in'; for 'mfa', and for 'register' without a session, that
-- of the unfinished sign-in; else the actor. No row when there is no such sign-in or actor. AN430 when a second factor
-- may be added in a fresh session only. What is left of older challenges is swept up on the way: an account has ten.
CREATE FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea)
RETURNS TABLE (account_id uuid, handle uuid, practice_name text, wrapped_key bytea, passkey_id uuid, passkey_sealed bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose uuid := auth.actor();
    practice uuid;
BEGIN
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.expires_at < now()
        ORDER BY h.expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
    IF p_purpose = 'sign-in' THEN
        INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose) VALUES (p_challenge_hash, p_realm, p_purpose);
        RETURN NEXT;
        RETURN;
    END IF;
    IF p_token_hash IS NOT NULL THEN
        SELECT c.account_id INTO whose FROM auth.challenge c
        WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.used_at IS NULL AND c.expires_at > now()
          AND c.purpose = CASE p_purpose WHEN 'register' THEN 'enrol' ELSE p_purpose END;
    END IF;
    -- One by one for an account: what is counted stays so until the end.
    UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = 'begun'
    WHERE a.id = whose AND a.realm = p_realm RETURNING a.practice_id INTO practice;
    IF practice IS NULL THEN
        RETURN;
    ELSIF p_purpose = 'register' AND NOT auth.may_add_factor(whose) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'another second factor needs fresh proof';
    END IF;
    PERFORM auth.concerns(practice, whose);
    PERFORM audit.about(whose) WHERE p_realm = 'patient';
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.account_id = whose
        ORDER BY h.created_at DESC OFFSET 9);
    INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose, practice_id, account_id)
    VALUES (p_challenge_hash, p_realm, p_purpose, practice, whose);
    RETURN QUERY
    SELECT a.id, a.passkey_handle, c.name, coalesce(m.wrapped_key, p.wrapped_key), k.id, k.passkey_sealed
    FROM auth.account a
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    LEFT JOIN auth.passkey k ON k.account_id = a.id
    WHERE a.id = whose ORDER BY k.id;
END
$$;

-- The e-mail address, still sealed, of an account whose ceremony is under way in this transaction.
CREATE FUNCTION auth.passkey_person(p_account uuid) RETURNS TABLE (account_id uuid, realm text, email bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.realm, coalesce(m.email, p.email)::bytea
    FROM auth.account a
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    WHERE a.id = p_account AND a.passkey_asked = pg_current_xact_id()
$$;

-- Spends a challenge that was given to this account (NULL: to nobody in particular); true once, and in time.
CREATE FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    good boolean;
BEGIN
    DELETE FROM auth.passkey_challenge h
    WHERE h.challenge_hash = p_challenge_hash AND h.realm = p_realm AND h.purpose = p_purpose
      AND h.account_id IS NOT DISTINCT FROM p_account
    RETURNING h.expires_at > now() INTO good;
    IF good AND p_account IS NOT NULL THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = p_account AND a.realm = p_realm;
        good := FOUND;
        PERFORM audit.about(p_account) WHERE p_realm = 'patient';
    END IF;
    RETURN coalesce(good, false);
END
$$;

-- Spends the challenge of a sign-in, and finds the passkey that answers it by its indexes: that of this account, or of
-- anybody who may sign in. No row when the challenge is not good; one without a passkey when there is none. The
-- passkey stays locked: its uses are counted one by one.
CREATE FUNCTION auth.passkey_find(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid, p_indexes bytea[])
RETURNS TABLE (passkey_id uuid, account_id uuid, handle uuid, passkey_sealed bytea, sign_count bigint,
               backup_eligible boolean, practice_name text, wrapped_key bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    IF p_purpose NOT IN ('mfa', 'step-up', 'sign-in') OR cardinality(p_indexes) > 16
        OR NOT auth.passkey_spend(p_realm, p_purpose, p_challenge_hash, p_account) THEN
        RETURN;
    END IF;
    SELECT k.id, a.id, a.passkey_handle, k.passkey_sealed, k.sign_count, k.backup_eligible, c.name,
           coalesce(m.wrapped_key, p.wrapped_key), a.practice_id
    INTO passkey_find.passkey_id, passkey_find.account_id, passkey_find.handle, passkey_find.passkey_sealed,
         passkey_find.sign_count, passkey_find.backup_eligible, passkey_find.practice_name, passkey_find.wrapped_key,
         practice
    FROM auth.passkey k
    JOIN auth.account a ON a.id = k.account_id AND a.realm = p_realm
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id AND m.status = 'active'
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id AND p.status = 'active'
    WHERE k.credential_index = ANY (p_indexes) AND (p_account IS NULL OR a.id = p_account)
      AND num_nonnulls(m.id, p.id) = 1
    FOR UPDATE OF k;
    IF FOUND THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = passkey_find.account_id;
        PERFORM auth.concerns(practice, passkey_find.account_id);
        PERFORM audit.about(passkey_find.account_id) WHERE p_realm = 'patient';
    END IF;
    RETURN NEXT;
END
$$;

-- The process has checked what the passkey signed: a second factor from now on in this transaction, and a whole
-- sign-in when it verified its user and was asked for that. False when its count did not rise (0 does not count).
CREATE FUNCTION auth.passkey_accept(p_account uuid, p_passkey uuid, p_sign_count bigint, p_backed_up boolean,
                                    p_verified boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.passkey k SET sign_count = p_sign_count, backed_up = p_backed_up, last_used_at = now()
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account
      AND a.passkey_asked = pg_current_xact_id() AND a.passkey_purpose IN ('mfa', 'step-up', 'sign-in')
      AND (a.passkey_purpose <> 'sign-in' OR p_verified)
      AND (k.sign_count < p_sign_count OR (k.sign_count = 0 AND p_sign_count = 0));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a
    SET factor_xact = pg_current_xact_id(),
        passkey_xact = CASE WHEN a.passkey_purpose = 'sign-in' THEN pg_current_xact_id() END
    WHERE a.id = p_account;
    RETURN true;
END
$$;

-- A count that went back: there may be two authenticators with one key. The passkey stays, and says so from now on.
CREATE FUNCTION auth.passkey_doubt(p_account uuid, p_passkey uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.passkey k SET doubted_at = coalesce(k.doubted_at, now())
    FROM auth.account a
    WHERE k.id = p_passkey AND k.account_id = p_account AND a.id = p_account AND a.passkey_asked = pg_current_xact_id()
$$;

-- ---------------------------------------------------------------------------------------------------- keeping them

-- Adds a passkey after its challenge was spent in this transaction: 'first' when it is the account's first second
-- factor, else 'added'; 'full' when there are ten, 'taken' when somebody has it. AN430 as in passkey_begin.
CREATE FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint,
                                 p_backup_eligible boolean, p_backed_up boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first boolean;
    practice uuid;
BEGIN
    SELECT a.practice_id INTO practice FROM auth.account a
    WHERE a.id = p_account AND a.id = auth.actor() AND a.passkey_asked = pg_current_xact_id()
      AND a.passkey_purpose = 'register';
    IF practice IS NULL OR cardinality(p_indexes) NOT BETWEEN 1 AND 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'no registration is under way';
    ELSIF NOT auth.may_add_factor(p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'another second factor needs fresh proof';
    ELSIF (SELECT count(*) FROM auth.passkey k WHERE k.account_id = p_account) >= 10 THEN
        RETURN 'full';
    ELSIF EXISTS (SELECT FROM auth.passkey k WHERE k.credential_index = ANY (p_indexes)) THEN
        RETURN 'taken';
    END IF;
    first := NOT auth.has_factor(p_account);
    INSERT INTO auth.passkey (id, practice_id, account_id, credential_index, passkey_sealed, sign_count, backup_eligible,
                              backed_up)
    VALUES (p_passkey, practice, p_account, p_indexes[1], p_sealed, p_sign_count, p_backup_eligible, p_backed_up)
    ON CONFLICT (credential_index) DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'taken';
    END IF;
    UPDATE auth.account a SET factor_xact = pg_current_xact_id() WHERE a.id = p_account;
    RETURN CASE WHEN first THEN 'first' ELSE 'added' END;
END
$$;

-- The signed-in account's passkeys, the oldest first; or one of them.
CREATE FUNCTION auth.passkeys(p_passkey uuid)
RETURNS TABLE (id uuid, revision integer, passkey_sealed bytea, backup_eligible boolean, backed_up boolean,
               created_at timestamptz, last_used_at timestamptz, doubted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.id, k.revision, k.passkey_sealed, k.backup_eligible, k.backed_up, k.created_at, k.last_used_at, k.doubted_at
    FROM auth.passkey k JOIN auth.account a ON a.id = k.account_id
    WHERE a.id = auth.actor() AND a.realm = auth.realm() AND (p_passkey IS NULL OR k.id = p_passkey)
    ORDER BY k.created_at, k.id LIMIT 10
$$;

-- Another name, sealed with the rest; NULL when the revision is stale.
CREATE FUNCTION auth.passkey_rename(p_passkey uuid, p_revision integer, p_sealed bytea) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.passkey k SET passkey_sealed = p_sealed, revision = k.revision + 1
    FROM auth.account a
    WHERE k.id = p_passkey AND k.revision = p_revision AND a.id = k.account_id AND a.id = auth.actor()
      AND a.realm = auth.realm()
    RETURNING k.revision
$$;

-- 'removed'; 'none' when it is none of the signed-in account's, 'last' when it must not go. As for authenticator apps,
-- recovery codes go with the last second factor.
CREATE FUNCTION auth.passkey_remove(p_passkey uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own uuid;
BEGIN
    SELECT a.id INTO own FROM auth.account a WHERE a.id = auth.actor() AND a.realm = auth.realm() FOR UPDATE;
    IF NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'removing a second factor needs fresh proof';
    ELSIF NOT EXISTS (SELECT FROM auth.passkey k WHERE k.id = p_passkey AND k.account_id = own) THEN
        RETURN 'none';
    ELSIF auth.needs_factor(own)
        AND NOT EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = own AND k.id <> p_passkey)
        AND NOT EXISTS (SELECT FROM auth.account a WHERE a.id = own AND a.totp_sealed IS NOT NULL) THEN
        RETURN 'last';
    END IF;
    DELETE FROM auth.passkey k WHERE k.id = p_passkey;
    DELETE FROM auth.recovery_code r WHERE r.account_id = own AND NOT auth.has_factor(own);
    RETURN 'removed';
END
$$;

GRANT EXECUTE ON FUNCTION
    auth.accounts_for_login(text, bytea), auth.own_account(), auth.own_factors(), auth.totp_remove(),
    auth.passkey_begin(text, text, bytea, bytea), auth.passkey_person(uuid), auth.passkey_spend(text, text, bytea, uuid),
    auth.passkey_find(text, text, bytea, uuid, bytea[]), auth.passkey_accept(uuid, uuid, bigint, boolean, boolean),
    auth.passkey_doubt(uuid, uuid), auth.passkey_add(uuid, uuid, bytea[], bytea, bigint, boolean, boolean),
    auth.passkeys(uuid), auth.passkey_rename(uuid, integer, bytea), auth.passkey_remove(uuid)
TO anamnesis_api;
