-- How many pages a document has; of them at most fifty are made to be looked at.
ALTER TABLE anamnesis.upload ADD COLUMN pages integer CHECK (pages > 0);
