-- Of when the signatures were with which a file was looked at: none that are older say anything of it afterwards. '-infinity' for those of
-- development, and for what was looked at before this was known; what is held back by now waits for some that were made after its verdict.
ALTER TABLE anamnesis.upload ADD COLUMN signatures_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE anamnesis.upload SET signatures_at = decided_at WHERE state = 'infected';
DROP INDEX anamnesis.upload_to_scan_again;
CREATE INDEX upload_to_scan_again ON anamnesis.upload (scanned_with, signatures_at, id) WHERE state IN ('clean', 'infected') AND salt IS NOT NULL;
-- Whose turn it is, and their file that has been due for longest, without a look at all that wait.
CREATE INDEX upload_quota_practice_turn ON anamnesis.upload_quota (turn_at, practice_id) WHERE patient_id IS NULL AND open_count > 0;
CREATE INDEX upload_quota_patient_turn ON anamnesis.upload_quota (practice_id, turn_at, patient_id)
    WHERE patient_id IS NOT NULL AND open_count > 0;
DROP INDEX anamnesis.upload_scanning_of;
CREATE INDEX upload_scanning_of ON anamnesis.upload (practice_id, patient_id, next_at) WHERE state = 'scanning';
CREATE INDEX upload_given_up ON anamnesis.upload (next_at) WHERE state = 'scanning' AND (attempts - faults >= 5 OR faults >= 1000);
