-- It says who the asker is, and to nobody else.
GRANT SELECT ON auth.acting TO anamnesis_api;
