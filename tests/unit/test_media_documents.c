/* PDF, DOCX and text. */
#include "tests/unit/media_fixture.h"

#include "lib/media/docx.h"

#include <stdio.h>
#include <string.h>

static const char PDF[] = "application/pdf";
static const char DOCX[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
static const char TEXT[] = "text/plain";

static struct buf
text(const char *words)
{
    struct buf file = media_file();
    buf_text(&file, words);
    return file;
}

static struct buf and (struct buf file, const char *rest)
{
    buf_text(&file, rest);
    return file;
}

static void
a_text_is_utf_8_without_controls(void **state)
{
    (void)state;
    static const char *const fine[] = {"a",
                                       "\n",
                                       "Guten Tag\r\n\t\xc3\xa4\n",
                                       "\xef\xbb\xbfmarked",
                                       "\xe6\xa4\x9c",
                                       "\xf0\x9f\xa6\xa0",
                                       "a < b, and <b> is bold",
                                       "PK is no archive",
                                       "%",
                                       "1,2;3"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        media_expect(fine[i], text(fine[i]), TEXT, MEDIA_FINE);
    }
    for (int byte = 0; byte < 0x20; byte++) {
        struct buf file = text("abc");
        buf_byte(&file, (char)byte);
        bool good = byte == '\t' || byte == '\n' || byte == '\r';
        media_expect("a control", file, TEXT, good ? MEDIA_FINE : MEDIA_WRONG_TYPE);
        file = text("abc");
        for (int i = 0; i < 2000; i++) {
            buf_byte(&file, 'x');
        }
        buf_byte(&file, (char)byte);
        media_expect("a control later", file, TEXT, good ? MEDIA_FINE : MEDIA_WRONG_TYPE);
    }
    static const char *const coded[] = {"\xe4",         "caf\xe9 au lait",  "\xc0\xaf", "\xed\xa0\x80",
                                        "\xed\xb0\x80", "\xf4\x90\x80\x80", "\xe6\xa4", "\x80",
                                        "\xff\xfe"};
    for (size_t i = 0; i < sizeof coded / sizeof coded[0]; i++) {
        media_expect("not UTF-8", text(coded[i]), TEXT, MEDIA_NOT_UNDERSTOOD);
    }
    media_expect("nothing", text(""), TEXT, MEDIA_WRONG_TYPE);
}

static void
a_text_is_no_page_program_or_document(void **state)
{
    (void)state;
    static const char *const others[] = {"<!DOCTYPE html>", " \n<html>", "<?xml version='1.0'?><svg/>",
                                         "<svg onload=x>",  "<script>",  "\xef\xbb\xbf<?php ?>",
                                         "#!/bin/sh",       "{\\rtf1}",  "%PDF-1.4",
                                         "%!PS-Adobe",      "<!-- -->",  "words <HTML> words",
                                         "\r\n<A href=x>",  "<p>"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        media_expect(others[i], text(others[i]), TEXT, MEDIA_WRONG_TYPE);
    }
    media_expect("a PDF with words in front", text("hello\n%PDF-1.4\n"), TEXT, MEDIA_WRONG_TYPE);
}

static void
a_pdf_has_its_header_and_its_trailer(void **state)
{
    (void)state;
    static const char trailer[] = "\nstartxref\n5\n%%EOF";
    static const char *const known[] = {"1.0", "1.3", "1.7", "2.0"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct buf file = media_file();
        buf_format(&file, "%%PDF-%s\nxyz%s", known[i], trailer);
        media_expect(known[i], file, PDF, MEDIA_FINE);
    }
    static const char *const unknown[] = {"1.8", "2.1", "0.9", "x", "1,4", "1.44"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct buf file = media_file();
        buf_format(&file, "%%PDF-%s\nxyz%s", unknown[i], trailer);
        media_expect(unknown[i], file, PDF, MEDIA_NOT_UNDERSTOOD);
    }
    media_expect("a comment at once", text("%PDF-1.4%xyz\nstartxref\n5\n%%EOF"), PDF, MEDIA_FINE);
    media_expect("blanks behind it", and(media_pdf(), "\r\n\r\n \n"), PDF, MEDIA_FINE);
    media_expect("no trailer", text("%PDF-1.4\nxyz xyz"), PDF, MEDIA_DAMAGED);
    media_expect("no place", text("%PDF-1.4\nxyz\nstartxref\n%%EOF"), PDF, MEDIA_DAMAGED);
    media_expect("no startxref", text("%PDF-1.4\nxyz\n12\n%%EOF"), PDF, MEDIA_DAMAGED);
    media_expect("a place behind the end", text("%PDF-1.4\nxyz\nstartxref\n900\n%%EOF"), PDF, MEDIA_DAMAGED);
    media_expect("a place of many digits", text("%PDF-1.4\nstartxref\n00000000000000000005\n%%EOF"), PDF,
                 MEDIA_DAMAGED);
    struct buf file = media_file();
    buf_text(&file, " ");
    struct buf pdf = media_pdf();
    buf_add(&file, pdf.data, pdf.size);
    media_expect("a blank in front", file, PDF, MEDIA_WRONG_TYPE);
    for (size_t size = 9; size < pdf.size - 6; size++) {
        struct media_found found;
        assert_int_equal(media_judged(pdf.data, size, PDF, &found), MEDIA_DAMAGED);
    }
    buf_free(&pdf);
    file = media_pdf();
    for (int i = 0; i < 1100; i++) {
        buf_byte(&file, ' ');
    }
    media_expect("its end far away", file, PDF, MEDIA_DAMAGED);
}

static void
a_pdf_is_nothing_else_and_not_encrypted(void **state)
{
    (void)state;
    struct buf file = media_pdf();
    struct buf zip = media_docx();
    buf_add(&file, zip.data, zip.size);
    media_expect("PDF and ZIP", file, PDF, MEDIA_WRONG_TYPE);
    buf_free(&zip);
    media_expect("PDF and a page", and(media_pdf(), "<script>"), PDF, MEDIA_WRONG_TYPE);
    media_expect("two PDFs", and(media_pdf(), "%PDF-1.4\n"), PDF, MEDIA_WRONG_TYPE);
    static const char end[] = "\nstartxref\n5\n%%EOF\n";
    static const char *const encrypted[] = {"/Encrypt 5 0 R", "/Encrypt\n5 0 R",
                                            "/Encrypt<</Filter/Standard>>", "/Encrypt <<"};
    static const char *const plain[] = {"/EncryptMetadata true", "/Encrypt", "/Encrypted 5", "(Encrypt 5)"};
    for (size_t i = 0; i < 4; i++) {
        file = text("%PDF-1.4\ntrailer<<");
        buf_text(&file, encrypted[i]);
        media_expect(encrypted[i], and(file, end), PDF, MEDIA_ENCRYPTED);
        file = text("%PDF-1.4\ntrailer<<");
        buf_text(&file, plain[i]);
        media_expect(plain[i], and(file, end), PDF, MEDIA_FINE);
    }
}

/* A DOCX with one member more. */
static void
expect_member(const char *what, struct media_member member, enum media_verdict wanted)
{
    struct media_member members[] = {{.name = "[Content_Types].xml", .content = "<Types/>"},
                                     {.name = "word/document.xml", .content = "<w:document/>"},
                                     member};
    if (member.content == NULL) {
        members[2].content = "x";
    }
    media_expect(what, media_zip(members, 3), DOCX, wanted);
}

static void
a_docx_has_members_of_a_text_document(void **state)
{
    (void)state;
    static const char *const fine[] = {"_rels/.rels",
                                       "word/styles.xml",
                                       "word/media/image1.PNG",
                                       "word/media/a.jpeg",
                                       "docProps/thumbnail.emf",
                                       "word/fonts/font1.odttf",
                                       "customXml/item1.xml",
                                       "_xmlsignatures/origin.sigs",
                                       "word/_rels/document.xml.rels"};
    static const char *const active[] = {"word/vbaProject.bin",    "word/vbaData.xml",
                                         "word/embeddings/a.docx", "word/activeX/a.xml",
                                         "word/ActiveX/b.bin",     "customUI/customUI.xml",
                                         "word/EMBEDDINGS/x.xml",  "a.exe",
                                         "word/oleObject1.xml",    "word/a.js",
                                         "xl/macrosheets/a.xml",   "word/afchunk.htm",
                                         "word/media/a.jpg.lnk",   "word/webextensions/taskpanes.xml"};
    static const char *const unknown[] = {"META-INF/MANIFEST.MF",
                                          "a.class",
                                          "word/a.docm",
                                          "noextension",
                                          "/word/a.xml",
                                          "../a.xml",
                                          "a//b.xml",
                                          "word\\a.xml",
                                          "c:a.xml",
                                          "word/\xc3\xa4.xml",
                                          "word/a.rar",
                                          "a.zip",
                                          "word/\x1f.xml",
                                          ""};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        expect_member(fine[i], (struct media_member){.name = fine[i]}, MEDIA_FINE);
    }
    for (size_t i = 0; i < sizeof active / sizeof active[0]; i++) {
        expect_member(active[i], (struct media_member){.name = active[i]}, MEDIA_ACTIVE_CONTENT);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        expect_member(unknown[i], (struct media_member){.name = unknown[i]}, MEDIA_NOT_UNDERSTOOD);
    }
    expect_member("a directory", (struct media_member){.name = "word/", .content = ""}, MEDIA_FINE);
    expect_member("a directory with something", (struct media_member){.name = "word/"}, MEDIA_DAMAGED);
    expect_member("twice", (struct media_member){.name = "word/document.xml"}, MEDIA_DAMAGED);
    expect_member("twice, in capitals", (struct media_member){.name = "WORD/document.xml"}, MEDIA_DAMAGED);
    static const struct media_member table[] = {{.name = "[Content_Types].xml", .content = "<Types/>"},
                                                {.name = "xl/workbook.xml", .content = "x"}};
    media_expect("a table", media_zip(table, 2), DOCX, MEDIA_WRONG_TYPE);
    media_expect("nothing that makes it one", media_zip(table + 1, 1), DOCX, MEDIA_WRONG_TYPE);
    media_expect("no member", text("PK\5\6"), DOCX, MEDIA_WRONG_TYPE);
}

