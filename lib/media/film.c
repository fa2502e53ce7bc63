/* The types of films and sounds: the same boxes, told apart by brand and by tracks. */
#include "lib/media/boxes.h"
#include "lib/media/walk.h"

static enum media_verdict
walk_film(struct span file, bool pictures, struct media_size *size, size_t *own)
{
    struct media_film film;
    enum media_verdict verdict = media_boxes_look(file, &film);
    *own = file.size;
    *size = film.size;
    if (verdict != MEDIA_FINE) {
        return verdict;
    }
    return (film.pictures > 0) == pictures ? MEDIA_FINE : MEDIA_WRONG_TYPE;
}

enum media_verdict
media_walk_film(struct span file, struct media_size *size, size_t *own)
{
    return walk_film(file, true, size, own);
}

enum media_verdict
media_walk_sound(struct span file, struct media_size *size, size_t *own)
{
    return walk_film(file, false, size, own);
}
