-- UUID version 7 (RFC 9562 section 5.7) for rows that the application does not name itself: 48 bits of
-- milliseconds, then the random bits of a version 4, with the version's two lowest bits turned on (4 -> 7).
CREATE OR REPLACE FUNCTION anamnesis.uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE
RETURN encode(
    set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid;
GRANT EXECUTE ON FUNCTION anamnesis.uuid_v7() TO anamnesis_api, anamnesis_jobs;
