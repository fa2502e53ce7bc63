/* Types by content: an honest file is what it is declared as, and what is cut, spoilt or two things is not. */
#include "tests/unit/media_fixture.h"

#include <stdlib.h>
#include <string.h>

static const char JPEG[] = "image/jpeg";

static void
every_type_has_one_name(void **state)
{
    (void)state;
    for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
        const char *name = media_type_name((enum media_type)type);
        const char *extension = media_type_extension((enum media_type)type);
        assert_int_equal(media_type_named(name), type);
        assert_int_equal(extension[0], '.');
        assert_true(media_type_has_extension((enum media_type)type, extension));
        assert_false(media_type_has_extension((enum media_type)type, ".exe"));
        assert_false(media_type_has_extension((enum media_type)type, ""));
    }
    assert_true(media_type_has_extension(MEDIA_JPEG, ".JPEG"));
    assert_null(media_type_name(MEDIA_TYPE_NONE));
    assert_null(media_type_extension(MEDIA_TYPE_NONE));
    assert_null(media_type_name((enum media_type)(MEDIA_TYPES + 1)));
}

static void
what_is_not_in_the_table_is_not_allowed(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",           "image",     "image/gif",   "image/svg+xml",   "text/html",
        "IMAGE/JPEG", "image/jpg", "image/jpeg ", "image/jpeg; q=1", "*/*"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(media_type_named(names[i]), MEDIA_TYPE_NONE);
        media_expect(names[i], media_jpeg(8, 8, 3), names[i], MEDIA_NOT_ALLOWED_TYPE);
    }
}

static void
a_file_is_of_one_type(void **state)
{
    (void)state;
    for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
        for (size_t declared = MEDIA_TYPE_NONE + 1; declared < MEDIA_TYPES; declared++) {
            struct buf file = media_any((enum media_type)type);
            struct media_found found;
            const char *name = media_type_name((enum media_type)declared);
            enum media_verdict verdict = media_judged(file.data, file.size, name, &found);
            assert_int_equal(verdict, type == declared ? MEDIA_FINE : MEDIA_WRONG_TYPE);
            assert_int_equal(found.type, type);
            buf_free(&file);
        }
    }
}

static void
every_reason_has_its_name(void **state)
{
    (void)state;
    assert_null(media_verdict_name(MEDIA_FINE));
    assert_null(media_verdict_name((enum media_verdict)MEDIA_VERDICTS));
    for (size_t i = 0; i < MEDIA_FINE; i++) {
        const char *name = media_verdict_name((enum media_verdict)i);
        assert_non_null(name);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(name, media_verdict_name((enum media_verdict)other));
        }
    }
}

static void
nothing_is_of_no_type(void **state)
{
    (void)state;
    for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
        struct media_found found;
        const char *name = media_type_name((enum media_type)type);
        assert_int_not_equal(media_judged("", 0, name, &found), MEDIA_FINE);
        for (int byte = 0; byte < 256; byte++) {
            char one = (char)byte;
            bool text =
                type == MEDIA_TEXT && byte < 0x80 && (byte >= ' ' || (byte != 0 && strchr("\t\r\n", byte)));
            assert_int_equal(media_judged(&one, 1, name, &found) == MEDIA_FINE, text);
        }
    }
}