static void
a_docx_says_the_same_twice(void **state)
{
    (void)state;
    expect_member("encrypted", (struct media_member){.name = "a.xml", .flags = 1}, MEDIA_ENCRYPTED);
    expect_member("strongly encrypted", (struct media_member){.name = "a.xml", .flags = 0x41},
                  MEDIA_ENCRYPTED);
    expect_member("hidden headers", (struct media_member){.name = "a.xml", .flags = 0x2000}, MEDIA_ENCRYPTED);
    expect_member("patched data", (struct media_member){.name = "a.xml", .flags = 0x20},
                  MEDIA_NOT_UNDERSTOOD);
    expect_member("UTF-8", (struct media_member){.name = "a.xml", .flags = 0x800}, MEDIA_FINE);
    expect_member("sizes behind it", (struct media_member){.name = "a.xml", .flags = 8, .method = 8},
                  MEDIA_FINE);
    expect_member("bzip2", (struct media_member){.name = "a.xml", .method = 12}, MEDIA_NOT_UNDERSTOOD);
    expect_member("AES", (struct media_member){.name = "a.xml", .method = 99}, MEDIA_NOT_UNDERSTOOD);
    expect_member("a later version", (struct media_member){.name = "a.xml", .version = 63},
                  MEDIA_NOT_UNDERSTOOD);
    expect_member("ZIP64", (struct media_member){.name = "a.xml", .method = 8, .size = 0xffffffff},
                  MEDIA_NOT_UNDERSTOOD);
    expect_member("stored, of another size", (struct media_member){.name = "a.xml", .size = 9},
                  MEDIA_DAMAGED);
    expect_member("packed to nothing",
                  (struct media_member){.name = "a.xml", .content = "", .method = 8, .size = 9},
                  MEDIA_DAMAGED);
    expect_member("another name within", (struct media_member){.name = "a.xml", .local_name = "b.xml"},
                  MEDIA_DAMAGED);
    expect_member("a longer name within", (struct media_member){.name = "a.xml", .local_name = "a.xml.exe"},
                  MEDIA_DAMAGED);
    expect_member("another size within",
                  (struct media_member){.name = "a.xml", .method = 8, .size = 100, .local_size = 1000},
                  MEDIA_DAMAGED);
    expect_member("a bomb", (struct media_member){.name = "a.xml", .method = 8, .size = 65 * 1024},
                  MEDIA_TOO_DEEP);
    expect_member("a large bomb", (struct media_member){.name = "a.xml", .method = 8, .size = 0xfffffffe},
                  MEDIA_TOO_DEEP);
}

