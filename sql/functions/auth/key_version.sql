-- The version of the key that a blind index, a wrapped data key or a value sealed by the process names: its first four
-- bytes, big endian.
CREATE OR REPLACE FUNCTION auth.key_version(value bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN get_byte(value, 0) * 16777216::bigint + get_byte(value, 1) * 65536 + get_byte(value, 2) * 256
    + get_byte(value, 3);
