/*
 * The doors of a lane, as one of its workers stands behind them (fcgi/lane.h). Where there is one for
 * devices, who comes by it goes first; after so many of them in a row a stranger has a turn, so that whoever
 * invents tokens, or has many, never keeps the strangers out.
 */
#ifndef ANAMNESIS_FCGI_DOORS_H
#define ANAMNESIS_FCGI_DOORS_H

#include <stdbool.h>
#include <stdint.h>

struct doors {
    int front;
    int devices;     /* -1: there is none */
    unsigned in_row; /* who came by the devices' door since the last stranger */
    bool device;     /* whom we serve came by it */
    int64_t waited;  /* microseconds that the last stranger had stood there; 0: nobody stood there since */
};

/*
 * Takes a connection. -EAGAIN: nobody came for a while, or is there now when it `may_wait` no longer; another
 * -errno as of accept(2). Signals interrupt the wait.
 */
int doors_accept(struct doors *doors, bool may_wait);

/* Whom we serve had waited so long. False: too long, for a stranger where there is a devices' door. */
bool doors_waited(struct doors *doors, int64_t microseconds);

/* Whom we serve came past others who wait. */
bool doors_crowded(const struct doors *doors);

#endif
