/*
 * The ceiling: the worker's own statements, prepared once on each connection, in pipelines, with results in binary, over
 * several connections of one process that waits for none of them. A closed loop: a connection begins its next transaction when
 * the one before is done. What the service puts around its database is missing here, and nothing else.
 *
 * usage: ceiling SCRIPT ROWS CONNECTIONS WARM-UP SECONDS
 *
 * Connection c of N takes the rows c, c+N, c+2N ... With SECONDS it begins again when they are used up, and what was finished in
 * the first WARM-UP seconds is not counted. With SECONDS 0 each row is used once, for work that cannot be done twice, and the
 * first WARM-UP transactions of each connection are not counted: the server plans a statement anew in its first five.
 *
 * The database is named by libpq's variables. Prints one JSON object. Any refused statement ends it: its figures would mean
 * nothing. What the rows hold is not printed.
 */
#include "bench/load/script.h"
#include "lib/base/clock.h"
#include "lib/base/uuid.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { CONNECTIONS_MAX = 256, EVENTS = 64, SECONDS_MAX = 3600, ARGUMENTS = 6 };
enum { TIMES_MAX = 64 * 1024 * 1024, TIMES_FIRST = 65536, MICROSECONDS = 1000000 };

struct line {
    PGconn *pg;
    size_t row;
    size_t step;   /* the next one to be sent */
    int64_t began; /* this transaction, by the monotonic clock */
    int64_t count; /* transactions that are done */
    char id[UUID_TEXT_SIZE];
};

struct load {
    struct script script;
    struct line lines[CONNECTIONS_MAX];
    size_t connections;
    int64_t warm_up; /* microseconds, or transactions of each connection */
    int64_t lasting; /* microseconds; 0: each row once */
    size_t live;     /* connections that still work */
    int64_t begin;
    int64_t counted;  /* when counting began; 0 before that */
    int64_t own_time; /* this process's processor time until then */
    int64_t *times;
    size_t done;
    size_t room;
};

static int64_t
processor_time(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0) {
        give_up("getrusage", strerror(errno));
    }
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec +
           used.ru_stime.tv_usec;
}

static void
prepare(PGconn *pg, const struct prepared *statement)
{
    PGresult *result = PQprepare(pg, statement->name, statement->text, statement->count, statement->types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        give_up(statement->name, PQresultErrorMessage(result));
    }
    PQclear(result);
}

static void
line_open(struct load *load, struct line *line, int poller)
{
    line->pg = PQconnectdb("");
    if (PQstatus(line->pg) != CONNECTION_OK) {
        give_up("connection", PQerrorMessage(line->pg));
    }
    for (size_t i = 0; i < load->script.statement_count; i++) {
        prepare(line->pg, &load->script.statements[i]);
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
    if (PQenterPipelineMode(line->pg) != 1 || PQsetnonblocking(line->pg, 1) != 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, PQsocket(line->pg), &event) != 0) {
        give_up("connection", PQerrorMessage(line->pg));
    }
}

static void
send_step(const struct script *script, struct line *line, const struct step *step)
{
    const struct prepared *statement = step->statement;
    const char *values[PARAMS_MAX];
    int sizes[PARAMS_MAX];
    for (int i = 0; i < statement->count; i++) {
        if (step->columns[i] == COLUMN_NEW) {
            values[i] = line->id;
            sizes[i] = UUID_TEXT_SIZE - 1;
        } else {
            const struct value *value = script_value(script, line->row, step->columns[i]);
            values[i] = value->bytes;
            sizes[i] = value->size;
        }
    }
    if (PQsendQueryPrepared(line->pg, statement->name, statement->count, values, sizes, statement->formats,
                            1) != 1) {
        give_up(statement->name, PQerrorMessage(line->pg));
    }
}

/* Sends what belongs to the next trip. */
static void
send_trip(const struct script *script, struct line *line)
{
    for (; script->steps[line->step].statement != NULL; line->step++) {
        send_step(script, line, &script->steps[line->step]);
    }
    line->step++;
    int flushed = PQpipelineSync(line->pg) == 1 ? PQflush(line->pg) : -1;
    while (flushed > 0) {
        struct pollfd writable = {.fd = PQsocket(line->pg), .events = POLLOUT};
        (void)poll(&writable, 1, -1);
        flushed = PQflush(line->pg);
    }
    if (flushed < 0) {
        give_up("connection", PQerrorMessage(line->pg));
    }
}

