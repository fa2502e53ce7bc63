/* lib/cloud/s3_xml: what S3's documents say, and which are none. */
#include "lib/base/buf.h"
#include "lib/cloud/s3_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define HEAD     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS    " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define LIST     HEAD "<ListBucketResult" XMLNS ">"
#define MODIFIED "<LastModified>2026-01-31T08:00:00.000Z</LastModified>"
#define ENTRY    "<Contents><Key>a</Key>" MODIFIED "<Size>5</Size></Contents>"
#define LAST     "<IsTruncated>false</IsTruncated>"
#define MORE     "<IsTruncated>true</IsTruncated>"
#define END      "</ListBucketResult>"

static struct span
span_of(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

static void
an_error_says_what_the_log_needs(void **state)
{
    struct s3_error error;
    (void)state;
    assert_true(s3_xml_error(
        span_of(HEAD "<Error><Code>PermanentRedirect</Code><Message>The bucket &amp; so on</Message>"
                     "<Endpoint>files.s3.eu-west-1.amazonaws.com</Endpoint>"
                     "<Region>eu-west-1</Region><RequestId>4442587FB7D0A2F9</RequestId>"
                     "<ServerTime>2026-01-31T08:00:00Z</ServerTime></Error>"),
        &error));
    assert_string_equal(error.code, "PermanentRedirect");
    assert_string_equal(error.endpoint, "files.s3.eu-west-1.amazonaws.com");
    assert_string_equal(error.region, "eu-west-1");
    assert_string_equal(error.request_id, "4442587FB7D0A2F9");
    assert_string_equal(error.server_time, "2026-01-31T08:00:00Z");
}

static void
what_could_forge_a_line_of_the_log_is_not_taken(void **state)
{
    struct s3_error error;
    char long_one[256];
    char xml[512];
    (void)state;
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    (void)snprintf(xml, sizeof xml,
                   "<Error><Code>A</Code><RequestId>%s</RequestId><Region>a b</Region></Error>", long_one);
    assert_true(s3_xml_error(span_of(xml), &error));
    assert_string_equal(error.request_id, "");
    assert_string_equal(error.region, "");
    assert_false(s3_xml_error(span_of("<Error><Code>A&#10;B</Code></Error>"), &error));
    assert_string_equal(error.code, "");
}

/* SignatureDoesNotMatch repeats the whole request. */
static void
a_long_text_does_not_hide_the_code(void **state)
{
    struct s3_error error;
    struct buf xml;
    (void)state;
    buf_init(&xml, 65536);
    buf_text(&xml, "<Error><CanonicalRequest>");
    for (size_t i = 0; i <= S3_XML_TEXT_MAX; i++) {
        buf_byte(&xml, 'a');
    }
    buf_text(&xml, "</CanonicalRequest><Code>SignatureDoesNotMatch</Code></Error>");
    assert_true(s3_xml_error(span_of(buf_string(&xml)), &error));
    assert_string_equal(error.code, "SignatureDoesNotMatch");
    buf_free(&xml);
}

static const char *const no_errors[] = {
    "",
    " ",
    "Service Unavailable",
    "<Error></Error>",
    "<Error><Code></Code></Error>",
    "<Error><Code>A</Code>",
    "<Error><Code>A</Code></Error><Error/>",
    "<Errors><Code>A</Code></Errors>",
    "<html><Error><Code>A</Code></Error></html>",
    "<Error><Deep><Code>A</Code></Deep></Error>",
    "<a><b><c><d><e><f><g><h><i/></h></g></f></e></d></c></b></a>",
    "<Error><a><b><c><d><e><f><g><h/></g></f></e></d></c></b></a><Code>A</Code></Error>",
    "<!DOCTYPE Error><Error><Code>A</Code></Error>",
    "<!DOCTYPE Error [<!ENTITY a \"A\">]><Error><Code>&a;</Code></Error>",
    "<!DOCTYPE Error SYSTEM \"file:///etc/passwd\"><Error><Code>A</Code></Error>",
    "<Error><Code>&a;</Code></Error>",
    "<Error><Code>\xff</Code></Error>",
    "<?xml version=\"1.0\" encoding=\"x-none\"?><Error><Code>\x01</Code></Error>",
};

static void
what_is_no_error_is_none(void **state)
{
    struct s3_error error;
    (void)state;
    for (size_t i = 0; i < sizeof no_errors / sizeof no_errors[0]; i++) {
        assert_false(s3_xml_error(span_of(no_errors[i]), &error));
        assert_string_equal(error.code, "");
    }
}

/* Keys that were listed, joined by "|". */
static bool
note(void *data, const struct s3_entry *entry)
{
    buf_format(data, "%s %lld %lld|", entry->key, (long long)entry->size, (long long)entry->modified);
    return strcmp(entry->key, "stop") != 0;
}

static bool
list(const char *xml, struct s3_page *page, struct buf *noted)
{
    buf_init(noted, 65536);
    return s3_xml_list(span_of(xml), page, note, noted);
}

static void
a_list_is_read_in_its_order(void **state)
{
    struct s3_page page;
    struct buf noted;
    (void)state;
    assert_true(list(LIST "<Name>files</Name><Prefix>p</Prefix>" LAST "<Contents><Key>b&amp;c</Key>" MODIFIED
                          "<ETag>&quot;a&quot;</ETag><Size>5</Size>"
                          "<Owner><ID>a</ID></Owner></Contents>" ENTRY END,
                     &page, &noted));
    assert_string_equal(buf_string(&noted), "b&c 5 1769846400000000|a 5 1769846400000000|");
    assert_true(page.is_last);
    buf_free(&noted);
    assert_true(
        list(LIST ENTRY "<NextContinuationToken>1 /+=</NextContinuationToken>" MORE END, &page, &noted));
    assert_false(page.is_last);
    assert_string_equal(page.next, "1 /+=");
    buf_free(&noted);
    assert_true(list(LIST LAST END, &page, &noted));
    assert_int_equal(noted.size, 0);
    buf_free(&noted);
}

static void
keys_are_decoded_when_the_list_says_that_they_are_encoded(void **state)
{
    static const char entry[] = "<Contents><Key>a%0a+b%E2%82%ac</Key>" MODIFIED "<Size>0</Size></Contents>";
    char xml[1024];
    struct s3_page page;
    struct buf noted;
    (void)state;
    (void)snprintf(xml, sizeof xml, LIST LAST "%s<EncodingType>url</EncodingType>" END, entry);
    assert_true(list(xml, &page, &noted));
    assert_memory_equal(buf_string(&noted), "a\n b€ 0", 9);
    buf_free(&noted);
    (void)snprintf(xml, sizeof xml, LIST LAST "%s" END, entry);
    assert_true(list(xml, &page, &noted));
    assert_memory_equal(buf_string(&noted), "a%0a+b", 6);
    buf_free(&noted);
}

static void
who_lists_may_end_it(void **state)
{
    struct s3_page page;
    struct buf noted;
    (void)state;
    assert_true(list(LIST LAST "<Contents><Key>stop</Key>" MODIFIED "<Size>0</Size></Contents>" ENTRY END,
                     &page, &noted));
    assert_string_equal(buf_string(&noted), "stop 0 1769846400000000|");
    assert_true(page.stopped);
    buf_free(&noted);
}

static const char *const no_lists[] = {
    "",
    "<Error><Code>A</Code></Error>",
    LIST END,      /* whether it is whole is not said */
    LIST LAST,     /* cut */
    LIST MORE END, /* of the next page nothing is said */
    LIST MORE "<NextContinuationToken></NextContinuationToken>" END,
    LIST "<IsTruncated>perhaps</IsTruncated>" END,
    LIST LAST "<Contents>" MODIFIED "<Size>5</Size></Contents>" END,
    LIST LAST "<Contents><Key>a</Key>" MODIFIED "</Contents>" END,
    LIST LAST "<Contents><Key>a</Key><Size>5</Size></Contents>" END,
    LIST LAST "<Contents><Key>a</Key><LastModified>now</LastModified><Size>5</Size></Contents>" END,
    LIST LAST "<Contents><Key>a</Key>" MODIFIED "<Size>-5</Size></Contents>" END,
    LIST LAST "<Contents><Key>a</Key>" MODIFIED "<Size>5 </Size></Contents>" END,
    LIST LAST "<Contents><Key>a</Key>" MODIFIED "<Size>99999999999999999999</Size></Contents>" END,
    LIST LAST ENTRY "<Contents></Contents>" END, /* nothing is left of the entry before */
    LIST LAST "<EncodingType>url</EncodingType><Contents><Key>%0</Key>" MODIFIED
              "<Size>5</Size></Contents>" END,
    LIST LAST "<EncodingType>url</EncodingType><Contents><Key>a%00b</Key>" MODIFIED
              "<Size>5</Size></Contents>" END,
    "<ListBucketResults>" LAST "</ListBucketResults>",
};

static void
what_is_no_list_is_none(void **state)
{
    struct s3_page page;
    struct buf noted;
    (void)state;
    for (size_t i = 0; i < sizeof no_lists / sizeof no_lists[0]; i++) {
        assert_false(list(no_lists[i], &page, &noted));
        buf_free(&noted);
        assert_false(s3_xml_list(span_of(no_lists[i]), &page, NULL, NULL));
    }
}

#define TAGS(text) HEAD "<Tagging" XMLNS "><TagSet>" text "</TagSet></Tagging>"

static void
a_tag_is_found_by_its_name(void **state)
{
    static const char xml[] =
        TAGS("<Tag><Key>a</Key><Value>1</Value></Tag>"
             "<Tag><Value>NO_THREATS_FOUND</Value><Key>GuardDutyMalwareScanStatus</Key></Tag>"
             "<Tag><Key>empty</Key></Tag>");
    char value[S3_TAG_SIZE];
    (void)state;
    assert_true(s3_xml_tag(span_of(xml), "GuardDutyMalwareScanStatus", value));
    assert_string_equal(value, "NO_THREATS_FOUND");
    assert_true(s3_xml_tag(span_of(xml), "a", value));
    assert_string_equal(value, "1");
    assert_true(s3_xml_tag(span_of(xml), "empty", value));
    assert_string_equal(value, "");
    assert_true(s3_xml_tag(span_of(xml), "b", value));
    assert_string_equal(value, "");
    assert_true(s3_xml_tag(span_of(TAGS("")), "a", value));
    assert_string_equal(value, "");
}

static void
what_are_no_tags_are_none(void **state)
{
    static const char *const none[] = {
        "",
        "<Error><Code>A</Code></Error>",
        HEAD "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>",
        TAGS("<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag>"),
        TAGS("<Tag><Key>a</Key></Tag><Tag><Key>a</Key><Value>2</Value></Tag>"),
    };
    char value[S3_TAG_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(s3_xml_tag(span_of(none[i]), "a", value));
        assert_string_equal(value, "");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_what_the_log_needs),
        cmocka_unit_test(what_could_forge_a_line_of_the_log_is_not_taken),
        cmocka_unit_test(a_long_text_does_not_hide_the_code),
        cmocka_unit_test(what_is_no_error_is_none),
        cmocka_unit_test(a_list_is_read_in_its_order),
        cmocka_unit_test(keys_are_decoded_when_the_list_says_that_they_are_encoded),
        cmocka_unit_test(who_lists_may_end_it),
        cmocka_unit_test(what_is_no_list_is_none),
        cmocka_unit_test(a_tag_is_found_by_its_name),
        cmocka_unit_test(what_are_no_tags_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
