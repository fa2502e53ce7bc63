#include "lib/base/uuid.h"

#include "lib/base/clock.h"
#include "lib/base/hex.h"

#include <sodium.h>
#include <stddef.h>

const char *
uuid_text(const unsigned char bytes[UUID_SIZE], char text[UUID_TEXT_SIZE])
{
    char *at = text;
    for (int i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = HEX_SMALL[bytes[i] >> 4];
        *at++ = HEX_SMALL[bytes[i] & 15];
    }
    *at = '\0';
    return text;
}

const char *
uuid_new(char text[UUID_TEXT_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    randombytes_buf(bytes, sizeof bytes);
    uint64_t milliseconds = (uint64_t)(clock_now() / 1000);
    for (int i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    }
    bytes[6] = (unsigned char)(0x70 | (bytes[6] & 0x0f)); /* version */
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f)); /* variant */
    return uuid_text(bytes, text);
}

bool
uuid_parse(const char *text, unsigned char bytes[UUID_SIZE])
{
    if (text == NULL) {
        return false;
    }
    for (int i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            if (*text != '-') {
                return false;
            }
            text++;
        }
        int high = hex_digit((unsigned char)text[0]);
        if (high < 0) {
            return false;
        }
        int low = hex_digit((unsigned char)text[1]);
        if (low < 0) {
            return false;
        }
        bytes[i] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}
