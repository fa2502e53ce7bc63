/* QR codes (ISO/IEC 18004) as SVG: for authenticator secrets, made here so that no secret leaves for a web
 * service. */
#ifndef ANAMNESIS_CRYPTO_QR_H
#define ANAMNESIS_CRYPTO_QR_H

#include "lib/base/arena.h"

enum { QR_TEXT_MAX = 1024 }; /* bytes; more gives modules that telephones do not see well */

/*
 * One self-contained <svg> element: two paths, quiet zone of four modules, error correction of level M, no
 * script, style or reference. In arena memory; the text can be read from it, so it is as secret as the text.
 * NULL when the text is empty or longer than QR_TEXT_MAX, or memory is short.
 */
char *qr_svg(struct arena *arena, const char *text);

#endif
