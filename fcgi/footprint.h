/* Gives back memory that only starting up needed. */
#ifndef ANAMNESIS_FCGI_FOOTPRINT_H
#define ANAMNESIS_FCGI_FOOTPRINT_H

/*
 * Unmaps, for now, the code and constants of the program and its libraries: what is used again comes back
 * from the page cache at once, page by page; what only ran once (constructors of libraries that libpq brings
 * along, the readers of their settings) does not. Frees memory of the C library's too. A worker is about 5 MB
 * smaller for it.
 */
void footprint_trim(void);

#endif
