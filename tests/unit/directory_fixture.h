/* Directories that tests make. */
#ifndef ANAMNESIS_TESTS_UNIT_DIRECTORY_FIXTURE_H
#define ANAMNESIS_TESTS_UNIT_DIRECTORY_FIXTURE_H

/* Removes a directory and all that is in it. 0, or -1 with errno. */
int directory_remove(const char *path);

#endif
