/*
 * Fair shares of a lane's workers: no practice holds more than ANAMNESIS_PRACTICE_SHARE percent of them
 * (rounded down, at least one; at 100 there is no limit), no patient more than two. Kept in the shared memory
 * of the slots, so that asking costs no trip and no system call.
 *
 * A request writes into its worker's slot whose it is, then counts the other slots of the lane, and is
 * refused when they are as many as its practice or patient may hold. Writing comes before counting: of two
 * requests at the same moment each sees the other, so both may be refused, but never are there more than the
 * share. This happens before the database is asked, since a table of sessions remembers whose each one was
 * when it was last proven. Of a session that is not in the table (its first request, or its entry was
 * overwritten by another session's) it is known when the proof has come: the request counts from then on, and
 * is refused then, unless its transaction has been committed with the same trip.
 *
 * A request that is beyond its share is not refused at once: it looks again each millisecond, for half a
 * second at most, as long as nobody waits at the lane's door. So two requests of a small practice at the same
 * moment are both served, and no other practice waits for one that waits.
 *
 * The tags are 64 random bits of the ids: two practices with the same tag would share a share, which is all
 * that a collision can do. Nothing here decides access. No locks: entries that two workers have mixed do not
 * pass their check.
 */
#ifndef ANAMNESIS_FCGI_SHARE_H
#define ANAMNESIS_FCGI_SHARE_H

#include "app/fairness.h"
#include "fcgi/doors.h"
#include "fcgi/slots.h"

struct share {
    struct fairness fairness; /* for the application; its context is this structure */
    struct slots slots;
    struct slot *own;
    size_t practice_most;
    size_t patient_most;
    struct doors *doors; /* of the lane */
};

/*
 * `workers` are those that the lane should have, `percent` of which one practice may hold; `own` is the slot
 * of this worker.
 */
void share_init(struct share *share, struct slots slots, struct slot *own, size_t workers, size_t percent,
                struct doors *doors);

/* Empties this worker's slot: the request has ended, or was refused. */
void share_leave(struct share *share);

#endif
