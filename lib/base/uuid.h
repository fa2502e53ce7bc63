/* Identifiers: UUID version 7 (RFC 9562 section 5.7), as text of 36 characters. */
#ifndef ANAMNESIS_BASE_UUID_H
#define ANAMNESIS_BASE_UUID_H

#include <stdbool.h>

enum { UUID_TEXT_SIZE = 37, UUID_SIZE = 16 };

/* A new identifier: milliseconds of the wall clock, then 74 random bits. Returns `text`. */
const char *uuid_new(char text[UUID_TEXT_SIZE]);

/* The text of 16 bytes. Returns `text`. */
const char *uuid_text(const unsigned char bytes[UUID_SIZE], char text[UUID_TEXT_SIZE]);

/*
 * Reads the 8-4-4-4-12 form, either case. False when it is anything else (NULL too); `bytes` is then
 * undefined.
 */
bool uuid_parse(const char *text, unsigned char bytes[UUID_SIZE]);

#endif
