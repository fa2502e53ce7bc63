#include "lib/cloud/s3_xml.h"

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/hex.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 256 };

/* What is read; `text` is NULL of one that is longer than S3_XML_TEXT_MAX. */
enum event { BEGINS, ENDS };
struct reader;
typedef bool reader_fn(struct reader *reader, enum event event, const char *path, const char *text);

struct reader {
    XML_Parser parser;
    reader_fn *take; /* false: what stands there cannot be */
    void *data;
    struct buf text; /* of the innermost element, after its last child */
    char path[PATH_SIZE];
    size_t ends[S3_XML_DEEP]; /* where each element's name begins in `path` */
    size_t deep;
    bool failed;
};

static void
fail(struct reader *reader)
{
    reader->failed = true;
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

static void XMLCALL
begins(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *reader = data;
    size_t used = strlen(reader->path);
    (void)attributes;
    if (reader->deep == S3_XML_DEEP || used + strlen(name) + 2 > sizeof reader->path) {
        fail(reader);
        return;
    }
    reader->ends[reader->deep++] = used;
    (void)snprintf(reader->path + used, sizeof reader->path - used, "/%s", name);
    buf_reset(&reader->text);
    if (!reader->take(reader, BEGINS, reader->path, "")) {
        fail(reader);
    }
}

static void XMLCALL
ends(void *data, const XML_Char *name)
{
    struct reader *reader = data;
    (void)name;
    if (reader->failed) {
        return; /* expat still ends an element that it has begun, as <a/> */
    }
    const char *text = reader->text.failed ? NULL : buf_string(&reader->text);
    if (!reader->take(reader, ENDS, reader->path, text)) {
        fail(reader);
        return;
    }
    reader->path[reader->ends[--reader->deep]] = '\0';
    buf_reset(&reader->text);
}

static void XMLCALL
text_of(void *data, const XML_Char *text, int size)
{
    struct reader *reader = data;
    buf_add(&reader->text, text, (size_t)size);
}

static void XMLCALL
has_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    fail(data);
}

/* Whether all of it was read, and `take` found nothing wrong. */
static bool
read_xml(struct span xml, reader_fn *take, void *data)
{
    struct reader reader = {.take = take, .data = data, .parser = XML_ParserCreate("UTF-8")};
    if (reader.parser == NULL || xml.size > INT32_MAX) {
        XML_ParserFree(reader.parser);
        return false;
    }
    buf_init(&reader.text, S3_XML_TEXT_MAX);
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, begins, ends);
    XML_SetCharacterDataHandler(reader.parser, text_of);
    XML_SetStartDoctypeDeclHandler(reader.parser, has_doctype);
    bool good =
        XML_Parse(reader.parser, (const char *)xml.data, (int)xml.size, 1) == XML_STATUS_OK && !reader.failed;
    XML_ParserFree(reader.parser);
    buf_free(&reader.text);
    return good;
}

/* A text for the log: one that does not fit, or is not printable, is not taken. */
static void
take_word(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);
    out[0] = '\0';
    if (length >= size) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return;
        }
    }
    memcpy(out, text, length + 1);
}

static bool
take_error(struct reader *reader, enum event event, const char *path, const char *text)
{
    struct s3_error *error = reader->data;
    const struct {
        const char *path;
        char *out;
        size_t size;
    } wanted[] = {
        {"/Error/Code", error->code, sizeof error->code},
        {"/Error/RequestId", error->request_id, sizeof error->request_id},
        {"/Error/Region", error->region, sizeof error->region},
        {"/Error/Endpoint", error->endpoint, sizeof error->endpoint},
        {"/Error/ServerTime", error->server_time, sizeof error->server_time},
    };
    if (event == BEGINS) {
        return strncmp(path, "/Error", 6) == 0 && (path[6] == '\0' || path[6] == '/');
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (text != NULL && strcmp(path, wanted[i].path) == 0) {
            take_word(wanted[i].out, wanted[i].size, text);
        }
    }
    return true;
}

bool
s3_xml_error(struct span xml, struct s3_error *error)
{
    memset(error, 0, sizeof *error);
    if (read_xml(xml, take_error, error) && error->code[0] != '\0') {
        return true;
    }
    memset(error, 0, sizeof *error);
    return false;
}

/* A list while it is read. */
struct list {
    struct s3_page *page;
    s3_each *each;
    void *data;
    char key[S3_NAME_SIZE];
    int64_t size;
    int64_t modified;
    bool is_encoded;
    bool is_truncated;
    bool is_list;
    bool has_truncated;
};

static bool
read_size(const char *text, int64_t *size)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *size = value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

/* A key as `encoding-type=url` has it, in place. A key with a NUL cannot be named. */
static bool
decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '%') {
            *to++ = *at == '+' ? ' ' : *at;
            continue;
        }
        int high = hex_digit((unsigned char)at[1]);
        int low = high < 0 ? -1 : hex_digit((unsigned char)at[2]);
        if (low < 0 || (high == 0 && low == 0)) {
            return false;
        }
        *to++ = (char)(high << 4 | low);
        at += 2;
    }
    *to = '\0';
    return true;
}

