/* Parts of uploads: they lie there as long as an upload needs them, and all of them while it is looked at. */
#ifndef ANAMNESIS_CLI_STORE_STORE_PARTS_H
#define ANAMNESIS_CLI_STORE_STORE_PARTS_H

#include "cli/store/store_report.h"

/* Compares all of them. False, after saying on stderr why, when something could not be read. */
bool store_compare_parts(struct store_check *check);

#endif
