-- For a trigger: how a file may move from state to state, whoever asks, and what never changes. What a state leaves behind comes after:
-- upload_leaves. Clean needs what is shown of it; what a completed response shows is not withdrawn, and does not expire.
CREATE OR REPLACE FUNCTION anamnesis.upload_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    needed text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'awaiting-upload' THEN
            RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = format('a file does not begin as %s', NEW.state);
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.id, OLD.practice_id, OLD.patient_id, OLD.assignment_id, OLD.response_id, OLD.questionnaire_id, OLD.link_id, OLD.type,
        OLD.parts, OLD.created_at)
       IS DISTINCT FROM
       (NEW.id, NEW.practice_id, NEW.patient_id, NEW.assignment_id, NEW.response_id, NEW.questionnaire_id, NEW.link_id, NEW.type,
        NEW.parts, NEW.created_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'whose and what a file is does not change';
    END IF;
    IF OLD.state <> NEW.state THEN
        IF (NEW.state = ANY (CASE OLD.state
                WHEN 'awaiting-upload' THEN ARRAY['scanning', 'expired', 'withdrawn', 'removed', 'erased']
                WHEN 'scanning' THEN ARRAY['clean', 'infected', 'rejected', 'withdrawn', 'removed', 'erased']
                WHEN 'clean' THEN ARRAY['infected', 'expired', 'withdrawn', 'removed', 'erased']
                WHEN 'infected' THEN ARRAY['clean', 'withdrawn', 'removed', 'erased']
                WHEN 'rejected' THEN ARRAY['withdrawn', 'removed', 'erased']
                WHEN 'withdrawn' THEN ARRAY['removed', 'erased']
                WHEN 'expired' THEN ARRAY['removed', 'erased']
                WHEN 'removed' THEN ARRAY['erased'] END)) IS NOT TRUE THEN
            RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = format('a file does not move from %s to %s', OLD.state, NEW.state);
        END IF;
        IF NEW.state IN ('withdrawn', 'expired') AND EXISTS (SELECT FROM anamnesis.upload_shown s WHERE s.upload_id = NEW.id) THEN
            RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'a completed response shows this file';
        END IF;
        IF NEW.state = 'clean' AND OLD.state = 'scanning' THEN
            needed := CASE WHEN NEW.type LIKE 'image/%' THEN ARRAY['original', 'view', 'thumbnail']
                           WHEN NEW.type LIKE 'video/%' OR NEW.type LIKE 'audio/%' THEN ARRAY['original', 'view']
                           WHEN NEW.type = 'application/pdf' THEN ARRAY['original', 'thumbnail', 'page-1']
                           ELSE ARRAY['original'] END;
            IF NOT needed <@ ARRAY(SELECT o.kind FROM anamnesis.upload_object o WHERE o.upload_id = NEW.id) THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'what is shown of the file was not made';
            END IF;
        END IF;
        IF NEW.state = 'erased' THEN
            NEW.name := NULL; NEW.declared := NULL; NEW.size := NULL; NEW.reason := NULL; NEW.signature := NULL;
            NEW.width := NULL; NEW.height := NULL; NEW.seconds := NULL; NEW.pages := NULL; NEW.removal_reason := NULL;
        END IF;
        IF NEW.state NOT IN ('awaiting-upload', 'scanning', 'clean', 'infected') OR (OLD.state, NEW.state) = ('scanning', 'infected') THEN
            NEW.salt := NULL;
        END IF;
        NEW.quarantined_until := CASE WHEN (OLD.state, NEW.state) = ('clean', 'infected') THEN now() + interval '30 days' END;
        NEW.attempts := 0;
        NEW.faults := 0;
        NEW.next_at := now();
        NEW.claimed_until := NULL;
        NEW.revision := OLD.revision + 1;
    END IF;
    -- Neither given another, nor given again once it is gone; name, digest and size stay until the erasure.
    IF (NEW.salt IS NOT NULL AND NEW.salt IS DISTINCT FROM OLD.salt) OR (NEW.state <> 'erased' AND
        (OLD.name::bytea, OLD.declared, OLD.size) IS DISTINCT FROM (NEW.name::bytea, NEW.declared, NEW.size)) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'whose and what a file is does not change';
    END IF;
    RETURN NEW;
END
$$;
