/*
 * Addresses of clients, as limits count them. Whoever has one IPv6 address has the 2^64 of its network too
 * (RFC 4291 section 2.5.4), and often a whole /48 (RFC 6177): they are counted by prefix. An IPv4 address
 * within an IPv6 one (RFC 4291 section 2.5.5.2) is that IPv4 address.
 */
#ifndef ANAMNESIS_BASE_ADDRESS_H
#define ANAMNESIS_BASE_ADDRESS_H

#include <stdbool.h>

enum {
    ADDRESS_NETWORK_BITS = 64, /* of an IPv6 address: one home, one machine */
    ADDRESS_SITE_BITS = 48,    /* what one customer may have */
    ADDRESS_TEXT_SIZE = 52     /* the longest IPv6 address, "/128" and NUL */
};

struct address {
    bool is_ipv6;
    unsigned char bytes[16]; /* the first four of an IPv4 address */
};

/* Reads an IPv4 or IPv6 address; a zone ("%eth0") does not count. False when it is neither (NULL too). */
bool address_parse(const char *text, struct address *address);

/*
 * The normal form (RFC 5952) of the address's first `bits`, as "2001:db8::/64", and an IPv4 address whole, as
 * "192.0.2.1". Returns `text`.
 */
const char *address_prefix(const struct address *address, int bits, char text[ADDRESS_TEXT_SIZE]);

#endif
