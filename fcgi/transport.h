/* FastCGI in and out: what nginx sent becomes a struct request, the reply goes back. */
#ifndef ANAMNESIS_FCGI_TRANSPORT_H
#define ANAMNESIS_FCGI_TRANSPORT_H

#include "app/app.h"

#include <fcgiapp.h>

enum {
    /*
     * More of a body is not read; what the contract allows is less, so that the dispatcher refuses the rest
     * by its size (nginx refuses it before).
     */
    TRANSPORT_BODY_MAX = 4 * 1024 * 1024
};

/*
 * Serves one accepted request and sends the whole reply; the connection is closed and everything of the
 * request wiped when this returns. A request whose body did not arrive whole is dropped unserved.
 */
void transport_serve(struct app *app, FCGX_Request *connection);

#endif
