/*
 * Fair shares of a lane's workers: no practice holds more than half of them, rounded down, and at least one;
 * no patient more than two. Kept in the shared memory of the slots, so that it costs no trip and no system
 * call.
 *
 * A request says in its worker's slot whose it is, counts the other slots of the lane, and is refused when
 * they are as many as its practice or patient may hold. It says so before it asks the database, since a table
 * of sessions remembers whose each one was when it was proven. Of a session that is not in the table (the
 * first request after its sign-in, or one whose place another has taken) that is known when the proof has
 * come: it counts from then on, and is refused then unless its transaction has ended with the same trip.
 *
 * Who is beyond its share waits for a moment, as long as nobody stands at the lane's door: two of a small
 * practice at the same moment are both served. Nobody waits for one who waits.
 *
 * Two that say so at the same moment may both be refused; never are there more than the share.
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

/* The request has ended; nothing is held any more. */
void share_leave(struct share *share);

#endif
