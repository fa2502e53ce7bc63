#include "tests/unit/media_fixture.h"

#include <string.h>

void
media_chunk(struct buf *buf, const char *code, const void *body, size_t size)
{
    media_big(buf, size, 4);
    buf_text(buf, code);
    buf_add(buf, body, size);
    media_big(buf, 0, 4);
}

struct buf
media_png(unsigned width, unsigned height)
{
    struct buf file = media_file();
    struct buf head = media_file();
    media_big(&head, width, 4);
    media_big(&head, height, 4);
    media_add(&head, "\x08\2\0\0\0");
    media_add(&file, "\x89PNG\r\n\x1a\n");
    media_chunk(&file, "IHDR", head.data, head.size);
    media_chunk(&file, "IDAT", "\x78\x9c", 2);
    media_chunk(&file, "IDAT", "xyz", 3);
    media_chunk(&file, "IEND", NULL, 0);
    buf_free(&head);
    return file;
}

/* RIFF's chunk, padded. */
static void
add_riff(struct buf *file, const char *code, const struct buf *body)
{
    buf_text(file, code);
    media_little(file, body->size, 4);
    buf_add(file, body->data, body->size);
    if (body->size % 2 != 0) {
        buf_byte(file, '\0');
    }
}

static void
add_coded(struct buf *file, const char *code, unsigned width, unsigned height)
{
    struct buf body = media_file();
    if (strcmp(code, "VP8L") == 0) {
        media_add(&body, "\x2f");
        media_little(&body, (width - 1) | (height - 1) << 14, 4);
    } else {
        media_add(&body, "\x10\0\0\x9d\x01\x2a");
        media_little(&body, width, 2);
        media_little(&body, height, 2);
        media_add(&body, "picture");
    }
    add_riff(file, code, &body);
    buf_free(&body);
}

struct buf
media_webp(const char *kind, unsigned width, unsigned height)
{
    struct buf chunks = media_file();
    struct buf part = media_file();
    bool animated = strcmp(kind, "ANIM") == 0;
    if (animated || strcmp(kind, "VP8X") == 0) {
        media_little(&part, animated ? 2 : 0, 4);
        media_little(&part, width - 1, 3);
        media_little(&part, height - 1, 3);
        add_riff(&chunks, "VP8X", &part);
        buf_reset(&part);
    }
    if (animated) {
        media_little(&part, 0, 6);
        add_riff(&chunks, "ANIM", &part);
        buf_reset(&part);
        for (int i = 0; i < 2; i++) {
            media_little(&part, 0, 6);
            media_little(&part, width - 1, 3);
            media_little(&part, height - 1, 3);
            media_little(&part, 100, 4);
            add_coded(&part, i == 0 ? "VP8 " : "VP8L", width, height);
            add_riff(&chunks, "ANMF", &part);
            buf_reset(&part);
        }
    } else {
        add_coded(&chunks, strcmp(kind, "VP8X") == 0 ? "VP8 " : kind, width, height);
    }
    struct buf file = media_file();
    media_add(&file, "RIFF");
    media_little(&file, chunks.size + 4, 4);
    media_add(&file, "WEBP");
    buf_add(&file, chunks.data, chunks.size);
    buf_free(&chunks);
    buf_free(&part);
    return file;
}

size_t
media_box_begin(struct buf *buf, const char *code)
{
    size_t at = buf->size;
    media_big(buf, 0, 4);
    buf_text(buf, code);
    return at;
}

void
media_box_end(struct buf *buf, size_t at)
{
    size_t size = buf->size - at;
    for (size_t i = 0; i < 4; i++) {
        buf->data[at + i] = (char)(size >> 8 * (3 - i) & 0xff);
    }
}

/* A box with this number (version and flags), and bytes. */
static void
add_full(struct buf *buf, const char *code, uint32_t version, const void *bytes, size_t size)
{
    size_t at = media_box_begin(buf, code);
    media_big(buf, version, 4);
    buf_add(buf, bytes, size);
    media_box_end(buf, at);
}

static void
add_brand(struct buf *buf, const char *brand, const char *compatible)
{
    size_t at = media_box_begin(buf, "ftyp");
    buf_text(buf, brand);
    media_big(buf, 0, 4);
    buf_text(buf, compatible);
    media_box_end(buf, at);
}

