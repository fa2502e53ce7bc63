-- Questionnaires, their published versions, and the value sets that they use.

CREATE TABLE anamnesis.questionnaire (
    id           uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id  uuid NOT NULL REFERENCES anamnesis.practice (id),
    status       text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'retired')),
    title        text NOT NULL,
    revision     integer NOT NULL DEFAULT 1,
    draft        text,    -- FHIR Questionnaire, as it was sent
    version      integer, -- the newest published one
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    -- What titles are searched by (questionnaire_list.sql folds the words alike): composed and decomposed letters are the
    -- same, and so are their cases, as full case folding has it ("STRASSE" finds "Straße"). Lower before upper case, since
    -- two letters have only a lower one. Kept, because to fold every title of a practice for each search takes ten times as
    -- long as to read it.
    title_folded text NOT NULL
        GENERATED ALWAYS AS (normalize(upper(lower(normalize(title, NFD) COLLATE "und-x-icu")), NFC)) STORED,
    UNIQUE (practice_id, id),
    CHECK ((status = 'draft') = (version IS NULL)),
    CHECK (draft IS NOT NULL OR version IS NOT NULL)
);

-- Published versions. Nothing here is ever changed: a response says what was asked by pointing here.
CREATE TABLE anamnesis.questionnaire_version (
    practice_id       uuid NOT NULL,
    questionnaire_id  uuid NOT NULL,
    version           integer NOT NULL CHECK (version > 0),
    title             text NOT NULL,
    definition        text NOT NULL,
    definition_sha256 bytea NOT NULL CHECK (octet_length(definition_sha256) = 32),
    published_by      uuid NOT NULL,
    published_at      timestamptz NOT NULL DEFAULT now(),
    -- Frozen with the version, so that an old response is judged by what was shown; and what its publication meant for those
    -- who had not completed an older one.
    value_sets        text NOT NULL DEFAULT '[]', -- JSON array of FHIR ValueSets
    on_drafts         text NOT NULL DEFAULT 'keep' CHECK (on_drafts IN ('keep', 'migrate')),
    PRIMARY KEY (questionnaire_id, version),
    UNIQUE (practice_id, questionnaire_id, version),
    FOREIGN KEY (practice_id, questionnaire_id) REFERENCES anamnesis.questionnaire (practice_id, id)
);
ALTER TABLE anamnesis.questionnaire ADD FOREIGN KEY (practice_id, id, version)
    REFERENCES anamnesis.questionnaire_version (practice_id, questionnaire_id, version);

CREATE TRIGGER published_for_ever BEFORE UPDATE OR DELETE ON anamnesis.questionnaire_version
    FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER published_for_ever_all BEFORE TRUNCATE ON anamnesis.questionnaire_version
    FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever;
ALTER TABLE anamnesis.questionnaire_version ENABLE ALWAYS TRIGGER published_for_ever_all;

-- FHIR ValueSets of the practice. What a published version uses is copied into it: these may change and go.
CREATE TABLE anamnesis.value_set (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    url         text NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 1024),
    version     text NOT NULL DEFAULT '' CHECK (octet_length(version) <= 255), -- '': the resource has none
    title       text NOT NULL CHECK (octet_length(title) <= 500),
    revision    integer NOT NULL DEFAULT 1,
    resource    text NOT NULL, -- FHIR ValueSet, as it was sent
    created_by  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT value_set_of_practice UNIQUE (practice_id, id), -- lists are read by it
    CONSTRAINT value_set_canonical_key UNIQUE (practice_id, url, version)
);
