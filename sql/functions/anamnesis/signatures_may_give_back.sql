-- Whether signatures that count from `p_made` may give back what others of `p_held_by` took from 'clean': they are newer, and the practice believes
-- them still.
CREATE OR REPLACE FUNCTION anamnesis.signatures_may_give_back(p_practice uuid, p_held_by timestamptz, p_made timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_made > p_held_by AND EXISTS (
        SELECT FROM anamnesis.practice c WHERE c.id = p_practice AND p_made > now() - c.upload_days_signatures * interval '1 day')
$$;