struct buf
media_heic(const char *brand, unsigned width, unsigned height)
{
    struct buf file = media_file();
    struct buf size = media_file();
    add_brand(&file, brand, "mif1heic");
    size_t data = media_box_begin(&file, "mdat");
    size_t place = file.size;
    media_add(&file, "coded");
    media_box_end(&file, data);
    size_t meta = media_box_begin(&file, "meta");
    media_big(&file, 0, 4);
    add_full(&file, "hdlr", 0, "\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0", 21);
    add_full(&file, "pitm", 0, "\0\1", 2);
    size_t items = media_box_begin(&file, "iinf");
    media_big(&file, 0, 4);
    media_big(&file, 2, 2);
    add_full(&file, "infe", 0x02000000, "\0\1\0\0hvc1\0", 9);
    add_full(&file, "infe", 0x03000000, "\0\0\0\2\0\0Exif\0", 11);
    media_box_end(&file, items);
    size_t properties = media_box_begin(&file, "iprp");
    size_t container = media_box_begin(&file, "ipco");
    media_big(&size, width, 4);
    media_big(&size, height, 4);
    add_full(&file, "ispe", 0, "\0\0\0\2\0\0\0\2", 8); /* a thumbnail's */
    add_full(&file, "ispe", 0, size.data, size.size);
    media_box_end(&file, container);
    media_box_end(&file, properties);
    size_t places = media_box_begin(&file, "iloc");
    media_big(&file, 0x01000000, 4);
    media_big(&file, 0x4400, 2);
    media_big(&file, 1, 2);
    media_big(&file, 1, 2); /* item, method, file, extents */
    media_big(&file, 0, 2);
    media_big(&file, 0, 2);
    media_big(&file, 1, 2);
    media_big(&file, place, 4);
    media_big(&file, 5, 4);
    media_box_end(&file, places);
    media_box_end(&file, meta);
    buf_free(&size);
    return file;
}

struct buf
media_pdf(void)
{
    struct buf file = media_file();
    buf_text(&file, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count "
                    "0>>endobj\n");
    size_t place = file.size;
    buf_text(&file, "xref\n0 1\n0000000000 65535 f \ntrailer<</Size 3/Root 1 0 R>>\n");
    buf_format(&file, "startxref\n%zu\n%%%%EOF\n", place);
    return file;
}

/* What stands in both headers: from the version to the lengths of names. */
static void
add_member(struct buf *file, const struct media_member *member, const char *name, unsigned size, bool known)
{
    unsigned packed = (unsigned)strlen(member->content);
    media_little(file, member->version == 0 ? 20 : member->version, 2);
    media_little(file, member->flags, 2);
    media_little(file, member->method, 2);
    media_little(file, 0x58210000, 4);
    media_little(file, known ? 0x12345678 : 0, 4);
    media_little(file, known ? packed : 0, 4);
    media_little(file, !known ? 0 : size == 0 ? packed : size, 4);
    media_little(file, strlen(name), 2);
    media_little(file, 0, 2);
}

struct buf
media_zip(const struct media_member *members, size_t count)
{
    struct buf file = media_file();
    struct buf directory = media_file();
    for (size_t i = 0; i < count; i++) {
        const struct media_member *member = &members[i];
        bool later = (member->flags & 8) != 0;
        const char *name = member->local_name == NULL ? member->name : member->local_name;
        media_add(&directory, "PK\1\2\x14\3");
        add_member(&directory, member, member->name, member->size, true);
        media_little(&directory, 0, 10);
        media_little(&directory, file.size, 4);
        buf_text(&directory, member->name);
        media_add(&file, "PK\3\4");
        add_member(&file, member, name, member->local_size == 0 ? member->size : member->local_size, !later);
        buf_text(&file, name);
        buf_text(&file, member->content);
        if (later) {
            media_add(&file, "PK\7\10");
            media_little(&file, 0x12345678, 4);
            media_little(&file, strlen(member->content), 4);
            media_little(&file, member->size == 0 ? strlen(member->content) : member->size, 4);
        }
    }
    size_t at = file.size;
    buf_add(&file, directory.data, directory.size);
    media_add(&file, "PK\5\6\0\0\0\0");
    media_little(&file, count, 2);
    media_little(&file, count, 2);
    media_little(&file, directory.size, 4);
    media_little(&file, at, 4);
    media_little(&file, 0, 2);
    buf_free(&directory);
    return file;
}

struct buf
media_docx(void)
{
    static const struct media_member members[] = {
        {.name = "[Content_Types].xml", .content = "<Types/>", .method = 8, .size = 80},
        {.name = "_rels/.rels", .content = "<Relationships/>"},
        {.name = "word/document.xml", .content = "<w:document/>", .flags = 8, .method = 8, .size = 200},
        {.name = "word/media/image1.png", .content = "PNG"}};
    return media_zip(members, sizeof members / sizeof members[0]);
}

