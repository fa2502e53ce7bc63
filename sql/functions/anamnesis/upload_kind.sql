-- Which object of a file of this type is asked for: a document is viewed, and taken along as pictures, page by page, and nothing else
-- has pages. NULL: there cannot be one.
CREATE OR REPLACE FUNCTION anamnesis.upload_kind(p_type text, p_kind text, p_page integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_kind = 'view' AND p_type = 'application/pdf' THEN 'page-' || coalesce(p_page, 1)::text WHEN p_page IS NULL THEN p_kind END;
GRANT EXECUTE ON FUNCTION anamnesis.upload_kind(text,text,integer) TO anamnesis_api;
