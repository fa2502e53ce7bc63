/*
 * A question to one of the programs that look at files, and its answer: one at a time. A program that does not answer in the time it
 * was given, or answers what was not asked, is not to be trusted any more: its conductor ends, and all of them begin
 * anew.
 */
#ifndef ANAMNESIS_SCAN_ASK_H
#define ANAMNESIS_SCAN_ASK_H

#include "scan/wire.h"

/*
 * Waits for the hello of a program, which loads its signatures before. False with errno: ETIMEDOUT after `seconds`; EINTR when
 * a signal came that is to be looked at.
 */
bool scan_ask_hello(int socket, int seconds, struct wire_hello *hello);

/*
 * Asks; id, and the longest time, are set in the request by the caller. The descriptor stays the caller's. True: the reply is good and is this request's, and *result is a
 * descriptor for the caller to close, or -1. False with errno: the program must be replaced.
 */
bool scan_ask(int socket, struct wire_request *request, int file, struct wire_reply *reply, int *result);

enum probe {
    PROBE_FIT,
    PROBE_UNFIT, /* it answers, and does not do its work */
    PROBE_BROKEN /* it does not answer as it should: it must be replaced; errno */
};

/*
 * Whether a program can do this work at all: it is asked about a file of our own that nothing is wrong with. So a fault of ours (no memory,
 * no canary, a broken library) is told from a file that hinders the program. Takes milliseconds, 40 seconds at most.
 */
enum probe scan_probe(int socket, enum wire_what what, uint64_t id);

/* How a step with a file ended. */
enum step {
    STEP_FINE,
    STEP_REFUSED,  /* a reason or a verdict says why, and it is told */
    STEP_INFECTED, /* the reply's signature */
    STEP_AGAIN,    /* it is not known, and that may be the file's doing: later, until it has no try left */
    STEP_OURS,     /* it is not known by a fault of ours, which costs the file nothing: later */
    STEP_BROKEN    /* the program must be replaced, which looked at a file of ours before */
};

/* Asks, and judges by the reply's verdict, of which STEP_FINE is WIRE_CLEAN. What came to no end is logged with the upload, and
 * the program is tried. */
enum step scan_step(const char *upload_id, int socket, struct wire_request *request, int file,
                    struct wire_reply *reply, int *result);

#endif
