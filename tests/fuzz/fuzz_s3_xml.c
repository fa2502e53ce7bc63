/*
 * libFuzzer: what S3 says in XML. A document is of one kind at most; an error's texts may stand in a line of the
 * log; an entry of a list has a key, a size and a time, and whoever ends a list sees no more of it; a page that is
 * not the last names the next; what is read is the same when it is read again, and cut it is no document.
 */
#include "tests/fuzz/fuzz.h"

#include "lib/cloud/s3_xml.h"

#include <string.h>

/* The entries that were seen. */
struct seen {
    size_t count;
    size_t most;
};

static bool
look(void *data, const struct s3_entry *entry)
{
    struct seen *seen = data;
    seen->count++;
    if (entry->key[0] == '\0' || strlen(entry->key) >= S3_NAME_SIZE || entry->size < 0 ||
        entry->modified == INT64_MIN) {
        fuzz_fail("an entry without key, size or time");
    }
    if (seen->count > seen->most) {
        fuzz_fail("an entry behind the end of the list");
    }
    return seen->count < seen->most;
}

static void
check_word(const char *text, size_t size)
{
    if (memchr(text, '\0', size) == NULL) {
        fuzz_fail("a text without an end");
    }
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~') {
            fuzz_fail("a text that may not stand in the log");
        }
    }
}

static bool
check_error(struct span xml)
{
    struct s3_error error;
    struct s3_error again;
    bool is_error = s3_xml_error(xml, &error);
    check_word(error.code, sizeof error.code);
    check_word(error.request_id, sizeof error.request_id);
    check_word(error.region, sizeof error.region);
    check_word(error.endpoint, sizeof error.endpoint);
    check_word(error.server_time, sizeof error.server_time);
    if (is_error != (error.code[0] != '\0')) {
        fuzz_fail("an error is what has a code");
    }
    if (s3_xml_error(xml, &again) != is_error || memcmp(&error, &again, sizeof error) != 0) {
        fuzz_fail("the same bytes say something else");
    }
    return is_error;
}

static bool
check_list(struct span xml)
{
    struct s3_page page;
    struct s3_page stopped;
    struct seen all = {0, SIZE_MAX};
    struct seen one = {0, 1};
    bool is_list = s3_xml_list(xml, &page, look, &all);
    if (is_list && page.is_last != (page.next[0] == '\0')) {
        fuzz_fail("a page that is not the last names the next");
    }
    if (s3_xml_list(xml, &stopped, look, &one) != is_list || one.count != (all.count > 0)) {
        fuzz_fail("a list that is ended is the same until there");
    }
    if (s3_xml_list(xml, &stopped, NULL, NULL) != is_list) {
        fuzz_fail("a list is one whoever looks at it");
    }
    return is_list;
}

static bool
check_tags(struct span xml)
{
    char value[S3_TAG_SIZE];
    bool is_tagging = s3_xml_tag(xml, "GuardDutyMalwareScanStatus", value);
    if (memchr(value, '\0', sizeof value) == NULL || (!is_tagging && value[0] != '\0')) {
        fuzz_fail("a value of what is no tag");
    }
    return is_tagging;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const struct span xml = {data, size};
    int kinds = check_error(xml) + check_list(xml) + check_tags(xml);
    if (kinds > 1) {
        fuzz_fail("a document is of one kind");
    }
    if (kinds == 1 && size > 0 && data[size - 1] == '>') {
        const struct span cut = {data, size - 1};
        if (check_error(cut) || check_list(cut) || check_tags(cut)) {
            fuzz_fail("a document that is cut is none");
        }
    }
    return 0;
}
