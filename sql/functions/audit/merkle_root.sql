-- The Merkle root of leaves of 56 bytes, one after the other and at least one, as lib/crypto/merkle.h has it (RFC 9162, 2.1): of
-- a level of odd length the last node goes up as it is.
CREATE OR REPLACE FUNCTION audit.merkle_root(p_leaves bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    n integer := octet_length(p_leaves) / 56;
    level bytea := (SELECT string_agg(sha256('\x00' || substr(p_leaves, 1 + 56 * i, 56)), '' ORDER BY i)
                    FROM generate_series(0, n - 1) AS i);
BEGIN
    WHILE n > 1 LOOP
        level := (SELECT string_agg(CASE WHEN 2 * i + 1 < n THEN sha256('\x01' || substr(level, 1 + 64 * i, 64))
                                         ELSE substr(level, 1 + 64 * i, 32) END, '' ORDER BY i)
                  FROM generate_series(0, (n - 1) / 2) AS i);
        n := (n + 1) / 2;
    END LOOP;
    RETURN level;
END
$$;
