#include "lib/base/email.h"

#include <ctype.h>
#include <idn2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* What may be many bytes before it is mapped is cut off here: four times what is kept. */
enum { GIVEN_MAX = 4 * EMAIL_MAX, LABEL_MAX = 63 };

static const char alabel_start[] = "xn--";

/* The text without white space around it. */
static void
trim(const char **text, size_t *size)
{
    const uint8_t *start = (const uint8_t *)*text;
    const uint8_t *end = start + *size;
    ucs4_t sign = 0;
    for (const uint8_t *at = start; at < end; at = start) {
        int width = u8_mbtoucr(&sign, at, (size_t)(end - at));
        if (width <= 0 || !uc_is_property_white_space(sign)) {
            break;
        }
        start += width;
    }
    for (const uint8_t *at = u8_prev(&sign, end, start); at != NULL && uc_is_property_white_space(sign);
         at = u8_prev(&sign, end, start)) {
        end = at;
    }
    *text = (const char *)start;
    *size = (size_t)(end - start);
}

/* RFC 5322 section 3.2.3, atext, extended by RFC 6531 section 3.3; of what is not ASCII, what can be seen. */
static bool
is_atom(ucs4_t sign)
{
    if (sign < 0x80) {
        return isalnum((int)sign) || (sign != 0 && strchr("!#$%&'*+-/=?^_`{|}~", (int)sign) != NULL);
    }
    return !uc_is_property_white_space(sign) && !uc_is_property_default_ignorable_code_point(sign) &&
           !uc_is_property_not_a_character(sign) &&
           !uc_is_general_category_withtable(sign, UC_CATEGORY_MASK_C & ~UC_CATEGORY_MASK_Cn);
}

/* Atoms between single dots. */
static bool
is_dot_atom(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    bool dot = true; /* a dot here would be the first, or the second of two */
    while (size > 0) {
        ucs4_t sign = 0;
        int width = u8_mbtoucr(&sign, at, size);
        if (width <= 0 || (sign == '.' ? dot : !is_atom(sign))) {
            return false;
        }
        dot = sign == '.';
        at += width;
        size -= (size_t)width;
    }
    return !dot;
}

/* The local part in NFC; 0 when it is none. */
static size_t
read_local(const char *text, size_t size, char kept[EMAIL_SIZE])
{
    uint8_t room[GIVEN_MAX];
    size_t made = sizeof room;
    if (size > GIVEN_MAX || !is_dot_atom(text, size)) {
        return 0;
    }
    uint8_t *normal = u8_normalize(UNINORM_NFC, (const uint8_t *)text, size, room, &made);
    bool good = normal == room && made <= EMAIL_LOCAL_MAX && is_dot_atom((const char *)room, made);
    if (normal != room) {
        free(normal);
    }
    if (!good) {
        return 0;
    }
    memcpy(kept, room, made);
    return made;
}

/* RFC 5321 section 4.1.2: sub-domains of letters, digits and inner hyphens; in lower case. The last is no
 * number, or it could be an address of a host. */
static bool
is_domain(const char *domain)
{
    bool number = true;
    for (const char *label = domain;; label++) {
        size_t size = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-");
        if (size == 0 || size > LABEL_MAX || label[0] == '-' || label[size - 1] == '-') {
            return false;
        }
        number = strspn(label, "0123456789") == size;
        label += size;
        if (*label == '\0') {
            return !number;
        }
        if (*label != '.') {
            return false;
        }
    }
}

static bool
has_alabel(const char *domain)
{
    for (const char *label = domain; label != NULL; label = strchr(label, '.')) {
        label += *label == '.';
        if (strncasecmp(label, alabel_start, sizeof alabel_start - 1) == 0) {
            return true;
        }
    }
    return false;
}

/* Each label as a registry would take it: the rules of context that a lookup may leave out (RFC 5892,
 * appendix A) count too. */
static bool
labels_may_be_registered(const char *domain)
{
    char label[LABEL_MAX + 1];
    while (*domain != '\0') {
        size_t size = strcspn(domain, ".");
        memcpy(label, domain, size);
        label[size] = '\0';
        domain += size + (domain[size] == '.');
        if (strncmp(label, alabel_start, sizeof alabel_start - 1) != 0) {
            continue;
        }
        uint8_t *made = NULL;
        int status = idn2_register_u8(NULL, (const uint8_t *)label, &made, 0);
        idn2_free(made);
        if (status != IDN2_OK) {
            return false;
        }
    }
    return true;
}

/* IDNA 2008 with the mapping of UTS #46, non-transitional. IDN2_USE_STD3_ASCII_RULES is not asked for: it
 * takes signs out in silence where we refuse them. */
static bool
to_alabels(const char *domain, char made[EMAIL_SIZE])
{
    char *ascii = NULL;
    bool good = idn2_to_ascii_8z(domain, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
                snprintf(made, EMAIL_SIZE, "%s", ascii) < EMAIL_SIZE;
    idn2_free(ascii);
    return good;
}

/* The domain in lower case and A-labels; "" when it is none. */
static void
read_domain(const char *text, size_t size, char made[EMAIL_SIZE])
{
    char domain[GIVEN_MAX + 1];
    bool ascii = true;
    made[0] = '\0';
    if (size > GIVEN_MAX || memchr(text, '\0', size) != NULL) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        ascii = ascii && (unsigned char)text[i] < 0x80;
        domain[i] = (char)((unsigned char)text[i] < 0x80 ? tolower((unsigned char)text[i]) : text[i]);
    }
    domain[size] = '\0';
    if (ascii && !has_alabel(domain)) {
        memcpy(made, domain, size < EMAIL_SIZE ? size + 1 : 0);
    } else if (!to_alabels(domain, made)) {
        made[0] = '\0';
    }
    if (!is_domain(made) || !labels_may_be_registered(made)) {
        made[0] = '\0';
    }
}

bool
email_read(const char *text, size_t size, char kept[EMAIL_SIZE])
{
    char domain[EMAIL_SIZE];
    kept[0] = '\0';
    if (size > GIVEN_MAX || u8_check((const uint8_t *)text, size) != NULL) {
        return false;
    }
    trim(&text, &size);
    const char *at = memrchr(text, '@', size);
    if (at == NULL) {
        return false;
    }
    read_domain(at + 1, (size_t)(text + size - at - 1), domain);
    size_t local = read_local(text, (size_t)(at - text), kept);
    if (local == 0 || domain[0] == '\0' || local + 1 + strlen(domain) > EMAIL_MAX) {
        kept[0] = '\0';
        return false;
    }
    (void)snprintf(kept + local, EMAIL_SIZE - local, "@%s", domain);
    return true;
}

const char *
email_show(const char *address, char shown[EMAIL_SHOWN_SIZE])
{
    const char *at = strrchr(address, '@');
    char *domain = NULL;
    if (at != NULL && has_alabel(at + 1) && idn2_to_unicode_8z8z(at + 1, &domain, 0) == IDN2_OK) {
        (void)snprintf(shown, EMAIL_SHOWN_SIZE, "%.*s@%s", (int)(at - address), address, domain);
    } else {
        (void)snprintf(shown, EMAIL_SHOWN_SIZE, "%s", address);
    }
    idn2_free(domain);
    return shown;
}

bool
email_needs_utf8(const char *kept)
{
    for (; *kept != '\0'; kept++) {
        if ((unsigned char)*kept >= 0x80) {
            return true;
        }
    }
    return false;
}
