/* When a message that could not be delivered is tried again. */
#ifndef ANAMNESIS_MAIL_RETRY_H
#define ANAMNESIS_MAIL_RETRY_H

#include <stdint.h>

/* A message is given up when its next try would be later than this after it was made. Microseconds. */
#define MAIL_GIVE_UP_AFTER (INT64_C(3) * 24 * 3600 * 1000000)

/*
 * Microseconds until the next try, after `attempts` (1 or more) have failed: 30 s, doubled each time, at most
 * 6 hours, and a quarter less to a quarter more of that by `chance` (any number), so that many messages are
 * not tried at one moment.
 */
int64_t mail_retry_delay(int64_t attempts, uint32_t chance);

#endif
