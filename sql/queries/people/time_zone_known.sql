-- time_zone_known :one (name text) -> (known bool)
SELECT anamnesis.time_zone_known($1)
