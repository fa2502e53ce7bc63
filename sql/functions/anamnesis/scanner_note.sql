-- For the scanner: that it is there, and with which signatures, made when.
CREATE OR REPLACE FUNCTION anamnesis.scanner_note(p_signatures text, p_signatures_at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO anamnesis.scanner AS s (signatures, signatures_at) VALUES (p_signatures, p_signatures_at)
    ON CONFLICT (singleton) DO UPDATE SET seen_at = now(), signatures = excluded.signatures, signatures_at = excluded.signatures_at
$$;
GRANT EXECUTE ON FUNCTION anamnesis.scanner_note(text,timestamptz) TO anamnesis_scan;
