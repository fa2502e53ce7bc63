-- The patients that audit.about() has named in this transaction so far.
CREATE OR REPLACE FUNCTION audit.named() RETURNS uuid[] LANGUAGE sql STABLE
RETURN coalesce(string_to_array(nullif(current_setting('anamnesis.patients', true), ''), ',')::uuid[], '{}');
GRANT EXECUTE ON FUNCTION audit.named() TO anamnesis_api;
