/*
 * Telling people by mail what changed about their account (ASVS 6.3.7). The message is queued in the
 * transaction that makes the change: it is sent if and only if the change was committed. A notice says what
 * changed and when, and no more.
 */
#ifndef ANAMNESIS_APP_NOTICES_H
#define ANAMNESIS_APP_NOTICES_H

#include "lib/http/request.h"
#include "lib/mail/payload.h"

/* To an address that the handler has read. */
enum problem notice_later(struct request *rq, enum mail_notice notice, const char *address,
                          const char *practice_name);

/* To the signed-in account's own address, which is read for it (a trip). */
enum problem notice_own_later(struct request *rq, enum realm realm, enum mail_notice notice);

/*
 * To every active owner of the actor's practice. It names nobody: who did it, and to whom, is in the audit
 * log.
 */
enum problem notice_owners_later(struct request *rq, enum mail_notice notice);

#endif
