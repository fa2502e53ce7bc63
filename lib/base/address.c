#include "lib/base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool
address_parse(const char *text, struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    memset(address, 0, sizeof *address);
    size_t size = text == NULL ? 0 : strcspn(text, "%");
    if (size == 0 || size >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (inet_pton(AF_INET, copy, address->bytes) == 1) {
        return text[size] == '\0';
    }
    if (inet_pton(AF_INET6, copy, bytes) != 1) {
        return false;
    }
    address->is_ipv6 = memcmp(bytes, mapped, sizeof mapped) != 0;
    if (address->is_ipv6) {
        memcpy(address->bytes, bytes, sizeof bytes);
    } else {
        memcpy(address->bytes, bytes + sizeof mapped, sizeof bytes - sizeof mapped);
    }
    return true;
}

const char *
address_prefix(const struct address *address, int bits, char text[ADDRESS_TEXT_SIZE])
{
    char form[INET6_ADDRSTRLEN];
    unsigned char kept[16] = {0};
    if (!address->is_ipv6) {
        (void)inet_ntop(AF_INET, address->bytes, text, ADDRESS_TEXT_SIZE);
        return text;
    }
    for (int i = 0; i < bits && i < 128; i++) {
        kept[i / 8] = (unsigned char)(kept[i / 8] | (address->bytes[i / 8] & (0x80 >> i % 8)));
    }
    (void)inet_ntop(AF_INET6, kept, form, sizeof form);
    (void)snprintf(text, ADDRESS_TEXT_SIZE, "%s/%d", form, bits);
    return text;
}
