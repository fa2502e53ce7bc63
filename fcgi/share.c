#include "fcgi/share.h"

#include "lib/base/uuid.h"

#include <poll.h>
#include <string.h>

enum {
    PATIENT_MOST = 2,
    WHOLE = 100, /* percent: a practice may hold all workers */
    /* A request beyond its share looks so often, a millisecond apart, while nobody waits at the door. */
    LOOKS = 500,
    LOOK_MILLISECONDS = 1,
    /* Tags are taken of the last bytes, which are random: an identifier begins with the time (UUID version
     * 7), a token's hash with the version of a key. */
    ID_RANDOM_AT = UUID_SIZE - sizeof(uint64_t),
    SESSION_RANDOM_AT = TOKEN_HASH_SIZE - sizeof(uint64_t)
};

/* The tag of an identifier; 0, which in a slot means nobody, for what is no UUID. */
static uint64_t
tag_of_id(const char *id)
{
    unsigned char bytes[UUID_SIZE];
    uint64_t tag = 0;
    if (uuid_parse(id, bytes)) {
        memcpy(&tag, bytes + ID_RANDOM_AT, sizeof tag);
    }
    return tag;
}

static uint64_t
tag_of_session(const unsigned char session[TOKEN_HASH_SIZE])
{
    uint64_t tag;
    memcpy(&tag, session + SESSION_RANDOM_AT, sizeof tag);
    return tag;
}

/* Remembers whose a session is. It takes no lock: `check` is the exclusive or of all three tags, so an entry
 * that two writers have mixed does not fit it, and reads as unknown. */
static void
remember(struct share *share, uint64_t session, uint64_t practice, uint64_t patient)
{
    struct known_session *known = &share->slots.sessions[session % SLOTS_SESSIONS];
    atomic_store(&known->practice, practice);
    atomic_store(&known->patient, patient);
    atomic_store(&known->check, session ^ practice ^ patient);
}

static bool
recall(const struct share *share, uint64_t session, uint64_t *practice, uint64_t *patient)
{
    const struct known_session *known = &share->slots.sessions[session % SLOTS_SESSIONS];
    *practice = atomic_load(&known->practice);
    *patient = atomic_load(&known->patient);
    return *practice != 0 && (atomic_load(&known->check) ^ *practice ^ *patient) == session;
}

static bool
fits(const struct share *share, uint64_t practice, uint64_t patient)
{
    size_t of_practice = 0;
    size_t of_patient = 0;
    int lane = atomic_load(&share->own->lane);
    for (size_t i = 0; i < share->slots.count; i++) {
        const struct slot *slot = &share->slots.slots[i];
        if (slot == share->own || atomic_load(&slot->lane) != lane) {
            continue;
        }
        of_practice += atomic_load(&slot->practice) == practice;
        of_patient += patient != 0 && atomic_load(&slot->patient) == patient;
    }
    return of_practice < share->practice_most && of_patient < share->patient_most;
}

/* Takes a share for this worker's request, when there is one. It writes into the slot before it counts, so
 * that of two requests at the same moment each sees the other. */
static bool
take(struct share *share, uint64_t practice, uint64_t patient)
{
    atomic_store(&share->own->patient, patient);
    atomic_store(&share->own->practice, practice);
    if (fits(share, practice, patient)) {
        return true;
    }
    share_leave(share);
    return false;
}

static bool
take_in_time(struct share *share, uint64_t practice, uint64_t patient)
{
    struct pollfd door = {.fd = share->doors->front, .events = POLLIN};
    for (int look = 0; look < LOOKS; look++) {
        if (take(share, practice, patient)) {
            return true;
        }
        if (poll(&door, 1, LOOK_MILLISECONDS) > 0) {
            return false; /* a connection waits at the door; a signal only ends this look */
        }
    }
    return false;
}

static bool
admit(void *context, const unsigned char session[TOKEN_HASH_SIZE])
{
    struct share *share = context;
    uint64_t practice;
    uint64_t patient;
    return !recall(share, tag_of_session(session), &practice, &patient) ||
           take_in_time(share, practice, patient);
}

static bool
proven(void *context, const unsigned char session[TOKEN_HASH_SIZE], const struct actor *actor)
{
    struct share *share = context;
    uint64_t practice = tag_of_id(actor->practice_id);
    uint64_t patient = actor->realm == REALM_PATIENT ? tag_of_id(actor->id) : 0;
    remember(share, tag_of_session(session), practice, patient);
    bool said =
        atomic_load(&share->own->practice) == practice && atomic_load(&share->own->patient) == patient;
    return said || take_in_time(share, practice, patient);
}

static bool
waited(void *context, int64_t microseconds)
{
    struct share *share = context;
    return doors_waited(share->doors, microseconds);
}

static bool
crowded(void *context)
{
    const struct share *share = context;
    return doors_crowded(share->doors);
}

static void
done(void *context)
{
    share_leave(context);
}

void
share_init(struct share *share, struct slots slots, struct slot *own, size_t workers, size_t percent,
           struct doors *doors)
{
    /* At 100 percent there is no limit, not one of `workers`: while one is replaced, there is one more. */
    size_t most = percent == WHOLE ? SIZE_MAX : workers * percent / WHOLE;
    *share = (struct share){.fairness = {.context = share,
                                         .admit = admit,
                                         .proven = proven,
                                         .waited = waited,
                                         .crowded = crowded,
                                         .done = done},
                            .slots = slots,
                            .own = own,
                            .practice_most = most == 0 ? 1 : most,
                            .patient_most = PATIENT_MOST,
                            .doors = doors};
}

void
share_leave(struct share *share)
{
    atomic_store(&share->own->practice, 0);
    atomic_store(&share->own->patient, 0);
}
