-- Whether the actor is staff who may propose another address for a patient, and has given fresh proof. Only for functions.
CREATE OR REPLACE FUNCTION auth.may_propose(p_patient uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT auth.realm() = 'staff' AND auth.is_fresh() AND (auth.sees_all() OR auth.sees(p_patient))
       AND (auth.role() IN ('owner', 'physician') OR (auth.role() = 'assistant' AND c.patient_email_by = 'assistant'))
    FROM anamnesis.practice c WHERE c.id = auth.practice()
$$;
