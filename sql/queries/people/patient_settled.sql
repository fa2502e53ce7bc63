-- patient_settled :exec (id uuid)
-- Until the transaction ends, the patient's address stays what it is: a link goes there.
SELECT FROM anamnesis.patient WHERE practice_id = (SELECT auth.practice()) AND id = $1 FOR SHARE
