-- The system's row of the audit log about a file: in the patient's access log too. Auditors read it, and that a file was found infected is
-- told to owners alone (docs/media.md): here it is refused, as others see it everywhere; owners read the rest of the file itself. Only for
-- functions.
CREATE OR REPLACE FUNCTION anamnesis.upload_log(p_upload uuid, p_operation text, p_detail text) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, object_id, patient_id, outcome, detail)
    SELECT u.practice_id, 'system', 'local', gen_random_uuid(), p_operation, u.id, u.patient_id, 'ok',
           CASE p_detail WHEN 'infected' THEN 'rejected' ELSE p_detail END
    FROM anamnesis.upload u WHERE u.id = p_upload
$$;
