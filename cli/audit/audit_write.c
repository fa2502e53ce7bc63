#include "cli/audit/audit.h"

#include <errno.h>
#include <string.h>

bool
audit_export_flush(struct audit_export *export)
{
    (void)crypto_hash_sha256_update(&export->written, (const unsigned char *)buf_string(&export->line),
                                    export->line.size);
    bool good = !export->line.failed &&
                fwrite(buf_string(&export->line), 1, export->line.size, export->out) == export->line.size;
    buf_reset(&export->line);
    if (!good) {
        (void)fprintf(stderr, "The export cannot be written: %s\n", strerror(errno));
    }
    return good;
}
