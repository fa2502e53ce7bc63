-- Where accounts have signed in from, so that others' failures do not keep them out there; and throttle rows that say
-- themselves how long they count, and where the tries came from.

-- A device by the keyed hash of its token, an address by a hash. The newest few of an account stay.
CREATE TABLE auth.familiar (
    account_id uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
    mark       bytea NOT NULL CHECK (octet_length(mark) = 32),
    kind       text NOT NULL CHECK (kind IN ('device', 'address')),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, mark)
) WITH (fillfactor = 80);
CREATE INDEX familiar_by_mark ON auth.familiar (mark) WHERE kind = 'device';
CREATE INDEX familiar_by_time ON auth.familiar (seen_at);

ALTER TABLE auth.throttle
    ADD COLUMN counts_until timestamptz NOT NULL DEFAULT now() + interval '90 days',
    ADD COLUMN origin       bytea CHECK (octet_length(origin) = 32); -- of an account's row: where it was last tried from
CREATE INDEX throttle_by_time ON auth.throttle (counts_until);
CREATE INDEX throttle_of_origin ON auth.throttle (origin, last_failure) WHERE origin IS NOT NULL;
