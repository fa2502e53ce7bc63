/* One page of a PDF as pixels, by poppler and cairo, which write in our memory. */
#include "scan/document.h"

#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <poppler.h>

enum { HEAD_SIZE = 32, SAMPLES = 3 };

/* No page is drawn finer than this: 300 to an inch, of which PDF's unit is the 72nd part. */
static const double scale_max = 300.0 / 72.0;

static bool
is_side(double side)
{
    return isfinite(side) && side > 0;
}

static uint32_t
pixels_of(double side, double scale)
{
    double pixels = floor(side * scale + 0.5);
    return pixels < 1 ? 1 : pixels > DOCUMENT_SIDE ? DOCUMENT_SIDE : (uint32_t)pixels;
}

/* The pixels of a drawn page as PPM (netpbm, ppm(5)), by malloc; 0 when there is no memory. */
static size_t
as_ppm(cairo_surface_t *surface, uint32_t width, uint32_t height, unsigned char **ppm)
{
    unsigned char *all = malloc(HEAD_SIZE + (size_t)SAMPLES * width * height);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    *ppm = all;
    if (all == NULL || pixels == NULL) {
        return 0;
    }
    size_t size = (size_t)snprintf((char *)all, HEAD_SIZE, "P6\n%u %u\n255\n", width, height);
    for (uint32_t y = 0; y < height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(pixels + y * stride);
        for (uint32_t x = 0; x < width; x++) {
            all[size++] = (unsigned char)(row[x] >> 16);
            all[size++] = (unsigned char)(row[x] >> 8);
            all[size++] = (unsigned char)row[x];
        }
    }
    return size;
}

static bool
draw(const struct cell_task *task, PopplerPage *page, struct wire_reply *reply)
{
    double width = 0;
    double height = 0;
    poppler_page_get_size(page, &width, &height);
    if (!is_side(width) || !is_side(height)) {
        return document_reject(reply, WIRE_DAMAGED);
    }
    double scale = DOCUMENT_SIDE / (width > height ? width : height);
    scale = scale > scale_max ? scale_max : scale;
    struct wire_part part = {.kind = WIRE_PAGE,
                             .page = task->request->page,
                             .width = pixels_of(width, scale),
                             .height = pixels_of(height, scale)};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)part.width, (int)part.height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, part.width / width, part.height / height);
    poppler_page_render(page, cairo);
    cairo_surface_flush(surface);
    unsigned char *ppm = NULL;
    bool good =
        cairo_status(cairo) == CAIRO_STATUS_SUCCESS && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    part.size = good ? as_ppm(surface, part.width, part.height, &ppm) : 0;
    if (part.size == 0) {
        return document_reject(reply, WIRE_NOT_UNDERSTOOD);
    }
    reply->verdict = WIRE_CLEAN;
    return document_add(task, reply, part, ppm);
}

bool
document_draw(const struct cell_task *task, struct span file, struct wire_reply *reply)
{
    GError *error = NULL;
    GBytes *bytes = g_bytes_new_static(file.data, file.size);
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, &error);
    if (document == NULL) {
        bool locked = error != NULL && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
        return document_reject(reply, locked ? WIRE_ENCRYPTED : WIRE_DAMAGED);
    }
    int count = poppler_document_get_n_pages(document);
    PopplerPage *page = task->request->page >= 1 && count >= 1 && task->request->page <= (uint32_t)count
                            ? poppler_document_get_page(document, (int)task->request->page - 1)
                            : NULL;
    if (page == NULL) {
        return document_reject(reply, WIRE_DAMAGED);
    }
    reply->pages = (uint32_t)count;
    /* Of all pages that are made, before the first one: of a document that cannot be read nobody makes the others. */
    if (task->request->page == 1 &&
        !document_fonts_are_here(document, count < WIRE_PAGES_MAX ? count : WIRE_PAGES_MAX)) {
        return document_reject(reply, WIRE_NOT_UNDERSTOOD);
    }
    return draw(task, page, reply);
}