static void
a_docx_has_a_thousand_members_at_most(void **state)
{
    (void)state;
    static char names[DOCX_MEMBERS_MAX + 1][24];
    static struct media_member members[DOCX_MEMBERS_MAX + 1];
    members[0] = (struct media_member){.name = "[Content_Types].xml", .content = "x"};
    members[1] = (struct media_member){.name = "word/document.xml", .content = "x"};
    for (size_t i = 2; i <= DOCX_MEMBERS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "word/%zu.xml", i);
        members[i] = (struct media_member){.name = names[i], .content = "x", .method = 8, .size = 1000};
    }
    media_expect("1,000 members", media_zip(members, DOCX_MEMBERS_MAX), DOCX, MEDIA_FINE);
    media_expect("1,001 members", media_zip(members, DOCX_MEMBERS_MAX + 1), DOCX, MEDIA_TOO_DEEP);
    /* Each small enough to pack as it likes, and together too much. */
    for (size_t i = 2; i < DOCX_MEMBERS_MAX; i++) {
        members[i].size = DOCX_RATIO_FROM;
    }
    media_expect("together too much", media_zip(members, DOCX_MEMBERS_MAX), DOCX, MEDIA_TOO_DEEP);
}

static void
a_docx_is_its_members_and_one_directory(void **state)
{
    (void)state;
    struct buf docx = media_docx();
    for (size_t size = 4; size < docx.size; size++) {
        struct media_found found;
        assert_int_equal(media_judged(docx.data, size, DOCX, &found), MEDIA_DAMAGED);
    }
    media_expect("a byte behind it", and(media_docx(), "x"), DOCX, MEDIA_NOT_UNDERSTOOD);
    struct buf file = media_docx();
    file.data[file.size - 2] = 1;
    media_expect("a comment", and(file, "x"), DOCX, MEDIA_NOT_UNDERSTOOD);
    file = text("x");
    buf_add(&file, docx.data, docx.size);
    media_expect("a byte in front", file, DOCX, MEDIA_WRONG_TYPE);
    /* Members that the directory does not name, in front of those that it does. */
    static const struct media_member hidden[] = {{.name = "a.exe", .content = "MZ"}};
    file = media_zip(hidden, 1);
    file.size = 30 + 5 + 2;
    buf_add(&file, docx.data, docx.size);
    media_expect("a member in front", file, DOCX, MEDIA_DAMAGED);
    file = media_docx();
    buf_add(&file, docx.data, docx.size);
    media_expect("two archives", file, DOCX, MEDIA_WRONG_TYPE);
    file = media_docx();
    char *end = file.data + file.size - 22;
    end[8] = end[10] = 2;
    media_expect("fewer members than there are", file, DOCX, MEDIA_DAMAGED);
    file = media_docx();
    file.data[file.size - 22 + 4] = 1;
    media_expect("another disk", file, DOCX, MEDIA_NOT_UNDERSTOOD);
    file = media_docx();
    memset(file.data + file.size - 22 + 8, 0xff, 4);
    media_expect("ZIP64", file, DOCX, MEDIA_NOT_UNDERSTOOD);
    static const struct media_member pdf[] = {{.name = "[Content_Types].xml", .content = "%PDF-1.4"},
                                              {.name = "word/document.xml", .content = "x"}};
    media_expect("a PDF within", media_zip(pdf, 2), DOCX, MEDIA_WRONG_TYPE);
    buf_free(&docx);
}

