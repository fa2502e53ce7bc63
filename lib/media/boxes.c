#include "lib/media/boxes.h"

#include "lib/media/box.h"
#include "lib/media/bytes.h"
#include "lib/media/foreign.h"
#include "lib/media/samples.h"

#include <string.h>

#define CODE(letters) BYTES_CODE((letters)[0], (letters)[1], (letters)[2], (letters)[3])

enum {
    VERSION_SIZE = 4,  /* version and flags, in front of a full box's content */
    HANDLER_KEPT = 12, /* of hdlr: version, type, subtype; a maker's codes and a name follow */
    SELF_CONTAINED = 1,
    ENTRY_VIDEO = 78, /* of a sample entry before its boxes */
    ENTRY_SOUND = 28,
    ENTRY_SOUND_1 = 44,
    ENTRY_SOUND_2 = 64,
    ENTRY_MAKER = 12, /* a maker's code; and the name of what encoded the pictures */
    ENTRY_ENCODER = 42,
    ENCODER_SIZE = 32
};

static const uint32_t FREE = BYTES_CODE('f', 'r', 'e', 'e');
static const uint32_t VIDE = BYTES_CODE('v', 'i', 'd', 'e');
static const uint32_t SOUN = BYTES_CODE('s', 'o', 'u', 'n');

/* Where a box may stand. */
enum place { TOP, MOOV, TRAK, MDIA, MINF, DINF, STBL, EDTS, TAPT, MVEX, MOOF, TRAF, MFRA, PLACES };

enum act { GOES, KEEP, INTO, TRACK, TIMES, HANDLER, REFERENCES, ENTRIES, LINKS, PROTECTED, UNREAD };

struct rule {
    enum place in;
    char code[5];
    enum act act;
    enum place into;
};

/* Everything that is not here goes. */
static const struct rule rules[] = {
    {TOP, "ftyp", KEEP, 0},        {TOP, "styp", KEEP, 0},       {TOP, "mdat", KEEP, 0},
    {TOP, "sidx", KEEP, 0},        {TOP, "moov", INTO, MOOV},    {TOP, "moof", INTO, MOOF},
    {TOP, "mfra", INTO, MFRA},     {MOOV, "mvhd", TIMES, 0},     {MOOV, "iods", KEEP, 0},
    {MOOV, "trak", TRACK, TRAK},   {MOOV, "mvex", INTO, MVEX},   {MOOV, "cmov", UNREAD, 0},
    {MOOV, "rmra", UNREAD, 0},     {MOOV, "pssh", PROTECTED, 0}, {TRAK, "tkhd", TIMES, 0},
    {TRAK, "edts", INTO, EDTS},    {TRAK, "mdia", INTO, MDIA},   {TRAK, "tref", LINKS, 0},
    {TRAK, "tapt", INTO, TAPT},    {MDIA, "mdhd", TIMES, 0},     {MDIA, "hdlr", HANDLER, 0},
    {MDIA, "minf", INTO, MINF},    {MINF, "vmhd", KEEP, 0},      {MINF, "smhd", KEEP, 0},
    {MINF, "hdlr", HANDLER, 0},    {MINF, "dinf", INTO, DINF},   {MINF, "stbl", INTO, STBL},
    {DINF, "dref", REFERENCES, 0}, {STBL, "stsd", ENTRIES, 0},   {STBL, "stts", KEEP, 0},
    {STBL, "ctts", KEEP, 0},       {STBL, "cslg", KEEP, 0},      {STBL, "stss", KEEP, 0},
    {STBL, "stps", KEEP, 0},       {STBL, "stsc", KEEP, 0},      {STBL, "stsz", KEEP, 0},
    {STBL, "stz2", KEEP, 0},       {STBL, "stco", KEEP, 0},      {STBL, "co64", KEEP, 0},
    {STBL, "sdtp", KEEP, 0},       {STBL, "sbgp", KEEP, 0},      {STBL, "sgpd", KEEP, 0},
    {STBL, "subs", KEEP, 0},       {STBL, "stsh", KEEP, 0},      {STBL, "padb", KEEP, 0},
    {EDTS, "elst", KEEP, 0},       {TAPT, "clef", KEEP, 0},      {TAPT, "prof", KEEP, 0},
    {TAPT, "enof", KEEP, 0},       {MVEX, "mehd", KEEP, 0},      {MVEX, "trex", KEEP, 0},
    {MOOF, "mfhd", KEEP, 0},       {MOOF, "traf", INTO, TRAF},   {MOOF, "pssh", PROTECTED, 0},
    {TRAF, "tfhd", KEEP, 0},       {TRAF, "tfdt", KEEP, 0},      {TRAF, "trun", KEEP, 0},
    {TRAF, "sbgp", KEEP, 0},       {TRAF, "sgpd", KEEP, 0},      {TRAF, "subs", KEEP, 0},
    {TRAF, "senc", PROTECTED, 0},  {MFRA, "tfra", KEEP, 0},      {MFRA, "mfro", KEEP, 0},
};

