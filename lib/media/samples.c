#include "lib/media/samples.h"

#include "lib/media/bytes.h"

#include <string.h>

#define CODE(letters) BYTES_CODE((letters)[0], (letters)[1], (letters)[2], (letters)[3])

enum {
    COUNT_AT = 4, /* behind version and flags, of all but stsz */
    TABLE_AT = 8,
    SIZES_COUNT_AT = 8,
    SIZES_TABLE_AT = 12,
    RUN_SIZE = 12 /* an entry of stsc: first chunk, samples in each, description */
};

/* Rows of a fixed width. */
struct table {
    size_t at;
    uint32_t count;
};

struct tables {
    struct table sizes; /* of each sample; not read when all are of: */
    uint32_t size;
    struct table runs;
    struct table chunks;
    size_t chunk_width; /* of an offset, 4 or 8 */
    struct media_box mdats[MEDIA_SAMPLES_MDATS_MAX];
    size_t mdat_count;
};

static bool
find_table(struct span file, const struct media_box *stbl, const char *code, size_t head, size_t width,
           struct table *table)
{
    struct media_box box;
    if (!media_box_find(file, stbl->body, stbl->end, CODE(code), &box) || media_box_size(&box) < head) {
        return false;
    }
    *table = (struct table){box.body + head, bytes_big(file, box.body + head - 4, 4)};
    return (uint64_t)table->count * width <= media_box_size(&box) - head;
}

static bool
find_sizes(struct span file, const struct media_box *stbl, struct tables *tables)
{
    struct media_box box;
    if (!media_box_find(file, stbl->body, stbl->end, CODE("stsz"), &box) ||
        media_box_size(&box) < SIZES_TABLE_AT) {
        return false;
    }
    tables->size = bytes_big(file, box.body + COUNT_AT, 4);
    tables->sizes = (struct table){box.body + SIZES_TABLE_AT, bytes_big(file, box.body + SIZES_COUNT_AT, 4)};
    return tables->size != 0 || (uint64_t)tables->sizes.count * 4 <= media_box_size(&box) - SIZES_TABLE_AT;
}

static bool
find_tables(struct span file, const struct media_box *track, struct tables *tables)
{
    struct media_box box = *track;
    static const char way[][5] = {"mdia", "minf", "stbl"};
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        if (!media_box_find(file, box.body, box.end, CODE(way[i]), &box)) {
            return false;
        }
    }
    tables->chunk_width = 4;
    if (!find_table(file, &box, "stco", TABLE_AT, tables->chunk_width, &tables->chunks)) {
        tables->chunk_width = 8;
        if (!find_table(file, &box, "co64", TABLE_AT, tables->chunk_width, &tables->chunks)) {
            return false;
        }
    }
    return find_table(file, &box, "stsc", TABLE_AT, RUN_SIZE, &tables->runs) &&
           find_sizes(file, &box, tables);
}

static bool
find_mdats(struct span file, struct tables *tables)
{
    struct media_box box;
    size_t at = 0;
    while (media_box_next(file, &at, file.size, &box)) {
        if (box.code != CODE("mdat")) {
            continue;
        }
        if (tables->mdat_count == MEDIA_SAMPLES_MDATS_MAX) {
            return false;
        }
        tables->mdats[tables->mdat_count++] = box;
    }
    return true;
}

/* The bytes of a chunk with so many samples, the first of which is `*sample`; that then is the next chunk's. */
static uint64_t
chunk_size(struct span file, const struct tables *tables, uint32_t samples, uint32_t *sample)
{
    uint32_t left = tables->sizes.count - *sample;
    uint32_t taken = samples < left ? samples : left;
    uint64_t size = (uint64_t)taken * tables->size;
    for (uint32_t i = 0; tables->size == 0 && i < taken; i++) {
        size += bytes_big(file, tables->sizes.at + ((size_t)*sample + i) * 4, 4);
    }
    *sample += taken;
    return size;
}

/* Returns how many bytes of mdat it was. */
static uint64_t
erase_chunk(const struct tables *tables, uint64_t from, uint64_t size, unsigned char *bytes)
{
    uint64_t erased = 0;
    uint64_t to = size > UINT64_MAX - from ? UINT64_MAX : from + size;
    for (size_t i = 0; i < tables->mdat_count; i++) {
        const struct media_box *mdat = &tables->mdats[i];
        uint64_t begin = from > mdat->body ? from : mdat->body;
        uint64_t end = to < mdat->end ? to : mdat->end;
        if (begin < end) {
            erased += end - begin;
            if (bytes != NULL) {
                memset(bytes + begin, 0, (size_t)(end - begin));
            }
        }
    }
    return erased;
}

bool
media_samples_erase(struct span file, const struct media_box *track, unsigned char *bytes)
{
    struct tables tables = {0};
    if (!find_tables(file, track, &tables) || !find_mdats(file, &tables)) {
        return false;
    }
    uint64_t erased = 0;
    uint32_t run = 0;
    uint32_t sample = 0;
    for (uint32_t chunk = 0; chunk < tables.chunks.count && tables.runs.count > 0; chunk++) {
        while (run + 1 < tables.runs.count &&
               bytes_big(file, tables.runs.at + (size_t)(run + 1) * RUN_SIZE, 4) <= chunk + 1) {
            run++;
        }
        uint32_t samples = bytes_big(file, tables.runs.at + (size_t)run * RUN_SIZE + 4, 4);
        size_t place = tables.chunks.at + (size_t)chunk * tables.chunk_width;
        uint64_t from = bytes_big(file, place, 4);
        if (tables.chunk_width == 8) {
            from = from << 32 | bytes_big(file, place + 4, 4);
        }
        uint64_t size = chunk_size(file, &tables, samples, &sample);
        erased += erase_chunk(&tables, from, size, bytes);
        if (erased > file.size) {
            return false;
        }
    }
    return true;
}