/* mvhd, tkhd or mdhd: times, a number or a scale, a duration, and the rest. */
static void
add_header(struct buf *file, const char *code, bool wide, uint32_t number, uint32_t duration, size_t rest)
{
    bool track = strcmp(code, "tkhd") == 0;
    size_t at = media_box_begin(file, code);
    media_big(file, wide ? 0x01000000 : 0, 4);
    media_big(file, 0xdeadbeef, wide ? 8 : 4);
    media_big(file, 0xdeadbeef, wide ? 8 : 4);
    media_big(file, number, 4);
    media_big(file, 0, track ? 4 : 0);
    media_big(file, duration, wide ? 8 : 4);
    for (size_t i = 0; i < rest; i++) {
        buf_byte(file, track && (i == 16 || i == 32) ? '\1' : '\0'); /* a and d of the matrix */
    }
    if (track) {
        media_big(file, 640 << 16, 4);
        media_big(file, 480 << 16, 4);
    }
    media_box_end(file, at);
}

static void
add_words(struct buf *file, const char *code, const char *words)
{
    size_t at = media_box_begin(file, code);
    buf_text(file, words);
    media_box_end(file, at);
}

static void
add_description(struct buf *file, const char *handler)
{
    size_t list = media_box_begin(file, "stsd");
    bool pictures = strcmp(handler, "vide") == 0;
    media_big(file, 0, 4);
    media_big(file, 1, 4);
    size_t entry = media_box_begin(file, pictures ? "avc1" : strcmp(handler, "soun") == 0 ? "mp4a" : "gpmd");
    media_big(file, 0, 6);
    media_big(file, 1, 2);
    if (pictures || strcmp(handler, "soun") == 0) {
        media_big(file, 0, 4);
        buf_text(file, "Ada ");
        media_big(file, 0, pictures ? 26 : 12);
        if (pictures) {
            buf_text(file, "\x0b" MEDIA_PERSON "                    ");
            media_big(file, 0x0018ffff, 4);
        }
        add_words(file, pictures ? "avcC" : "esds", "decoder");
        add_words(file, "udta", MEDIA_PERSON);
    }
    media_box_end(file, entry);
    media_box_end(file, list);
}

static void
add_tables(struct buf *file, bool wide, size_t place, size_t size)
{
    add_full(file, "stts", 0, "\0\0\0\0", 4);
    add_full(file, "stsc", 0, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 16);
    size_t at = media_box_begin(file, "stsz");
    media_big(file, 0, 8);
    media_big(file, size == 0 ? 0 : 1, 4);
    media_big(file, size, size == 0 ? 0 : 4);
    media_box_end(file, at);
    at = media_box_begin(file, wide ? "co64" : "stco");
    media_big(file, 0, 4);
    media_big(file, size == 0 ? 0 : 1, 4);
    media_big(file, place, size == 0 ? 0 : wide ? 8 : 4);
    media_box_end(file, at);
}

static void
add_track(struct buf *file, const char *handler, uint32_t id, bool wide, size_t place, size_t size)
{
    size_t track = media_box_begin(file, "trak");
    add_header(file, "tkhd", wide, id, 900, 52);
    size_t links = media_box_begin(file, "tref");
    size_t link = media_box_begin(file, "cdsc");
    media_big(file, 1, 4);
    media_box_end(file, link);
    link = media_box_begin(file, "tmcd");
    media_big(file, 99, 4);
    media_box_end(file, link);
    media_box_end(file, links);
    size_t media = media_box_begin(file, "mdia");
    add_header(file, "mdhd", wide, 600, 900, 4);
    size_t at = media_box_begin(file, "hdlr");
    media_big(file, 0, 4);
    buf_text(file, "mhlr");
    buf_text(file, handler);
    buf_text(file, "appl12345678" MEDIA_PERSON);
    media_box_end(file, at);
    size_t information = media_box_begin(file, "minf");
    size_t data = media_box_begin(file, "dinf");
    size_t references = media_box_begin(file, "dref");
    media_big(file, 0, 4);
    media_big(file, 1, 4);
    add_full(file, "alis", 1, "/Users/" MEDIA_PERSON, strlen("/Users/" MEDIA_PERSON));
    media_box_end(file, references);
    media_box_end(file, data);
    size_t tables = media_box_begin(file, "stbl");
    add_description(file, handler);
    add_tables(file, wide, place, size);
    media_box_end(file, tables);
    media_box_end(file, information);
    media_box_end(file, media);
    add_words(file, "meta", MEDIA_POSITION);
    media_box_end(file, track);
}

