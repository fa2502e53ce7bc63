-- Messages are written in their reader's language and in the practice's time: a message's row says in which.
ALTER TABLE anamnesis.practice
    ADD COLUMN language  text NOT NULL DEFAULT 'en' CHECK (length(language) BETWEEN 2 AND 35),  -- BCP 47
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64); -- IANA
ALTER TABLE anamnesis.outbox
    ADD COLUMN for_staff boolean NOT NULL DEFAULT false, -- about a patient, perhaps, but not to them
    ADD COLUMN languages text,                           -- in the order of preference; NULL: made before there were any
    ADD COLUMN time_zone text;

-- The text of this function is in sql/functions/; here is what the trigger needs to be made.
CREATE FUNCTION anamnesis.outbox_spoken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER spoken BEFORE INSERT ON anamnesis.outbox FOR EACH ROW EXECUTE FUNCTION anamnesis.outbox_spoken();
