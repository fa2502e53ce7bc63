#include "cli/command.h"

#include <stdio.h>

PGconn *
command_connect(const struct config *config)
{
    const char *url = config_text(config, CONFIG_OWNER_DATABASE_URL);
    if (url == NULL) {
        (void)fprintf(stderr, "%s is not set: the connection of the role anamnesis_owner\n",
                      config_name(CONFIG_OWNER_DATABASE_URL));
        return NULL;
    }
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        (void)fprintf(stderr, "The database cannot be reached: %s", PQerrorMessage(connection));
        PQfinish(connection);
        return NULL;
    }
    return connection;
}

bool
command_do(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good) {
        (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
    }
    PQclear(result);
    return good;
}
