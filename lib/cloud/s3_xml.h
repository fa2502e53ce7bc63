/*
 * What S3 says in XML: errors, lists and tags, read by expat. Pure. A document with a DOCTYPE is refused, so
 * there are no entities but XML's own five; elements are at most S3_XML_DEEP deep, texts at most
 * S3_XML_TEXT_MAX bytes. Names are taken as they are written: S3 uses no prefixes.
 */
#ifndef ANAMNESIS_CLOUD_S3_XML_H
#define ANAMNESIS_CLOUD_S3_XML_H

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    S3_XML_DEEP = 8,
    S3_XML_TEXT_MAX = 4096,
    S3_CODE_SIZE = 64,
    S3_WHERE_SIZE = 256,
    S3_TOKEN_SIZE = 2048,
    S3_NAME_SIZE = 3 * 1024 + 1, /* a key, encoded */
    S3_TAG_SIZE = 1025           /* 256 characters of UTF-8 */
};

/* <Error>. Texts hold printable ASCII alone and may be logged; what is absent is empty. */
struct s3_error {
    char code[S3_CODE_SIZE];
    char request_id[S3_CODE_SIZE];
    char region[S3_CODE_SIZE];    /* which one it should have been */
    char endpoint[S3_WHERE_SIZE]; /* likewise */
    char server_time[S3_CODE_SIZE];
};

/* False when it is no such document or has no code. */
bool s3_xml_error(struct span xml, struct s3_error *error);

/* One object of a list. Borrowed. */
struct s3_entry {
    const char *key;  /* decoded */
    int64_t size;     /* bytes */
    int64_t modified; /* microseconds since 1970 */
};

/* Called for each; false ends the list. */
typedef bool s3_each(void *data, const struct s3_entry *entry);

struct s3_page {
    bool is_last;
    bool stopped;             /* `each` has ended it */
    char next[S3_TOKEN_SIZE]; /* of the next page; empty when this is the last */
};

/*
 * <ListBucketResult> of ListObjectsV2. Calls `each` (or nobody, when it is NULL) in the document's order, for
 * what was read before a fault, too. False when it is no such document, an entry has no key, size or time, or
 * there is a next page without a name.
 */
bool s3_xml_list(struct span xml, struct s3_page *page, s3_each *each, void *data);

/* <Tagging>: the value of the tag `name`, empty when there is none. False when it is no such document. */
bool s3_xml_tag(struct span xml, const char *name, char value[S3_TAG_SIZE]);

#endif
