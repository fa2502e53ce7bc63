-- One more request without a session from this network in this hour. An hour has rows for 256 networks; whoever comes after
-- them is counted in the one row without a network.
CREATE OR REPLACE FUNCTION audit.note_stranger(p_network text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    this_hour timestamptz := date_trunc('hour', now());
    counted text := left(coalesce(p_network, ''), 64);
BEGIN
    UPDATE audit.stranger s SET requests = s.requests + 1, last_at = now() WHERE s.hour = this_hour AND s.network = counted;
    IF FOUND THEN
        RETURN;
    ELSIF (SELECT count(*) FROM audit.stranger s WHERE s.hour = this_hour) >= 256 THEN
        counted := '';
    END IF;
    INSERT INTO audit.stranger AS s (hour, network) VALUES (this_hour, counted)
    ON CONFLICT (hour, network) DO UPDATE SET requests = s.requests + 1, last_at = now();
END
$$;
