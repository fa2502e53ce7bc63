/*
 * What the programs that open files have in common: they take requests from the conductor's socket, start a
 * process for each (scan/cell.h), and answer when it has ended.
 *
 * One thread, one loop: it waits for a request while fewer processes run than may run at once, for the end of
 * a process, and for the time of the one that has the least left. More requests than that wait in the socket.
 * Every request that was taken is answered once, unless the conductor is gone. A program opens no file
 * itself: what a process has answered is all that it reads.
 */
#ifndef ANAMNESIS_SCAN_SERVE_H
#define ANAMNESIS_SCAN_SERVE_H

#include "scan/cell.h"
#include "scan/wire.h"

#include <stdint.h>

enum { SERVE_SOCKET = 0, SERVE_AT_ONCE_MAX = 16 };

struct serve_program {
    unsigned takes; /* a bit, 1 << enum wire_what, of each that it is asked for; anything else fails */
    const struct cell_plan *plan; /* after cell_try */
    unsigned at_once;             /* 1 to SERVE_AT_ONCE_MAX */
};

/*
 * Before anything else: no core dump, no debugger of the same account, and SIGTERM waits until serve() asks.
 * The program is to be without threads. False with errno.
 */
bool serve_begin(void);

/*
 * Says hello on the socket (SERVE_SOCKET: the conductor gives it as standard input) and serves. Returns the
 * exit status: 0 when the conductor has closed its end, in which case what is in hand is ended, or after
 * SIGTERM, when all that was in hand has been answered; 1 when the conductor does not speak as it should.
 */
int serve(int socket, const struct serve_program *program, struct wire_hello *hello);

#endif
