-- Seals every value of the first format under a patient's key anew; the format that all of them have then. Revisions and times stay
-- as they are: nothing is changed that anybody reads. Only for the owner (sql/cli/keys/format_patients_put.sql; staff: format_staff_put.sql).
CREATE OR REPLACE FUNCTION phi.patient_sealed_anew(p_patient uuid, p_keys bytea) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.address_change t
    SET old_email = phi.sealed_anew(p_keys, 'address_change.old_email:' || t.id::text, t.old_email),
        new_email = phi.sealed_anew(p_keys, 'address_change.new_email:' || t.id::text, t.new_email)
    WHERE t.realm = 'patient' AND t.account_id = p_patient AND 1 IN (get_byte(t.old_email, 0), get_byte(t.new_email, 0));
    UPDATE anamnesis.patient t
    SET given_name = phi.sealed_anew(p_keys, 'patient.given_name:' || t.id::text, t.given_name),
        family_name = phi.sealed_anew(p_keys, 'patient.family_name:' || t.id::text, t.family_name),
        birth_date = phi.sealed_anew(p_keys, 'patient.birth_date:' || t.id::text, t.birth_date),
        email = phi.sealed_anew(p_keys, 'patient.email:' || t.id::text, t.email),
        record_number = phi.sealed_anew(p_keys, 'patient.record_number:' || t.id::text, t.record_number)
    WHERE t.id = p_patient AND 1 IN (get_byte(t.given_name, 0), get_byte(t.family_name, 0), get_byte(t.birth_date, 0),
                                     get_byte(t.email, 0), get_byte(t.record_number, 0));
    UPDATE anamnesis.break_glass t
    SET reason = phi.sealed_anew(p_keys, 'break_glass.reason:' || t.id::text, t.reason)
    WHERE t.patient_id = p_patient AND get_byte(t.reason, 0) = 1;
    UPDATE anamnesis.response t
    SET answers = phi.sealed_anew(p_keys, 'response.answers:' || t.id::text, t.answers),
        scores = phi.sealed_anew(p_keys, 'response.scores:' || t.id::text, t.scores),
        response_sha256 = phi.sealed_anew(p_keys, 'response.response_sha256:' || t.id::text, t.response_sha256)
    WHERE t.patient_id = p_patient AND 1 IN (get_byte(t.answers, 0), get_byte(t.scores, 0), get_byte(t.response_sha256, 0));
    UPDATE anamnesis.response_migration t
    SET answers = phi.sealed_anew(p_keys, 'response_migration.answers:' || t.id::text, t.answers),
        dropped = phi.sealed_anew(p_keys, 'response_migration.dropped:' || t.id::text, t.dropped)
    WHERE t.patient_id = p_patient AND 1 IN (get_byte(t.answers, 0), get_byte(t.dropped, 0));
    RETURN 2;
END
$$;
