/* Delivery into a directory. For lib/mail only. */
#ifndef ANAMNESIS_MAIL_FILE_H
#define ANAMNESIS_MAIL_FILE_H

#include "lib/mail/delivery.h"

/* Opens the directory for file_deliver, making it when there is none. -1 with errno. */
int file_open_directory(const char *path);

/* Leaves the message as ID.eml, mode 0600, unless a file of that name is there already. */
enum delivery file_deliver(int directory, const struct message *message, const char **reason);

#endif
