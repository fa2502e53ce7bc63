-- Claims of a file that ended by a fault of ours cost it none of its tries; `attempts` stays the proof of a claim.
ALTER TABLE anamnesis.upload ADD COLUMN faults integer NOT NULL DEFAULT 0 CHECK (faults >= 0);
-- When a file of the practice, and of the patient, was last taken up by the scanner: whose turn was longest ago is next.
ALTER TABLE anamnesis.upload_quota ADD COLUMN turn_at timestamptz NOT NULL DEFAULT '-infinity';