/* Boxes in a sample entry that decoders need. */
static const char configurations[][5] = {
    "avcC", "hvcC", "vvcC", "av1C", "vpcC", "esds", "d263", "damr", "dac3", "dec3", "dOps",
    "dfLa", "alac", "wave", "chan", "chnl", "srat", "pcmC", "btrt", "colr", "pasp", "clap",
    "fiel", "gama", "mdcv", "clli", "SmDm", "CoLL", "dvcC", "dvvC", "dvwC", "hvcE", "lhvC"};

struct walk {
    struct span file;
    unsigned char *bytes; /* the same, to be changed; NULL while it is only looked at */
    struct media_film *film;
    uint32_t kept[MEDIA_TRACKS_MAX]; /* identifiers of tracks that stay */
    size_t kept_count;
    size_t boxes;
    size_t headers;   /* moov */
    bool of_pictures; /* the track in which it is */
    bool fragments;
    uint64_t duration; /* of mvhd or mehd, in units of: */
    uint32_t scale;
};

static enum media_verdict walk_boxes(struct walk *walk, enum place in, size_t at, size_t end, unsigned depth);

static void
erase(struct walk *walk, size_t at, size_t size)
{
    if (walk->bytes != NULL) {
        memset(walk->bytes + at, 0, size);
    }
}

static void
make_free(struct walk *walk, const struct media_box *box)
{
    if (walk->bytes != NULL) {
        memcpy(walk->bytes + box->at + 4, "free", 4);
    }
    erase(walk, box->body, media_box_size(box));
}

static uint64_t
number(struct span file, size_t at, bool wide)
{
    uint64_t high = bytes_big(file, at, 4);
    return wide ? high << 32 | bytes_big(file, at + 4, 4) : high;
}

/* Whether the header says that it is turned by a quarter, as a phone held upright does: of the matrix, a and d are 0. */
static bool
is_turned(struct span file, size_t matrix)
{
    return bytes_big(file, matrix, 4) == 0 && bytes_big(file, matrix + 16, 4) == 0;
}

static void
read_track(struct walk *walk, const struct media_box *box)
{
    enum { MATRIX_FROM_END = 44 };
    uint32_t width = bytes_big(walk->file, box->end - 8, 4) >> 16;
    uint32_t height = bytes_big(walk->file, box->end - 4, 4) >> 16;
    struct media_size size = {width, height};
    if (is_turned(walk->file, box->end - MATRIX_FROM_END)) {
        size = (struct media_size){height, width};
    }
    if ((uint64_t)width * height > (uint64_t)walk->film->size.width * walk->film->size.height) {
        walk->film->size = size;
    }
}

/* mvhd, tkhd, mdhd: two times behind the version, of 4 or 8 bytes. */
static enum media_verdict
clear_times(struct walk *walk, const struct media_box *box)
{
    size_t size = media_box_size(box);
    bool wide = size > 0 && walk->file.data[box->body] == 1;
    size_t needed = box->code == CODE("mvhd")   ? (wide ? 112 : 100)
                    : box->code == CODE("tkhd") ? (wide ? 96 : 84)
                                                : (wide ? 36 : 24);
    if (size < needed || walk->file.data[box->body] > 1 || (box->code == CODE("tkhd") && size != needed)) {
        return MEDIA_DAMAGED;
    }
    size_t times = wide ? 16 : 8;
    size_t at = box->body + VERSION_SIZE + times;
    if (box->code == CODE("mvhd")) {
        walk->scale = bytes_big(walk->file, at, 4);
        walk->duration = number(walk->file, at + 4, wide);
    } else if (box->code == CODE("tkhd")) {
        read_track(walk, box);
    }
    erase(walk, box->body + VERSION_SIZE, times);
    return MEDIA_FINE;
}

