#include "lib/cloud/exchange_address.h"

#include "lib/base/address.h"
#include "lib/base/clock.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define KEPT (60 * CLOCK_SECOND)

static bool
read_name(struct exchange_address *address, const char *host, size_t *size)
{
    bool is_bracketed = host[0] == '[';
    size_t length = strcspn(host + is_bracketed, is_bracketed ? "]" : ":/?#");
    *size = length + (is_bracketed ? 2 : 0);
    if (length == 0 || length >= sizeof address->name || (is_bracketed && host[length + 1] != ']')) {
        return false;
    }
    memcpy(address->name, host + is_bracketed, length);
    address->name[length] = '\0';
    return true;
}

bool
exchange_address_begin(struct exchange_address *address, const char *origin)
{
    const char *host = strstr(origin, "://");
    size_t size = 0;
    memset(address, 0, sizeof *address);
    if (host == NULL || !read_name(address, host + 3, &size)) {
        return false;
    }
    const char *port = host + 3 + size;
    if (port[0] == '\0') {
        port = strncmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    }
    size_t digits = strspn(port + 1, "0123456789");
    if (port[0] != ':' || digits == 0 || digits > 5 || port[1 + digits] != '\0') {
        return false;
    }
    (void)snprintf(address->port, sizeof address->port, "%s", port + 1);
    return true;
}

void
exchange_address_end(struct exchange_address *address)
{
    curl_slist_free_all(address->list);
    address->list = NULL;
}

/* Appends ",address", or "address" as the first. One that does not fit is left out. */
static bool
add(char entry[EXCHANGE_ADDRESSES_SIZE], const struct addrinfo *found, bool is_first)
{
    char text[INET6_ADDRSTRLEN];
    bool is_ipv6 = found->ai_family == AF_INET6;
    const void *bytes = is_ipv6 ? (const void *)&((const struct sockaddr_in6 *)found->ai_addr)->sin6_addr
                                : (const void *)&((const struct sockaddr_in *)found->ai_addr)->sin_addr;
    size_t used = strlen(entry);
    if (inet_ntop(found->ai_family, bytes, text, sizeof text) == NULL ||
        used + strlen(text) + 4 > EXCHANGE_ADDRESSES_SIZE) {
        return false;
    }
    (void)snprintf(entry + used, EXCHANGE_ADDRESSES_SIZE - used, is_ipv6 ? "%s[%s]" : "%s%s",
                   is_first ? "" : ",", text);
    return true;
}

static bool
look_up(struct exchange_address *address)
{
    char entry[EXCHANGE_ADDRESSES_SIZE];
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    bool any = false;
    if (getaddrinfo(address->name, address->port, &hints, &found) != 0) {
        return false;
    }
    (void)snprintf(entry, sizeof entry, "%s:%s:", address->name, address->port);
    for (const struct addrinfo *one = found; one != NULL; one = one->ai_next) {
        if (one->ai_family == AF_INET || one->ai_family == AF_INET6) {
            any = add(entry, one, !any) || any;
        }
    }
    freeaddrinfo(found);
    struct curl_slist *list = any ? curl_slist_append(NULL, entry) : NULL;
    if (list == NULL) {
        return false;
    }
    exchange_address_end(address);
    address->list = list;
    return true;
}

bool
exchange_address_find(struct exchange_address *address)
{
    struct address literal;
    if (address_parse(address->name, &literal)) {
        return true;
    }
    int64_t now = clock_monotonic();
    if (address->list != NULL && now < address->until) {
        return true;
    }
    (void)look_up(address);
    address->until = clock_monotonic() + KEPT;
    return address->list != NULL;
}

void
exchange_address_doubt(struct exchange_address *address)
{
    address->until = 0;
}

struct curl_slist *
exchange_address_list(const struct exchange_address *address)
{
    return address->list;
}