static void
add_fragment(struct buf *file)
{
    size_t at = media_box_begin(file, "moof");
    add_full(file, "mfhd", 0, "\0\0\0\1", 4);
    size_t track = media_box_begin(file, "traf");
    add_full(file, "tfhd", 0x020000, "\0\0\0\1", 4);
    add_full(file, "trun", 0, "\0\0\0\0", 4);
    add_words(file, "uuid", MEDIA_PERSON);
    media_box_end(file, track);
    media_box_end(file, at);
    add_words(file, "emsg", MEDIA_POSITION);
    add_words(file, "mdat", MEDIA_STREAM);
}

struct buf
media_film(struct media_film_parts parts)
{
    struct buf file = media_file();
    add_brand(&file, parts.brand, "isommp42");
    add_words(&file, "free", MEDIA_PERSON);
    size_t data = file.size;
    if (parts.wide) {
        media_add(&file, "\0\0\0\1mdat");
        media_big(&file,
                  16 + (parts.pictures + parts.sounds) * strlen(MEDIA_STREAM) +
                      parts.positions * strlen(MEDIA_POSITION),
                  8);
    } else {
        (void)media_box_begin(&file, "mdat");
    }
    size_t place = file.size;
    for (unsigned i = 0; i < parts.pictures + parts.sounds; i++) {
        buf_text(&file, MEDIA_STREAM);
    }
    size_t positions = file.size;
    for (unsigned i = 0; i < parts.positions; i++) {
        buf_text(&file, MEDIA_POSITION);
    }
    if (!parts.wide) {
        media_box_end(&file, data);
    }
    size_t head = media_box_begin(&file, "moov");
    add_header(&file, "mvhd", parts.wide, 600, parts.fragments ? 0 : 900, 80);
    uint32_t id = 1;
    size_t stream = strlen(MEDIA_STREAM);
    for (unsigned i = 0; i < parts.pictures + parts.sounds; i++, id++) {
        const char *handler = i < parts.pictures ? "vide" : "soun";
        add_track(&file, handler, id, parts.wide, place + i * stream, parts.fragments ? 0 : stream);
    }
    for (unsigned i = 0; i < parts.positions; i++, id++) {
        add_track(&file, "meta", id, parts.wide, positions + i * strlen(MEDIA_POSITION),
                  strlen(MEDIA_POSITION));
    }
    size_t user = media_box_begin(&file, "udta");
    add_words(&file, "\xa9xyz", MEDIA_POSITION);
    add_words(&file, "loci", MEDIA_POSITION);
    add_words(&file, "name", MEDIA_PERSON);
    media_box_end(&file, user);
    add_words(&file, "meta", MEDIA_POSITION);
    add_words(&file, "XMP_", MEDIA_PERSON);
    if (parts.fragments) {
        size_t extends = media_box_begin(&file, "mvex");
        add_full(&file, "mehd", 0, "\0\0\4\xb0", 4);
        media_box_end(&file, extends);
    }
    media_box_end(&file, head);
    if (parts.fragments) {
        add_fragment(&file);
    }
    add_words(&file, "uuid", "sixteen bytes id" MEDIA_PERSON);
    return file;
}

struct buf
media_any(enum media_type type)
{
    switch (type) {
    case MEDIA_PNG:
        return media_png(8, 8);
    case MEDIA_WEBP:
        return media_webp("VP8X", 8, 8);
    case MEDIA_HEIC:
        return media_heic("heic", 8, 8);
    case MEDIA_PDF:
        return media_pdf();
    case MEDIA_DOCX:
        return media_docx();
    case MEDIA_MP4:
        return media_film(
            (struct media_film_parts){.brand = "isom", .pictures = 1, .sounds = 1, .positions = 1});
    case MEDIA_MOV:
        return media_film(
            (struct media_film_parts){.brand = "qt  ", .pictures = 1, .positions = 1, .wide = true});
    case MEDIA_M4A:
        return media_film((struct media_film_parts){.brand = "M4A ", .sounds = 1});
    case MEDIA_TEXT: {
        struct buf file = media_file();
        buf_text(&file, "Guten Tag, \xc3\xa4\xe6\xa4\x9c\r\n\tund so weiter.\n");
        return file;
    }
    default:
        return media_jpeg(8, 8, 3);
    }
}
