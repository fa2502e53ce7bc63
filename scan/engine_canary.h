/*
 * The canary: a file that every set of signatures knows and that harms nobody (the EICAR test file), in a
 * zip. A process of the engine must find it before what it says of another file counts, since libclamav calls
 * clean what it could not unpack.
 */
#ifndef ANAMNESIS_SCAN_ENGINE_CANARY_H
#define ANAMNESIS_SCAN_ENGINE_CANARY_H

#include <stddef.h>

enum { CANARY_MAX = 512 };

/*
 * Makes the zip and returns its size. Its one member is deflated, so that it is found by unpacking alone. The
 * bytes are put together here, so that no file of ours is taken for an infected one.
 */
size_t engine_canary(unsigned char zip[CANARY_MAX]);

/* A zip around any bytes, at most 65,535; it is CANARY_ZIP_MORE longer. Flags are those of the member (APPNOTE.TXT 4.4.4). */
enum { CANARY_ZIP_MORE = 115, CANARY_ENCRYPTED = 1 };
size_t engine_canary_zip(const unsigned char *plain, size_t size, unsigned flags, unsigned char *zip);

#endif
