/* Sealed objects: each that the database names is there with its size, and no other is. */
#ifndef ANAMNESIS_CLI_STORE_STORE_OBJECTS_H
#define ANAMNESIS_CLI_STORE_STORE_OBJECTS_H

#include "cli/store/store_report.h"

/* Compares all of them. False, after saying on stderr why, when something could not be read. */
bool store_compare_objects(struct store_check *check);

#endif
