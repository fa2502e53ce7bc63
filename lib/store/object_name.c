#include "lib/store/object_name.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define INCOMING "incoming/"
#define SEALED   "sealed/"

enum { RANDOM_SIZE = 16, DIGITS = 2 * RANDOM_SIZE, DIRECTORY_DIGITS = 2 };

const char *
object_name_new(char name[OBJECT_NAME_SIZE])
{
    unsigned char bytes[RANDOM_SIZE];
    char digits[DIGITS + 1];
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2hex(digits, sizeof digits, bytes, sizeof bytes);
    (void)snprintf(name, OBJECT_NAME_SIZE, SEALED "%.2s/%s", digits, digits + DIRECTORY_DIGITS);
    return name;
}

bool
object_name_is_sealed(const char *name)
{
    static const char hex[] = "0123456789abcdef";
    const char *digits = name + sizeof SEALED - 1;
    return strncmp(name, SEALED, sizeof SEALED - 1) == 0 && strspn(digits, hex) == DIRECTORY_DIGITS &&
           digits[DIRECTORY_DIGITS] == '/' &&
           strspn(digits + DIRECTORY_DIGITS + 1, hex) == DIGITS - DIRECTORY_DIGITS &&
           digits[DIGITS + 1] == '\0';
}

bool
object_name_parts(const char *upload_id, char name[OBJECT_NAME_SIZE])
{
    unsigned char bytes[UUID_SIZE];
    char upload[UUID_TEXT_SIZE];
    bool good = uuid_parse(upload_id, bytes);
    (void)snprintf(name, OBJECT_NAME_SIZE, "%s%s", good ? INCOMING : "",
                   good ? uuid_text(bytes, upload) : "");
    return good;
}

bool
object_name_part(const char *upload_id, unsigned number, char name[OBJECT_NAME_SIZE])
{
    bool good = number >= 1 && number <= UPLOAD_PARTS_MAX && object_name_parts(upload_id, name);
    if (!good) {
        name[0] = '\0';
        return false;
    }
    size_t size = strlen(name);
    (void)snprintf(name + size, OBJECT_NAME_SIZE - size, "/%u", number);
    return true;
}

bool
object_name_read_part(const char *name, char upload_id[UUID_TEXT_SIZE], unsigned *number)
{
    char again[OBJECT_NAME_SIZE];
    enum { ID_AT = sizeof INCOMING - 1, NUMBER_AT = ID_AT + UUID_TEXT_SIZE };
    if (strlen(name) != NUMBER_AT + 1) {
        return false;
    }
    (void)snprintf(upload_id, UUID_TEXT_SIZE, "%s", name + ID_AT);
    *number = (unsigned)(name[NUMBER_AT] - '0');
    return object_name_part(upload_id, *number, again) && strcmp(again, name) == 0;
}
