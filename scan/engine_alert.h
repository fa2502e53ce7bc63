/* What libclamav calls a file in which it has found something, as an answer: most names are signatures', some tell of limits. */
#ifndef ANAMNESIS_SCAN_ENGINE_ALERT_H
#define ANAMNESIS_SCAN_ENGINE_ALERT_H

#include "scan/wire.h"

/* Sets verdict, reason and signature; the rest of the reply is zero then. */
void engine_alert(const char *name, struct wire_reply *reply);

#endif
