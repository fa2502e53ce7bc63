-- One address may be of several accounts: of a person who is at two practices, staff or patient, and of a family within
-- one. Staff are unique within their practice.
ALTER TABLE anamnesis.staff
    DROP CONSTRAINT staff_email_key,
    ADD CONSTRAINT staff_email_key UNIQUE (practice_id, email_index);
CREATE INDEX staff_by_email ON anamnesis.staff (email_index);

-- A right password that fits several accounts: one challenge for each, of which one is chosen.
ALTER TABLE auth.challenge
    DROP CONSTRAINT challenge_purpose,
    ADD CONSTRAINT challenge_purpose CHECK (purpose IN ('mfa', 'enrol', 'reset', 'choose'));
