-- :responses assignments of the questionnaire for each patient.
INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, status, created_by)
SELECT s.practice_id, p.id, :'questionnaire', 1, 'assigned', s.id
FROM bench.patient p, generate_series(1, :responses) n, anamnesis.staff s
WHERE s.id = (SELECT id FROM bench.physician);

ANALYZE;
