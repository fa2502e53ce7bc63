#include "lib/crypto/qr.h"

#include "lib/base/buf.h"

#include <qrencode.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

enum { QUIET_ZONE = 4, SVG_MAX = 256 * 1024 };

/* One run of dark modules is one stroke: a third of the size of one square a module. */
static void
draw(struct buf *svg, const QRcode *code)
{
    for (int y = 0; y < code->width; y++) {
        const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
        for (int x = 0; x < code->width;) {
            int end = x;
            while (end < code->width && (row[end] & 1) != 0) {
                end++;
            }
            if (end > x) {
                buf_format(svg, "M%d %d.5h%d", x + QUIET_ZONE, y + QUIET_ZONE, end - x);
            }
            x = end + 1;
        }
    }
}

char *
qr_svg(struct arena *arena, const char *text)
{
    size_t size = strnlen(text, QR_TEXT_MAX + 1);
    if (size == 0 || size > QR_TEXT_MAX) {
        return NULL;
    }
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL) {
        return NULL;
    }
    int side = code->width + 2 * QUIET_ZONE;
    struct buf svg;
    buf_init(&svg, SVG_MAX);
    buf_format(
        &svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\" "
        "role=\"img\" aria-label=\"QR code\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
        "<path stroke=\"#000\" d=\"",
        side, side, side, side);
    draw(&svg, code);
    buf_text(&svg, "\"/></svg>");
    sodium_memzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    char *copy = svg.failed ? NULL : arena_copy(arena, svg.data, svg.size);
    buf_free(&svg);
    return copy;
}
