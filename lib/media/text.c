#include "lib/base/utf8.h"
#include "lib/media/bytes.h"
#include "lib/media/walk.h"

/* Plain text: UTF-8, and of the first 32 characters only tab, LF and CR. */
enum media_verdict
media_walk_text(struct span file, struct media_size *size, size_t *own)
{
    *size = (struct media_size){0};
    *own = file.size;
    for (size_t at = 0; at < file.size; at++) {
        unsigned char byte = file.data[at];
        if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return MEDIA_WRONG_TYPE;
        }
    }
    return utf8_valid(file.data, file.size) ? MEDIA_FINE : MEDIA_NOT_UNDERSTOOD;
}
