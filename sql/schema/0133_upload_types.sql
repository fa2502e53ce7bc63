-- A practice's files of one type, whatever is rare among them, newest first (anamnesis.upload_page).
CREATE INDEX upload_of_type ON anamnesis.upload (practice_id, type, state, id);
