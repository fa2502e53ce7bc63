/* Hexadecimal digits, read and written. Whole byte strings are libsodium's (sodium_bin2hex). */
#ifndef ANAMNESIS_BASE_HEX_H
#define ANAMNESIS_BASE_HEX_H

/* Indexed by a value of four bits: JSON, UUIDs and bytea have small letters, RFC 3986 and MIME capital ones.
 */
#define HEX_SMALL   "0123456789abcdef"
#define HEX_CAPITAL "0123456789ABCDEF"

/* The value of a hexadecimal digit in either case, or -1. */
static inline int
hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    unsigned char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

#endif
