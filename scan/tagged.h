/*
 * The verdict of another party: the tag that GuardDuty Malware Protection for S3 writes at each object that was put (ANAMNESIS_SCANNER=tag).
 * It judges objects, which are parts of files here, so a file of several parts is not clean by it, nor is one of a type that holds
 * other files: it does not tell what it could not look into. Nobody but that party may write tags; the bucket's policy says so
 * (docs/media.md).
 */
#ifndef ANAMNESIS_SCAN_TAGGED_H
#define ANAMNESIS_SCAN_TAGGED_H

#include "lib/media/type.h"
#include "lib/store/store.h"
#include "scan/ask.h"

#define TAGGED_WITH "GuardDutyMalwareScanStatus"

/*
 * As scan_step, with the parts' tags as the answer: STEP_FINE, STEP_INFECTED with a name in *reply, STEP_REFUSED with a reason in *reply;
 * STEP_AGAIN while one has no tag yet, STEP_OURS when the store does not answer. Other calls of the store may be made afterwards.
 */
enum step tagged_look(struct store *store, const char *upload_id, int64_t parts, enum media_type type,
                      struct wire_reply *reply);

#endif
