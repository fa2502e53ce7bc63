-- Names a patient for this transaction's audit row, once; returns its argument, so that a query can say
-- `SELECT audit.about(patient_id), ...`. VOLATILE: the planner must neither drop nor repeat it at will.
CREATE OR REPLACE FUNCTION audit.about(patient uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    named text := current_setting('anamnesis.patients', true);
    dummy text;
BEGIN
    IF patient IS NULL THEN
        RETURN NULL;
    ELSIF named IS NULL OR named = '' THEN
        dummy := set_config('anamnesis.patients', patient::text, true);
    ELSIF strpos(named, patient::text) = 0 THEN
        dummy := set_config('anamnesis.patients', named || ',' || patient::text, true);
    END IF;
    RETURN patient;
END
$$;
GRANT EXECUTE ON FUNCTION audit.about(uuid) TO anamnesis_api;
