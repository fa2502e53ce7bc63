-- Adds a passkey after its challenge was spent in this transaction: 'first' when it is the account's first second
-- factor, else 'added'; 'full' when there are ten, 'taken' when somebody has it. AN430 as in passkey_begin.
CREATE OR REPLACE FUNCTION auth.passkey_add(p_account uuid, p_passkey uuid, p_indexes bytea[], p_sealed bytea, p_sign_count bigint,
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
GRANT EXECUTE ON FUNCTION auth.passkey_add(uuid,uuid,bytea[],bytea,bigint,boolean,boolean) TO anamnesis_api;
