-- /readyz asks whether the database ever had the functions and policies of the program.
GRANT SELECT ON anamnesis.sql_state TO anamnesis_api, anamnesis_jobs;