/* Takes what has arrived; true when all of the trip has. */
static bool
trip_is_done(struct line *line)
{
    if (PQconsumeInput(line->pg) != 1) {
        give_up("connection", PQerrorMessage(line->pg));
    }
    while (PQisBusy(line->pg) == 0) {
        PGresult *result = PQgetResult(line->pg);
        if (result == NULL) {
            continue; /* one statement's end; the trip's is its sync */
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED) {
            give_up("refused", PQresultErrorMessage(result));
        }
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) {
            return true;
        }
    }
    return false;
}

static void
begin(const struct load *load, struct line *line)
{
    line->step = 0;
    line->began = clock_monotonic();
    (void)uuid_new(line->id);
    send_trip(&load->script, line);
}

static void
note_time(struct load *load, int64_t spent)
{
    if (load->done == load->room) {
        load->room = load->room == 0 ? TIMES_FIRST : 2 * load->room;
        load->times = load->room > TIMES_MAX ? NULL : realloc(load->times, load->room * sizeof *load->times);
        if (load->times == NULL) {
            give_up("memory", "too many transactions");
        }
    }
    load->times[load->done++] = spent;
}

/* Whether every connection is warm. What is done from now on counts. */
static bool
is_warm(const struct load *load, int64_t now)
{
    if (load->lasting != 0) {
        return now - load->begin >= load->warm_up;
    }
    for (size_t i = 0; i < load->connections; i++) {
        if (load->lines[i].count < load->warm_up) {
            return false;
        }
    }
    return true;
}

/* One transaction more is done: the connection's next row, or its end. */
static void
finish(struct load *load, struct line *line)
{
    int64_t now = clock_monotonic();
    line->count++;
    if (load->counted != 0) {
        note_time(load, now - line->began);
    } else if (is_warm(load, now)) {
        load->counted = now;
        load->own_time = processor_time();
    }
    line->row += load->connections;
    bool used_up = line->row >= load->script.row_count;
    if (load->lasting == 0 ? used_up : now - load->begin >= load->warm_up + load->lasting) {
        load->live--;
        return;
    }
    if (used_up) {
        line->row %= load->connections;
    }
    begin(load, line);
}

static int
by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static void
report(struct load *load)
{
    int64_t spent = clock_monotonic() - load->counted;
    double own = (double)(processor_time() - load->own_time);
    if (load->done == 0 || spent <= 0) {
        give_up("load", "nothing was counted: too few rows, or too short a time");
    }
    qsort(load->times, load->done, sizeof *load->times, by_size);
    (void)printf("{\"transactions\": %zu, \"rate\": %.1f, \"p50\": %" PRId64 ", \"p99\": %" PRId64
                 ", \"processor\": %.1f}\n",
                 load->done, (double)load->done * MICROSECONDS / (double)spent, load->times[load->done / 2],
                 load->times[load->done * 99 / 100], own / (double)load->done);
}

static void
run(struct load *load, int poller)
{
    load->begin = clock_monotonic();
    load->live = load->connections;
    for (size_t i = 0; i < load->connections; i++) {
        load->lines[i].row = i;
        begin(load, &load->lines[i]);
    }
    while (load->live > 0) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct line *line = events[i].data.ptr;
            if (!trip_is_done(line)) {
                continue;
            }
            if (line->step < load->script.step_count) {
                send_trip(&load->script, line);
            } else {
                finish(load, line);
            }
        }
    }
}

static int64_t
argument(const char *text, int64_t most)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 0 || number > most) {
        give_up("not a number that can stand here", text);
    }
    return number;
}

int
main(int argc, char **argv)
{
    if (argc != ARGUMENTS) {
        (void)fprintf(stderr, "usage: ceiling SCRIPT ROWS CONNECTIONS WARM-UP SECONDS\n");
        return 2;
    }
    static struct load load;
    script_read(&load.script, argv[1], argv[2]);
    load.connections = (size_t)argument(argv[3], CONNECTIONS_MAX);
    load.lasting = argument(argv[5], SECONDS_MAX) * MICROSECONDS;
    load.warm_up = argument(argv[4], SECONDS_MAX) * (load.lasting == 0 ? 1 : MICROSECONDS);
    if (load.connections == 0 || load.connections > load.script.row_count) {
        give_up("connections", "there must be one at least, and a row for each");
    }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < load.connections; i++) {
        line_open(&load, &load.lines[i], poller);
    }
    run(&load, poller);
    report(&load);
    return 0;
}
