-- The lowest UUID version 7 of a moment, and so many milliseconds later: what identifiers of earlier and of later rows are compared with.
CREATE OR REPLACE FUNCTION anamnesis.uuid_floor(p_moment timestamptz, p_later bigint) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    -- timestamptz_send: microseconds since 2000. Nothing here depends on the time zone, so indexes may be made of it.
    RETURN encode(substr(int8send(least(greatest(('x' || encode(timestamptz_send(p_moment), 'hex'))::bit(64)::bigint / 1000
                                                 + 946684800000 + p_later, 0), 281474976710655)), 3)
                  || '\x00000000000000000000'::bytea, 'hex')::uuid;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.uuid_floor(timestamptz,bigint) TO anamnesis_api;
