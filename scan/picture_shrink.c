/* The box filter: rows are added up with their weights first, then each finished row is shrunk sideways. */
#include "scan/picture_pixels.h"

#include <stdlib.h>
#include <string.h>

/* A pixel's weights add up to ONE: 255 * ONE * ONE and half of ONE * ONE fit 32 bits. */
enum { ONE_BITS = 12, ONE = 1 << ONE_BITS, HALF_OF_BOTH = 1 << (2 * ONE_BITS - 1) };

/* Which pixels one pixel covers: `count` of them from `first`, with the weights from `weights` on. */
struct cover {
    uint32_t first;
    uint32_t count;
    uint32_t weights;
};

struct picture_shrink {
    struct picture_pixels *to;
    uint32_t width, height;  /* of what comes in */
    uint32_t taken, written; /* rows */
    struct cover *covers;    /* of each column */
    uint32_t *weights;
    uint32_t *sums;      /* the row in work: width * channels */
    uint32_t *next_sums; /* what its last row gives to the next */
};

/*
 * The weight in pixel `large` of `larges` that pixel `small` of `smalls` has, both laid over the same length: the
 * difference of two rounded places, so that the weights of one pixel add up to ONE.
 */
static uint32_t
weight_of(uint64_t small, uint64_t smalls, uint64_t large, uint64_t larges)
{
    uint64_t begin = large * smalls;
    uint64_t end = begin + smalls;
    uint64_t from = small * larges > begin ? small * larges : begin;
    uint64_t to = (small + 1) * larges < end ? (small + 1) * larges : end;
    if (from >= to) {
        return 0;
    }
    uint64_t rounded_from = ((from - begin) * ONE + smalls / 2) / smalls;
    uint64_t rounded_to = ((to - begin) * ONE + smalls / 2) / smalls;
    return (uint32_t)(rounded_to - rounded_from);
}

static void
cover_columns(struct picture_shrink *shrink)
{
    uint32_t used = 0;
    for (uint32_t x = 0; x < shrink->to->width; x++) {
        uint32_t first = (uint32_t)((uint64_t)x * shrink->width / shrink->to->width);
        uint64_t end = ((uint64_t)(x + 1) * shrink->width + shrink->to->width - 1) / shrink->to->width;
        shrink->covers[x] = (struct cover){.first = first, .count = (uint32_t)(end - first), .weights = used};
        for (uint32_t from = first; from < end; from++) {
            shrink->weights[used++] = weight_of(from, shrink->width, x, shrink->to->width);
        }
    }
}

/* The sides that fit, rounded, each at least 1. */
static void
fit(uint32_t width, uint32_t height, uint32_t side, struct picture_pixels *to)
{
    uint64_t longer = width > height ? width : height;
    to->width = width;
    to->height = height;
    if (longer > side) {
        uint64_t fit_width = (width * (uint64_t)side + longer / 2) / longer;
        uint64_t fit_height = (height * (uint64_t)side + longer / 2) / longer;
        to->width = fit_width > 0 ? (uint32_t)fit_width : 1;
        to->height = fit_height > 0 ? (uint32_t)fit_height : 1;
    }
}

struct picture_shrink *
picture_shrink_begin(uint32_t width, uint32_t height, unsigned channels, uint32_t side,
                     struct picture_pixels *to)
{
    fit(width, height, side, to);
    to->channels = channels;
    to->samples = malloc((size_t)to->width * to->height * channels);
    struct picture_shrink *shrink = calloc(1, sizeof *shrink);
    if (shrink != NULL) {
        *shrink = (struct picture_shrink){.to = to, .width = width, .height = height};
        shrink->covers = calloc(to->width, sizeof *shrink->covers);
        /* Two columns share a pixel at most at their border. */
        shrink->weights = calloc((size_t)width + to->width, sizeof *shrink->weights);
        shrink->sums = calloc((size_t)width * channels, sizeof *shrink->sums);
        shrink->next_sums = calloc((size_t)width * channels, sizeof *shrink->next_sums);
    }
    if (shrink == NULL || to->samples == NULL || shrink->covers == NULL || shrink->weights == NULL ||
        shrink->sums == NULL || shrink->next_sums == NULL) {
        picture_shrink_end(shrink);
        free(to->samples);
        to->samples = NULL;
        return NULL;
    }
    cover_columns(shrink);
    return shrink;
}

static void
add_row(uint32_t *restrict sums, const unsigned char *restrict row, size_t count, uint32_t weight)
{
    for (size_t i = 0; i < count; i++) {
        sums[i] += row[i] * weight;
    }
}

/* Writes the row in work, which is whole. Inline, so that each caller's number of channels is known to the compiler. */
static inline void
write_pixels(struct picture_shrink *shrink, unsigned channels)
{
    unsigned char *out = shrink->to->samples + (size_t)shrink->written * shrink->to->width * channels;
    for (uint32_t x = 0; x < shrink->to->width; x++) {
        const struct cover *cover = &shrink->covers[x];
        uint32_t total[PICTURE_CHANNELS_MAX] = {0};
        const uint32_t *from = shrink->sums + (size_t)cover->first * channels;
        for (uint32_t i = 0; i < cover->count; i++) {
            uint32_t weight = shrink->weights[cover->weights + i];
            for (unsigned channel = 0; channel < channels; channel++) {
                total[channel] += *from++ * weight;
            }
        }
        for (unsigned channel = 0; channel < channels; channel++) {
            *out++ = (unsigned char)((total[channel] + HALF_OF_BOTH) >> (2 * ONE_BITS));
        }
    }
    shrink->written++;
}

static void
write_row(struct picture_shrink *shrink)
{
    switch (shrink->to->channels) {
    case PICTURE_GREY:
        write_pixels(shrink, PICTURE_GREY);
        break;
    case PICTURE_RGB:
        write_pixels(shrink, PICTURE_RGB);
        break;
    default:
        write_pixels(shrink, shrink->to->channels);
        break;
    }
}

void
picture_shrink_row(struct picture_shrink *shrink, const unsigned char *row)
{
    size_t count = (size_t)shrink->width * shrink->to->channels;
    uint32_t y = shrink->taken++;
    if (shrink->width == shrink->to->width && shrink->height == shrink->to->height) {
        memcpy(shrink->to->samples + y * count, row, count);
        return;
    }
    add_row(shrink->sums, row, count, weight_of(y, shrink->height, shrink->written, shrink->to->height));
    if ((uint64_t)(y + 1) * shrink->to->height < (uint64_t)(shrink->written + 1) * shrink->height) {
        return;
    }
    uint32_t rest = weight_of(y, shrink->height, shrink->written + 1, shrink->to->height);
    if (rest > 0) {
        add_row(shrink->next_sums, row, count, rest);
    }
    write_row(shrink);
    uint32_t *written = shrink->sums;
    shrink->sums = shrink->next_sums;
    shrink->next_sums = written;
    memset(written, 0, count * sizeof *written);
}

void
picture_shrink_end(struct picture_shrink *shrink)
{
    if (shrink != NULL) {
        free(shrink->covers);
        free(shrink->weights);
        free(shrink->sums);
        free(shrink->next_sums);
        free(shrink);
    }
}