static bool
take_entry(struct list *list)
{
    if (list->key[0] == '\0' || list->size < 0 || list->modified == INT64_MIN ||
        (list->is_encoded && !decode(list->key))) {
        return false;
    }
    const struct s3_entry entry = {list->key, list->size, list->modified};
    if (list->each != NULL && !list->page->stopped) {
        list->page->stopped = !list->each(list->data, &entry);
    }
    return true;
}

static bool
copy_text(char *out, size_t size, const char *text)
{
    int length = snprintf(out, size, "%s", text);
    return length >= 0 && (size_t)length < size;
}

static bool
begin_in_list(struct list *list, const char *path)
{
    static const char root[] = "/ListBucketResult";
    if (strcmp(path, "/ListBucketResult/Contents") == 0) {
        list->key[0] = '\0';
        list->size = -1;
        list->modified = INT64_MIN;
    }
    list->is_list = true;
    size_t size = sizeof root - 1;
    return strncmp(path, root, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

static bool
take_list(struct reader *reader, enum event event, const char *path, const char *text)
{
    struct list *list = reader->data;
    if (event == BEGINS) {
        return begin_in_list(list, path);
    }
    const char *name = path + strlen("/ListBucketResult");
    if (text == NULL) {
        return false;
    }
    if (strcmp(name, "/Contents/Key") == 0) {
        return copy_text(list->key, sizeof list->key, text);
    }
    if (strcmp(name, "/Contents/Size") == 0) {
        return read_size(text, &list->size);
    }
    if (strcmp(name, "/Contents/LastModified") == 0) {
        return clock_parse(text, &list->modified);
    }
    if (strcmp(name, "/Contents") == 0) {
        return take_entry(list);
    }
    if (strcmp(name, "/IsTruncated") == 0) {
        list->is_truncated = strcmp(text, "true") == 0;
        list->has_truncated = true;
        return list->is_truncated || strcmp(text, "false") == 0;
    }
    if (strcmp(name, "/NextContinuationToken") == 0) {
        return copy_text(list->page->next, sizeof list->page->next, text);
    }
    return true;
}

/* EncodingType may stand behind the keys that it is of. */
static bool
take_encoding(struct reader *reader, enum event event, const char *path, const char *text)
{
    bool *is_encoded = reader->data;
    if (event == ENDS && strcmp(path, "/ListBucketResult/EncodingType") == 0) {
        *is_encoded = text != NULL && strcmp(text, "url") == 0;
    }
    return true;
}

bool
s3_xml_list(struct span xml, struct s3_page *page, s3_each *each, void *data)
{
    struct list list = {.page = page, .each = each, .data = data};
    memset(page, 0, sizeof *page);
    bool good = read_xml(xml, take_encoding, &list.is_encoded) && read_xml(xml, take_list, &list) &&
                list.is_list && list.has_truncated && (!list.is_truncated || page->next[0] != '\0');
    page->is_last = !list.is_truncated;
    if (page->is_last) {
        page->next[0] = '\0';
    }
    return good;
}

/* Tags while they are read. */
struct tags {
    const char *name;
    char *value;
    char last[S3_TAG_SIZE]; /* Value of the tag that is read */
    bool is_wanted;
    bool is_found;
};

static bool
take_tag(struct reader *reader, enum event event, const char *path, const char *text)
{
    static const char root[] = "/Tagging";
    static const char tag[] = "/Tagging/TagSet/Tag";
    struct tags *tags = reader->data;
    size_t size = sizeof root - 1;
    if (event == BEGINS) {
        if (strcmp(path, tag) == 0) {
            tags->is_wanted = false;
            tags->last[0] = '\0';
        }
        return strncmp(path, root, size) == 0 && (path[size] == '\0' || path[size] == '/');
    }
    if (text == NULL) {
        return false;
    }
    if (strcmp(path, "/Tagging/TagSet/Tag/Key") == 0) {
        tags->is_wanted = strcmp(text, tags->name) == 0;
    } else if (strcmp(path, "/Tagging/TagSet/Tag/Value") == 0) {
        return copy_text(tags->last, sizeof tags->last, text);
    } else if (strcmp(path, tag) == 0 && tags->is_wanted) {
        if (tags->is_found) {
            return false; /* twice */
        }
        tags->is_found = true;
        return copy_text(tags->value, S3_TAG_SIZE, tags->last);
    }
    return true;
}

bool
s3_xml_tag(struct span xml, const char *name, char value[S3_TAG_SIZE])
{
    struct tags tags = {.name = name, .value = value};
    value[0] = '\0';
    if (read_xml(xml, take_tag, &tags)) {
        return true;
    }
    value[0] = '\0';
    return false;
}