static enum media_verdict
clear_handler(struct walk *walk, const struct media_box *box)
{
    if (media_box_size(box) < HANDLER_KEPT) {
        return MEDIA_DAMAGED;
    }
    erase(walk, box->body + HANDLER_KEPT, media_box_size(box) - HANDLER_KEPT);
    return MEDIA_FINE;
}

/* dref: all data are in this file. What else an entry has, a path of the disk where it was made, goes. */
static enum media_verdict
clear_references(struct walk *walk, const struct media_box *box)
{
    struct media_box entry;
    size_t at = box->body + VERSION_SIZE + 4;
    if (media_box_size(box) < VERSION_SIZE + 4) {
        return MEDIA_DAMAGED;
    }
    while (at < box->end) {
        if (!media_box_next(walk->file, &at, box->end, &entry) || media_box_size(&entry) < VERSION_SIZE) {
            return MEDIA_DAMAGED;
        }
        if (++walk->boxes > MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if ((bytes_big(walk->file, entry.body, 4) & SELF_CONTAINED) == 0) {
            return MEDIA_ACTIVE_CONTENT;
        }
        erase(walk, entry.body + VERSION_SIZE, media_box_size(&entry) - VERSION_SIZE);
    }
    return MEDIA_FINE;
}

/* tref: a reference to a track that goes, goes. */
static enum media_verdict
clear_links(struct walk *walk, const struct media_box *box)
{
    struct media_box link;
    size_t at = box->body;
    while (at < box->end) {
        if (!media_box_next(walk->file, &at, box->end, &link) || media_box_size(&link) % 4 != 0) {
            return MEDIA_DAMAGED;
        }
        bool known = link.code != FREE;
        for (size_t id = link.body; known && id < link.end; id += 4) {
            bool kept = false;
            for (size_t i = 0; i < walk->kept_count; i++) {
                kept = kept || walk->kept[i] == bytes_big(walk->file, id, 4);
            }
            known = kept;
        }
        if (++walk->boxes > MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if (!known) {
            make_free(walk, &link);
        }
    }
    return MEDIA_FINE;
}

static bool
is_configuration(uint32_t code)
{
    for (size_t i = 0; i < sizeof configurations / sizeof configurations[0]; i++) {
        if (CODE(configurations[i]) == code) {
            return true;
        }
    }
    return false;
}

/* Zeros, as QuickTime ends a list of boxes with. */
static bool
is_end_of_list(struct span file, size_t at, size_t end)
{
    return end - at == 4 && bytes_big(file, at, 4) == 0;
}

/* A description of samples. `plain`: version 0 of the list, in which QuickTime's longer heads of sounds stand. */
static enum media_verdict
clear_entry(struct walk *walk, const struct media_box *entry, bool plain)
{
    bool pictures = walk->of_pictures;
    size_t head = pictures ? ENTRY_VIDEO : ENTRY_SOUND;
    if (!pictures && plain && media_box_size(entry) >= head) {
        uint32_t version = bytes_big(walk->file, entry->body + 8, 2);
        head = version == 1 ? ENTRY_SOUND_1 : version == 2 ? ENTRY_SOUND_2 : ENTRY_SOUND;
    }
    if (media_box_size(entry) < head) {
        return MEDIA_DAMAGED;
    }
    erase(walk, entry->body + ENTRY_MAKER, 4);
    if (pictures) {
        erase(walk, entry->body + ENTRY_ENCODER, ENCODER_SIZE);
    }
    struct media_box box;
    size_t at = entry->body + head;
    while (at < entry->end && !is_end_of_list(walk->file, at, entry->end)) {
        if (!media_box_next(walk->file, &at, entry->end, &box)) {
            return MEDIA_NOT_UNDERSTOOD;
        }
        if (++walk->boxes > MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if (box.code == CODE("sinf")) {
            return MEDIA_ENCRYPTED;
        }
        if (!is_configuration(box.code)) {
            make_free(walk, &box);
        }
    }
    return MEDIA_FINE;
}

/* stsd: what decoders are told. */
static enum media_verdict
clear_entries(struct walk *walk, const struct media_box *box)
{
    struct media_box entry;
    size_t at = box->body + VERSION_SIZE + 4;
    if (media_box_size(box) < VERSION_SIZE + 4) {
        return MEDIA_DAMAGED;
    }
    while (at < box->end && !is_end_of_list(walk->file, at, box->end)) {
        if (!media_box_next(walk->file, &at, box->end, &entry)) {
            return MEDIA_DAMAGED;
        }
        if (++walk->boxes > MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if (entry.code == CODE("encv") || entry.code == CODE("enca") || entry.code == CODE("drmi") ||
            entry.code == CODE("drms")) {
            return MEDIA_ENCRYPTED;
        }
        enum media_verdict verdict = clear_entry(walk, &entry, walk->file.data[box->body] == 0);
        if (verdict != MEDIA_FINE) {
            return verdict;
        }
    }
    return MEDIA_FINE;
}

/* What a track is, and its number; false when it has neither. */
static bool
identify(struct span file, const struct media_box *track, uint32_t *handler, uint32_t *id)
{
    struct media_box box;
    struct media_box media;
    if (!media_box_find(file, track->body, track->end, CODE("tkhd"), &box) || media_box_size(&box) < 24 ||
        !media_box_find(file, track->body, track->end, CODE("mdia"), &media)) {
        return false;
    }
    *id = bytes_big(file, box.body + VERSION_SIZE + (file.data[box.body] == 1 ? 16 : 8), 4);
    if (!media_box_find(file, media.body, media.end, CODE("hdlr"), &box) ||
        media_box_size(&box) < HANDLER_KEPT) {
        return false;
    }
    *handler = bytes_code(file, box.body + 8);
    return true;
}

static enum media_verdict
clear_track(struct walk *walk, const struct media_box *track, unsigned depth)
{
    uint32_t handler = 0;
    uint32_t id = 0;
    if (!identify(walk->file, track, &handler, &id)) {
        return MEDIA_DAMAGED;
    }
    if (handler == VIDE || handler == SOUN) {
        walk->film->pictures += handler == VIDE;
        walk->film->sounds += handler == SOUN;
        walk->of_pictures = handler == VIDE;
        return walk_boxes(walk, TRAK, track->body, track->end, depth);
    }
    walk->film->others++;
    if (!media_samples_erase(walk->file, track, walk->bytes)) {
        return MEDIA_DAMAGED;
    }
    make_free(walk, track);
    return MEDIA_FINE;
}

static const struct rule *
rule_for(enum place in, uint32_t code)
{
    static const struct rule goes = {.act = GOES};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].in == in && CODE(rules[i].code) == code) {
            return &rules[i];
        }
    }
    return &goes;
}

/* What is to be known of a box beside what happens to it. */
static enum media_verdict
note(struct walk *walk, const struct media_box *box)
{
    if (box->code == CODE("moov")) {
        walk->headers++;
    } else if (box->code == CODE("moof")) {
        walk->fragments = true;
    } else if (box->code == CODE("mehd")) {
        bool wide = media_box_size(box) >= VERSION_SIZE + 8 && walk->file.data[box->body] == 1;
        if (media_box_size(box) < VERSION_SIZE + 4) {
            return MEDIA_DAMAGED;
        }
        walk->duration = number(walk->file, box->body + VERSION_SIZE, wide);
    }
    return walk->headers > 1 ? MEDIA_NOT_UNDERSTOOD : MEDIA_FINE;
}

static enum media_verdict
act_on(struct walk *walk, const struct rule *rule, const struct media_box *box, unsigned depth)
{
    switch (rule->act) {
    case GOES:
        make_free(walk, box);
        return MEDIA_FINE;
    case KEEP:
        return MEDIA_FINE;
    case INTO:
        return walk_boxes(walk, rule->into, box->body, box->end, depth + 1);
    case TRACK:
        return clear_track(walk, box, depth + 1);
    case TIMES:
        return clear_times(walk, box);
    case HANDLER:
        return clear_handler(walk, box);
    case REFERENCES:
        return clear_references(walk, box);
    case ENTRIES:
        return clear_entries(walk, box);
    case LINKS:
        return clear_links(walk, box);
    case PROTECTED:
        return MEDIA_ENCRYPTED;
    default:
        return MEDIA_NOT_UNDERSTOOD;
    }
}

static enum media_verdict
walk_boxes(struct walk *walk, enum place in, size_t at, size_t end, unsigned depth)
{
    struct media_box box;
    if (depth > MEDIA_BOXES_DEPTH_MAX) {
        return MEDIA_TOO_DEEP;
    }
    while (at < end) {
        if (!media_box_next(walk->file, &at, end, &box)) {
            return MEDIA_DAMAGED;
        }
        if (++walk->boxes > MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
        const struct rule *rule = rule_for(in, box.code);
        enum media_verdict verdict = rule->act == GOES ? MEDIA_FINE : note(walk, &box);
        if (verdict == MEDIA_FINE) {
            verdict = act_on(walk, rule, &box, depth);
        }
        if (verdict != MEDIA_FINE) {
            return verdict;
        }
    }
    return MEDIA_FINE;
}

/* Which tracks stay: references to others go. Boxes and tracks are counted before anything goes through them twice. */
static enum media_verdict
collect_kept(struct walk *walk)
{
    struct media_box box;
    struct media_box track;
    size_t at = 0;
    for (size_t count = 0; media_box_next(walk->file, &at, walk->file.size, &box); count++) {
        if (count == MEDIA_BOXES_MAX) {
            return MEDIA_TOO_DEEP;
        }
    }
    if (!media_box_find(walk->file, 0, walk->file.size, CODE("moov"), &box)) {
        return MEDIA_FINE;
    }
    at = box.body;
    for (size_t count = 0; media_box_find(walk->file, at, box.end, CODE("trak"), &track); count++) {
        uint32_t handler = 0;
        uint32_t id = 0;
        if (count == MEDIA_TRACKS_MAX) {
            return MEDIA_TOO_DEEP;
        }
        if (identify(walk->file, &track, &handler, &id) && (handler == VIDE || handler == SOUN)) {
            walk->kept[walk->kept_count++] = id;
        }
        at = track.end;
    }
    return MEDIA_FINE;
}

static uint32_t
seconds_of(const struct walk *walk)
{
    bool unknown = walk->scale == 0 || walk->duration == UINT32_MAX || walk->duration == UINT64_MAX;
    uint64_t seconds = unknown ? 0 : walk->duration / walk->scale + (walk->duration % walk->scale != 0);
    return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

static bool
has_zip_end(struct span part)
{
    return memmem(part.data, part.size, "PK\5\6", 4) != NULL;
}

/*
 * Whether a ZIP's last record may be where readers look for it, outside of streams that stay as they are. What is cleared would make another
 * record of it: a film would be an archive only when it is cleaned.
 */
static bool
may_end_an_archive(struct span file, const struct media_film *film)
{
    struct media_box box;
    size_t from = file.size > ZIP_END_REACH ? file.size - ZIP_END_REACH : 0;
    for (size_t at = 0; media_box_next(file, &at, file.size, &box);) {
        if (film->others > 0 || box.code != CODE("mdat") || box.end < from + ZIP_END_SIZE ||
            media_box_size(&box) < ZIP_END_SIZE) {
            continue;
        }
        if (box.body > from && has_zip_end((struct span){file.data + from, box.body + 3 - from})) {
            return true;
        }
        from = box.end - ZIP_END_SIZE + 1;
    }
    return has_zip_end(bytes_from(file, from));
}

/* `bytes`: the file's own, when it is to be changed. */
static enum media_verdict
walk_film(struct span file, unsigned char *bytes, struct media_film *film)
{
    struct walk walk = {.file = file, .bytes = bytes, .film = film};
    *film = (struct media_film){0};
    enum media_verdict verdict = collect_kept(&walk);
    if (verdict == MEDIA_FINE) {
        verdict = walk_boxes(&walk, TOP, 0, file.size, 1);
    }
    if (verdict != MEDIA_FINE) {
        return verdict;
    }
    film->seconds = seconds_of(&walk);
    if (walk.headers == 0) {
        return MEDIA_DAMAGED;
    }
    if (film->pictures + film->sounds == 0 || (walk.fragments && film->others > 0)) {
        return MEDIA_NOT_UNDERSTOOD;
    }
    return bytes == NULL && may_end_an_archive(file, film) ? MEDIA_WRONG_TYPE : MEDIA_FINE;
}

enum media_verdict
media_boxes_look(struct span file, struct media_film *film)
{
    return walk_film(file, NULL, film);
}

enum media_verdict
media_boxes_clean(unsigned char *bytes, size_t size, struct media_film *film)
{
    struct span file = {bytes, size};
    enum media_verdict verdict = walk_film(file, NULL, film);
    return verdict == MEDIA_FINE ? walk_film(file, bytes, film) : verdict;
}

bool
media_boxes_has(struct span file, uint32_t handler)
{
    struct media_box moov;
    struct media_box track;
    if (!media_box_find(file, 0, file.size, CODE("moov"), &moov)) {
        return false;
    }
    for (size_t at = moov.body; media_box_find(file, at, moov.end, CODE("trak"), &track); at = track.end) {
        uint32_t found = 0;
        uint32_t id = 0;
        if (identify(file, &track, &found, &id) && found == handler) {
            return true;
        }
    }
    return false;
}
