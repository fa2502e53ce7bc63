/* WebP, by libwebp: the first frame of an animated one, on a white canvas. */
#include "scan/picture_exif.h"
#include "scan/picture_source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

struct reader {
    unsigned char *pixels;             /* the frame's, in the form of `stored` samples */
    unsigned stored;                   /* 3, or 4 with opacity */
    uint32_t left, top, width, height; /* where the frame lies */
    uint32_t next;                     /* row */
};

static void
reader_close(struct picture_source *source)
{
    struct reader *reader = source->decoder;
    free(reader->pixels);
    free(reader);
    free(source->profile);
}

static enum picture_outcome
reader_row(struct picture_source *source, unsigned char *row)
{
    struct reader *reader = source->decoder;
    uint32_t y = reader->next++;
    memset(row, UINT8_MAX, (size_t)source->width * PICTURE_RGB);
    if (y < reader->top || y - reader->top >= reader->height) {
        return PICTURE_MADE;
    }
    const unsigned char *from = reader->pixels + (size_t)(y - reader->top) * reader->width * reader->stored;
    unsigned char *to = row + (size_t)reader->left * PICTURE_RGB;
    if (reader->stored > PICTURE_RGB) {
        picture_onto_white(to, from, reader->width, PICTURE_RGB);
    } else {
        memcpy(to, from, (size_t)reader->width * PICTURE_RGB);
    }
    return PICTURE_MADE;
}

static enum picture_outcome
outcome_of(VP8StatusCode status)
{
    switch (status) {
    case VP8_STATUS_OK:
        return PICTURE_MADE;
    case VP8_STATUS_OUT_OF_MEMORY:
        return PICTURE_NOT_MADE;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return PICTURE_NOT_UNDERSTOOD;
    default:
        return PICTURE_DAMAGED;
    }
}

/* Decodes the frame; libwebp has compared its sides with the canvas. */
static enum picture_outcome
read_frame(struct reader *reader, const WebPIterator *frame)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) {
        return PICTURE_NOT_MADE;
    }
    VP8StatusCode status = WebPGetFeatures(frame->fragment.bytes, frame->fragment.size, &config.input);
    if (status != VP8_STATUS_OK) {
        return outcome_of(status);
    }
    if (config.input.width != frame->width || config.input.height != frame->height) {
        return PICTURE_DAMAGED;
    }
    reader->left = (uint32_t)frame->x_offset;
    reader->top = (uint32_t)frame->y_offset;
    reader->width = (uint32_t)frame->width;
    reader->height = (uint32_t)frame->height;
    reader->stored = config.input.has_alpha ? PICTURE_RGB + 1 : PICTURE_RGB;
    size_t stride = (size_t)reader->width * reader->stored;
    reader->pixels = malloc(stride * reader->height);
    if (reader->pixels == NULL) {
        return PICTURE_NOT_MADE;
    }
    config.output.colorspace = config.input.has_alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA =
        (WebPRGBABuffer){.rgba = reader->pixels, .stride = (int)stride, .size = stride * reader->height};
    status = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
    return outcome_of(status);
}

/* What stands beside the frames. */
static void
read_chunks(WebPDemuxer *demuxer, struct picture_source *source)
{
    WebPChunkIterator chunk;
    if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        source->orientation =
            picture_exif_orientation((struct span){.data = chunk.chunk.bytes, .size = chunk.chunk.size});
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    if (WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk)) {
        picture_source_profile(source, chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
}

static enum picture_outcome
read_picture(WebPDemuxer *demuxer, struct picture_source *source)
{
    source->width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    source->height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    source->whole = (struct picture_sides){.width = source->width, .height = source->height};
    enum picture_outcome outcome = picture_size_check(source->width, source->height);
    WebPIterator frame;
    if (outcome != PICTURE_MADE) {
        return outcome;
    }
    if (!WebPDemuxGetFrame(demuxer, 1, &frame)) {
        return PICTURE_DAMAGED;
    }
    outcome = frame.complete ? read_frame(source->decoder, &frame) : PICTURE_DAMAGED;
    WebPDemuxReleaseIterator(&frame);
    if (outcome == PICTURE_MADE) {
        read_chunks(demuxer, source);
    }
    return outcome;
}

enum picture_outcome
picture_webp_open(struct span file, struct picture_source *source)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return PICTURE_NOT_MADE;
    }
    *source = (struct picture_source){.channels = PICTURE_RGB,
                                      .orientation = PICTURE_UPRIGHT,
                                      .decoder = reader,
                                      .row = reader_row,
                                      .close = reader_close};
    WebPData data = {.bytes = file.data, .size = file.size};
    WebPDemuxer *demuxer = WebPDemux(&data); /* NULL unless the file is whole */
    enum picture_outcome outcome = demuxer != NULL ? read_picture(demuxer, source) : PICTURE_DAMAGED;
    WebPDemuxDelete(demuxer);
    if (outcome != PICTURE_MADE) {
        reader_close(source);
    }
    return outcome;
}
