/* Addresses of one server, as libcurl takes them, looked up in the calling process. For lib/cloud/exchange. */
#ifndef ANAMNESIS_CLOUD_EXCHANGE_ADDRESS_H
#define ANAMNESIS_CLOUD_EXCHANGE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { EXCHANGE_NAME_SIZE = 256, EXCHANGE_ADDRESSES_SIZE = 1024 };

struct curl_slist;

struct exchange_address {
    char name[EXCHANGE_NAME_SIZE]; /* without brackets */
    char port[8];
    int64_t until;           /* of clock_monotonic(); looked up again after it */
    struct curl_slist *list; /* name:port:address,address */
};

/* Takes the origin (https://host[:port]) apart. False when it is none. */
bool exchange_address_begin(struct exchange_address *address, const char *origin);
void exchange_address_end(struct exchange_address *address);

/*
 * Looks the name up when that is due. Addresses that are known are kept while the resolver knows none. False
 * when there are none. Waits as long as the resolver does (/etc/resolv.conf).
 */
bool exchange_address_find(struct exchange_address *address);

/* The next request looks it up again: this one failed. */
void exchange_address_doubt(struct exchange_address *address);

/* For CURLOPT_RESOLVE, until the next exchange_address_find; NULL when the name is an address itself. */
struct curl_slist *exchange_address_list(const struct exchange_address *address);

#endif
