-- /readyz compares the newest migration with the one it was built for.
GRANT SELECT ON anamnesis.migration TO anamnesis_api, anamnesis_jobs;