static void
a_jpeg_tells_its_size(void **state)
{
    (void)state;
    static const unsigned sizes[][3] = {{1, 1, 1},       {8, 8, 3},        {4000, 3000, 3},
                                        {3000, 4000, 4}, {20000, 2500, 3}, {1, 20000, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct media_found found;
        struct buf file = media_jpeg(sizes[i][0], sizes[i][1], sizes[i][2]);
        assert_int_equal(media_judged(file.data, file.size, JPEG, &found), MEDIA_FINE);
        assert_int_equal(found.type, MEDIA_JPEG);
        assert_int_equal(found.size.width, sizes[i][0]);
        assert_int_equal(found.size.height, sizes[i][1]);
        buf_free(&file);
    }
    media_expect("20,001 wide", media_jpeg(20001, 1, 3), JPEG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("20,001 high", media_jpeg(1, 20001, 3), JPEG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("65,535 squared", media_jpeg(65535, 65535, 3), JPEG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("50 million and some", media_jpeg(20000, 2501, 3), JPEG, MEDIA_TOO_LARGE_PICTURE);
    media_expect("no width", media_jpeg(0, 8, 3), JPEG, MEDIA_DAMAGED);
    media_expect("a height that comes later", media_jpeg(8, 0, 3), JPEG, MEDIA_NOT_UNDERSTOOD);
    media_expect("no component", media_jpeg(8, 8, 0), JPEG, MEDIA_DAMAGED);
    media_expect("two components", media_jpeg(8, 8, 2), JPEG, MEDIA_NOT_UNDERSTOOD);
    media_expect("five components", media_jpeg(8, 8, 5), JPEG, MEDIA_NOT_UNDERSTOOD);
}

/* A JPEG with something in front of its frame header, or in place of it. */
static struct buf
jpeg_with(const void *bytes, size_t size)
{
    struct buf plain = media_jpeg(8, 8, 3);
    struct buf file = media_file();
    buf_add(&file, plain.data, 20);
    buf_add(&file, bytes, size);
    buf_add(&file, plain.data + 20, plain.size - 20);
    buf_free(&plain);
    return file;
}
#define JPEG_WITH(literal) jpeg_with(literal, sizeof(literal) - 1)

static struct buf
jpeg_of_process(unsigned code)
{
    struct buf file = media_jpeg(8, 8, 3);
    char *frame = memmem(file.data, file.size, "\xff\xc0", 2);
    assert_non_null(frame);
    frame[1] = (char)code;
    return file;
}

static void
a_jpeg_is_walked_by_its_markers(void **state)
{
    (void)state;
    media_expect("a comment", JPEG_WITH("\xff\xfe\0\5abc"), JPEG, MEDIA_FINE);
    media_expect("Exif with a picture in it", JPEG_WITH("\xff\xe1\0\x0a\xff\xd8\xff\xd9\xff\xd9\xff\xda"),
                 JPEG, MEDIA_FINE);
    media_expect("fill bytes", JPEG_WITH("\xff\xff\xff\xff\xfe\0\2"), JPEG, MEDIA_FINE);
    media_expect("a byte between", JPEG_WITH("\0"), JPEG, MEDIA_DAMAGED);
    media_expect("a length of one", JPEG_WITH("\xff\xfe\0\1"), JPEG, MEDIA_DAMAGED);
    media_expect("a length of none", JPEG_WITH("\xff\xfe\0\0"), JPEG, MEDIA_DAMAGED);
    media_expect("a length over the end", JPEG_WITH("\xff\xfe\xff\xff"), JPEG, MEDIA_DAMAGED);
    media_expect("a second beginning", JPEG_WITH("\xff\xd8"), JPEG, MEDIA_DAMAGED);
    media_expect("an end before the picture", JPEG_WITH("\xff\xd9"), JPEG, MEDIA_DAMAGED);
    media_expect("a restart outside of a scan", JPEG_WITH("\xff\xd0"), JPEG, MEDIA_DAMAGED);
    media_expect("a reserved code", JPEG_WITH("\xff\x02\0\2"), JPEG, MEDIA_DAMAGED);
    media_expect("a scan before the frame", JPEG_WITH("\xff\xda\0\6\1\1\0\0\x3f\0"), JPEG, MEDIA_DAMAGED);
    media_expect("two frames", JPEG_WITH("\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0"), JPEG,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("a frame of 12 bits", JPEG_WITH("\xff\xc1\0\x0b\x0c\0\x08\0\x08\1\1\x11\0"), JPEG,
                 MEDIA_NOT_UNDERSTOOD);
    media_expect("a frame cut short", JPEG_WITH("\xff\xc0\0\x0a\x08\0\x08\0\x08\1\1\x11"), JPEG,
                 MEDIA_DAMAGED);
    media_expect("a height that is told later", JPEG_WITH("\xff\xdc\0\4\0\x08"), JPEG, MEDIA_NOT_UNDERSTOOD);
    for (unsigned code = 0xc0; code <= 0xcf; code++) {
        bool frame = code != 0xc4 && code != 0xc8 && code != 0xcc;
        enum media_verdict wanted = code <= 0xc2 ? MEDIA_FINE : frame ? MEDIA_NOT_UNDERSTOOD : MEDIA_DAMAGED;
        media_expect("a process", jpeg_of_process(code), JPEG, wanted);
    }
}

/* So many scans, each with restarts, stuffed bytes and fill bytes. */
static struct buf
jpeg_of_scans(int scans)
{
    struct buf file = media_jpeg(8, 8, 1);
    file.size -= 2;
    for (int i = 1; i < scans; i++) {
        media_add(&file, "\xff\xda\0\x08\1\1\0\0\x3f\0\x55\xff\xd0\x55\xff\0\xff\xff\xff\0\xff\xd7");
    }
    media_add(&file, "\xff\xd9");
    return file;
}

static void
a_jpeg_has_a_hundred_scans_at_most(void **state)
{
    (void)state;
    media_expect("1 scan", jpeg_of_scans(1), JPEG, MEDIA_FINE);
    media_expect("100 scans", jpeg_of_scans(100), JPEG, MEDIA_FINE);
    media_expect("101 scans", jpeg_of_scans(101), JPEG, MEDIA_NOT_UNDERSTOOD);
    media_expect("1,000 scans", jpeg_of_scans(1000), JPEG, MEDIA_NOT_UNDERSTOOD);
}

static void
a_jpeg_that_is_cut_is_damaged(void **state)
{
    (void)state;
    struct buf file = media_jpeg(8, 8, 3);
    for (size_t size = 0; size < file.size; size++) {
        struct media_found found;
        assert_int_equal(media_judged(file.data, size, JPEG, &found),
                         size < 3 ? MEDIA_WRONG_TYPE : MEDIA_DAMAGED);
    }
    buf_free(&file);
}

/* An archive with one stored member, whose offsets are as if `before` bytes stood in front. */
static void
add_zip(struct buf *file, size_t before, const char *name, const char *comment)
{
    struct buf member = media_file();
    media_little(&member, 20, 2);
    media_little(&member, 0, 4); /* flags, method */
    media_little(&member, 0, 8); /* time, CRC */
    media_little(&member, 2, 4);
    media_little(&member, 2, 4);
    media_little(&member, strlen(name), 2);
    media_little(&member, 0, 2);
    media_add(file, "PK\3\4");
    buf_add(file, member.data, member.size);
    buf_text(file, name);
    buf_text(file, "hi");
    size_t directory = 30 + strlen(name) + 2;
    media_add(file, "PK\1\2\x14\0");
    buf_add(file, member.data, member.size);
    media_little(file, 0, 10);
    media_little(file, before, 4);
    buf_text(file, name);
    media_add(file, "PK\5\6\0\0\0\0\1\0\1\0");
    media_little(file, 46 + strlen(name), 4);
    media_little(file, before + directory, 4);
    media_little(file, strlen(comment), 2);
    buf_text(file, comment);
    buf_free(&member);
}

static struct buf
jpeg_and(const void *bytes, size_t size)
{
    struct buf file = media_jpeg(8, 8, 3);
    buf_add(&file, bytes, size);
    return file;
}
#define JPEG_AND(literal) jpeg_and(literal, sizeof(literal) - 1)

static void
behind_a_jpeg_stands_nothing_that_opens(void **state)
{
    (void)state;
    struct buf second = media_jpeg(4, 4, 1);
    media_expect("a further picture", jpeg_and(second.data, second.size), JPEG, MEDIA_FINE);
    buf_free(&second);
    media_expect("zeros", JPEG_AND("\0\0\0\0\0\0\0"), JPEG, MEDIA_FINE);
    media_expect("a maker's notes", JPEG_AND("\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1700000000SEFT"), JPEG,
                 MEDIA_FINE);
    media_expect("a film of the same moment",
                 JPEG_AND("\0\0\0\x18"
                          "ftypmp42\0\0\0\0isommp42\0\0\0\x08"
                          "free"),
                 JPEG, MEDIA_FINE);
    media_expect("four letters by chance",
                 JPEG_AND("....PK\3\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
                 JPEG, MEDIA_FINE);
    media_expect("a page", JPEG_AND("<html><script>alert(1)</script>"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a page later", JPEG_AND("........<ScRiPt src=x>"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("PHP", JPEG_AND("\n<?php system($_GET['c']); ?>"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a PDF", JPEG_AND("\n%PDF-1.7\n"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a RAR", JPEG_AND("..Rar!\x1a\x07\0"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a 7z", JPEG_AND("7z\xbc\xaf\x27\x1c\0\4"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("an OLE file", JPEG_AND("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a program", JPEG_AND("MZ\x90\0\3"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("another program",
                 JPEG_AND("\0\0\x7f"
                          "ELF\2\1\1"),
                 JPEG, MEDIA_WRONG_TYPE);
    media_expect("a script", JPEG_AND("#!/bin/sh\n"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a GIF", JPEG_AND("GIF89a"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a gzip", JPEG_AND("\x1f\x8b\x08\0"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a member of an archive alone",
                 JPEG_AND("....PK\3\4\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\1\0\0\0"
                          "\1\0\0\0\1\0\0\0ax"),
                 JPEG, MEDIA_WRONG_TYPE);
}

static void
no_archive_ends_a_picture(void **state)
{
    (void)state;
    for (int aligned = 0; aligned < 2; aligned++) {
        struct buf file = media_jpeg(8, 8, 3);
        add_zip(&file, aligned ? file.size : 0, "META-INF/MANIFEST.MF", "");
        media_expect("JPEG and JAR", file, JPEG, MEDIA_WRONG_TYPE);
        file = media_jpeg(8, 8, 3);
        add_zip(&file, aligned ? file.size : 0, "a.html", "and a comment");
        media_expect("JPEG and ZIP with a comment", file, JPEG, MEDIA_WRONG_TYPE);
    }
    media_expect("an archive of nothing", JPEG_AND("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), JPEG,
                 MEDIA_WRONG_TYPE);
    /* Within a comment of the picture: nothing follows its end, and the archive's comment covers the rest. */
    struct buf zip = media_file();
    add_zip(&zip, 24, "a.txt", "");
    struct buf file = media_file();
    media_add(&file, "\xff\xfe");
    media_big(&file, zip.size + 2, 2);
    buf_add(&file, zip.data, zip.size);
    media_expect("an archive in a comment", jpeg_with(file.data, file.size), JPEG, MEDIA_WRONG_TYPE);
    buf_free(&zip);
    buf_free(&file);
    /* Far enough from the end no reader of archives looks for it. */
    zip = media_file();
    add_zip(&zip, 24, "a.txt", "");
    struct buf comment = media_file();
    media_add(&comment, "\xff\xfe");
    media_big(&comment, zip.size + 2, 2);
    buf_add(&comment, zip.data, zip.size);
    file = jpeg_with(comment.data, comment.size);
    for (int i = 0; i < 66000; i++) {
        buf_byte(&file, 'x');
    }
    media_expect("an archive far from the end", file, JPEG, MEDIA_FINE);
    buf_free(&zip);
    buf_free(&comment);
}

static void
no_picture_is_a_page_or_a_document_at_its_beginning(void **state)
{
    (void)state;
    media_expect("a page in a comment", JPEG_WITH("\xff\xfe\0\x0a<script>"), JPEG, MEDIA_WRONG_TYPE);
    media_expect("a document in a comment", JPEG_WITH("\xff\xfe\0\x0a%PDF-1.4"), JPEG, MEDIA_WRONG_TYPE);
    char tape[260] = "\xff\xfe\x01\x02";
    memcpy(tape + 257 - 20, "ustar", 5);
    media_expect("an archive of tapes", jpeg_with(tape, sizeof tape), JPEG, MEDIA_WRONG_TYPE);
}

static void
what_begins_otherwise_is_of_another_type(void **state)
{
    (void)state;
    static const char *const others[] = {"GIF89a\1\0\1\0",
                                         "BM",
                                         "II*\0",
                                         "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                         "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                                         "MZ",
                                         "#!/bin/sh"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct buf file = media_file();
        buf_text(&file, others[i]);
        struct buf picture = media_jpeg(8, 8, 3);
        buf_add(&file, picture.data, picture.size);
        buf_free(&picture);
        for (size_t type = MEDIA_TYPE_NONE + 1; type < MEDIA_TYPES; type++) {
            struct media_found found;
            assert_int_equal(
                media_judged(file.data, file.size, media_type_name((enum media_type)type), &found),
                MEDIA_WRONG_TYPE);
            assert_int_equal(found.type, MEDIA_TYPE_NONE);
        }
        buf_free(&file);
    }
}

static void
what_is_spoilt_never_changes_its_type(void **state)
{
    (void)state;
    media_spoil(media_jpeg(8, 8, 3), JPEG);
    media_spoil(jpeg_of_scans(3), JPEG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_one_name),
        cmocka_unit_test(what_is_not_in_the_table_is_not_allowed),
        cmocka_unit_test(a_file_is_of_one_type),
        cmocka_unit_test(every_reason_has_its_name),
        cmocka_unit_test(nothing_is_of_no_type),
        cmocka_unit_test(a_jpeg_tells_its_size),
        cmocka_unit_test(a_jpeg_is_walked_by_its_markers),
        cmocka_unit_test(a_jpeg_has_a_hundred_scans_at_most),
        cmocka_unit_test(a_jpeg_that_is_cut_is_damaged),
        cmocka_unit_test(behind_a_jpeg_stands_nothing_that_opens),
        cmocka_unit_test(no_archive_ends_a_picture),
        cmocka_unit_test(no_picture_is_a_page_or_a_document_at_its_beginning),
        cmocka_unit_test(what_begins_otherwise_is_of_another_type),
        cmocka_unit_test(what_is_spoilt_never_changes_its_type),
    };
    return cmocka_run_group_tests_name("media: types", tests, NULL, NULL);
}
