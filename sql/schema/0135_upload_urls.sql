-- Files that are gone, while somebody may still put parts of them: their bytes count for so long (anamnesis.upload_create).
CREATE INDEX upload_of_urls ON anamnesis.upload (practice_id, urls_until)
    WHERE state IN ('withdrawn', 'expired', 'removed', 'infected', 'rejected');
