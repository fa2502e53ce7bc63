-- data_directory :one () -> (answer text?)
SELECT current_setting('data_directory') AS answer;