static void
a_docx_with_a_password_is_told_as_that(void **state)
{
    (void)state;
    static const char ole[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    static const char package[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
    struct buf file = text(ole);
    buf_add(&file, package, sizeof package);
    media_expect("with a password", file, DOCX, MEDIA_ENCRYPTED);
    file = text(ole);
    buf_add(&file, package, sizeof package);
    media_expect("as a PDF", file, PDF, MEDIA_WRONG_TYPE);
    media_expect("an old document", text(ole), DOCX, MEDIA_WRONG_TYPE);
}

static void
what_is_spoilt_never_changes_its_type(void **state)
{
    (void)state;
    media_spoil(media_pdf(), PDF);
    media_spoil(media_docx(), DOCX);
    media_spoil(text("Guten Tag, \xc3\xa4\xe6\xa4\x9c\r\n\tund so weiter.\n"), TEXT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_utf_8_without_controls),
        cmocka_unit_test(a_text_is_no_page_program_or_document),
        cmocka_unit_test(a_pdf_has_its_header_and_its_trailer),
        cmocka_unit_test(a_pdf_is_nothing_else_and_not_encrypted),
        cmocka_unit_test(a_docx_has_members_of_a_text_document),
        cmocka_unit_test(a_docx_says_the_same_twice),
        cmocka_unit_test(a_docx_has_a_thousand_members_at_most),
        cmocka_unit_test(a_docx_is_its_members_and_one_directory),
        cmocka_unit_test(a_docx_with_a_password_is_told_as_that),
        cmocka_unit_test(what_is_spoilt_never_changes_its_type),
    };
    return cmocka_run_group_tests_name("media: documents", tests, NULL, NULL);
}
