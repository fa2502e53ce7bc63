/* store/: how slowly a file may be read. The sockets are real, the clock is the test's. */
#include "tests/unit/keyring_fixture.h"

#include "store/connection.h"

#include "tests/unit/directory_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_SIZE = 600 * 1024,
    LARGE_SIZE = 20 * 1000 * 1000,
    SOCKET_SIZE = 128 * 1024,
    STEP_MS = 500,
    READ_MAX = 64 * 1024,
    LONGEST_SECONDS = 3600
};

static struct config config;
static struct keyring *keyring;
static struct access *access_of_store;
static struct store store;
static char place[64];
static char request[TICKET_TEXT_SIZE + 64];
static char small_request[sizeof request];
static char large_request[sizeof request];
static unsigned char scratch[CONNECTION_SCRATCH];

/* A file in a store of its own, and the request for it. */
static void
make_file(size_t size, char *text_of_request)
{
    static struct sealed_writer writer;
    static unsigned char plain[LARGE_SIZE];
    char text[OBJECT_TEXT_SIZE];
    char ticket_text[TICKET_TEXT_SIZE];
    struct ticket ticket = {
        .upload_id = OWNER_ONE, .kind = "view", .content_type = "video/mp4", .plain_size = size, .key = {7}};
    assert_true(object_text(OWNER_ONE, "view", text));
    assert_int_equal(sealed_writer_begin(&writer, store.root, ticket.key, text, size), STORE_DONE);
    assert_int_equal(sealed_writer_add(&writer, (struct span){plain, size}), STORE_DONE);
    assert_int_equal(sealed_writer_end(&writer), STORE_DONE);
    (void)snprintf(ticket.object, sizeof ticket.object, "%s", writer.name);
    assert_true(ticket_make(keyring, &ticket, clock_now(), ticket_text));
    (void)snprintf(text_of_request, sizeof request, "GET /.files/%s HTTP/1.1\r\n\r\n", ticket_text);
}

static int
set_up(void **state)
{
    (void)state;
    char error[256];
    char entry[128];
    char keys[256];
    (void)snprintf(keys, sizeof keys, "{\"files\": [%s]}", fixture_entry(entry, 1, 9));
    (void)snprintf(place, sizeof place, "/tmp/anamnesis-slow-XXXXXX");
    if (sodium_init() < 0 || mkdtemp(place) == NULL || setenv("ANAMNESIS_FILES_KEYRING", keys, 1) != 0 ||
        setenv("ANAMNESIS_BASE_URL", "https://clinic.example", 1) != 0 || !config_load(&config, stderr)) {
        return -1;
    }
    keyring = keyring_load_for(&config, KEYRING_STORE, error, sizeof error);
    access_of_store = access_create(&config, error, sizeof error);
    store = (struct store){.root = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                           .access = access_of_store,
                           .scratch = scratch};
    if (keyring == NULL || access_of_store == NULL || mkdirat(store.root, "sealed", 02770) != 0) {
        return -1;
    }
    make_file(FILE_SIZE, small_request);
    make_file(LARGE_SIZE, large_request);
    memcpy(request, small_request, sizeof request);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    (void)close(store.root);
    access_free(access_of_store);
    keyring_free(keyring);
    config_free(&config);
    return directory_remove(place);
}

/* Reads what is there, at most so much. How much it was. */
static size_t
read_some(int socket, size_t most)
{
    static char bytes[READ_MAX];
    ssize_t got = recv(socket, bytes, most < sizeof bytes ? most : sizeof bytes, MSG_DONTWAIT);
    return got > 0 ? (size_t)got : 0;
}

struct reader {
    struct connection *connection;
    int socket;
    size_t received;
};

static struct reader
begin(int64_t now)
{
    int sockets[2];
    struct reader reader = {.received = 0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    int size = SOCKET_SIZE; /* whatever this kernel begins with */
    assert_int_equal(setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
    reader.connection = connection_open(sockets[0], now);
    reader.socket = sockets[1];
    assert_non_null(reader.connection);
    assert_int_equal(send(reader.socket, request, strlen(request), 0), strlen(request));
    connection_step(&store, reader.connection, now);
    assert_int_equal(reader.connection->status, 200);
    return reader;
}

static void
finish(struct reader *reader)
{
    connection_close(&store, reader->connection);
    (void)close(reader->socket);
    assert_int_equal(store.busy[KIND_GET], 0);
}

/*
 * Reads `rate` bytes a second of the first `until` bytes, and then nothing more, in pieces of at least `piece`; until the store
 * has nothing more to say. For how many seconds that was.
 */
static int64_t
read_at_rate(struct reader *reader, size_t rate, size_t until, size_t piece)
{
    const int64_t began = 1000 * CLOCK_SECOND;
    *reader = begin(began);
    size_t due = 0;
    int64_t now = began;
    while (reader->connection->stage == STAGE_REPLY && now < began + LONGEST_SECONDS * CLOCK_SECOND) {
        now += STEP_MS * (CLOCK_SECOND / 1000);
        due += reader->received < until ? rate * STEP_MS / 1000 : 0;
        if (due >= piece) {
            size_t got = read_some(reader->socket, due);
            reader->received += got;
            due -= got;
        }
        connection_step(&store, reader->connection, now);
        if (reader->connection->stage != STAGE_END && now >= reader->connection->deadline) {
            connection_late(&store, reader->connection, now);
        }
    }
    return (now - began) / CLOCK_SECOND;
}

/* Whatever is left in the socket when the store has sent all of it. */
static size_t
read_rest(struct reader *reader)
{
    for (size_t got = 1; got > 0;) {
        got = read_some(reader->socket, READ_MAX);
        reader->received += got;
    }
    return reader->received;
}

/* Also in large pieces, as nginx reads for a client of its own: long pauses are no slowness. */
static void
a_thousand_bytes_a_second_are_enough(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 4096, 65536};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct reader reader;
        (void)read_at_rate(&reader, 1100, SIZE_MAX, pieces[i]);
        assert_int_equal(reader.connection->stage, STAGE_DRAIN);
        assert_true(read_rest(&reader) > FILE_SIZE);
        finish(&reader);
    }
}

static void
who_reads_more_slowly_is_cut(void **state)
{
    (void)state;
    static const size_t rates[] = {0, 1, 100, 500};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct reader reader;
        int64_t seconds = read_at_rate(&reader, rates[i], SIZE_MAX, 1);
        assert_int_equal(reader.connection->stage, STAGE_END);
        assert_true(seconds <= 900 && reader.received < FILE_SIZE);
        finish(&reader);
    }
}

/* Whoever was fast has no more credit than anybody. */
static void
who_stops_is_cut_soon(void **state)
{
    (void)state;
    struct reader reader;
    int64_t seconds = read_at_rate(&reader, 20000, FILE_SIZE / 2, 1);
    assert_int_equal(reader.connection->stage, STAGE_END);
    assert_true(seconds <= FILE_SIZE / 2 / 20000 + RATE_SPARE / 1000 + 60);
    finish(&reader);
}

/* A ticket ends: what it has opened does not go on for ever, however steadily it is read. */
static void
a_file_is_given_for_its_time_alone(void **state)
{
    (void)state;
    static const size_t rates[] = {1100, 10000, 15000};
    const int64_t most = LARGE_SIZE / CONNECTION_GIVES_RATE;
    memcpy(request, large_request, sizeof request);
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct reader reader;
        int64_t seconds = read_at_rate(&reader, rates[i], SIZE_MAX, 1);
        assert_int_equal(reader.connection->stage, STAGE_END);
        assert_in_range(seconds, most, most + 1);
        assert_true(reader.connection->bytes <= (int64_t)rates[i] * most + 4 * SOCKET_SIZE);
        finish(&reader);
    }
    struct reader reader;
    (void)read_at_rate(&reader, CONNECTION_GIVES_RATE * 11 / 10, SIZE_MAX, 1);
    assert_int_equal(reader.connection->stage, STAGE_DRAIN);
    assert_true(read_rest(&reader) > LARGE_SIZE);
    finish(&reader);
    memcpy(request, small_request, sizeof request);
}

/* Ten minutes at least: a small file comes on a bad network, too, and does not stay open for its end. */
static void
a_small_file_has_ten_minutes(void **state)
{
    (void)state;
    struct reader reader = begin(0);
    int64_t end = CONNECTION_GIVES_SECONDS * CLOCK_SECOND;
    assert_int_equal(reader.connection->end, end);
    reader.connection->rate.until = end + RATE_WINDOW; /* it was fast enough so far */
    connection_late(&store, reader.connection, end);
    assert_int_equal(reader.connection->stage, STAGE_END);
    finish(&reader);
}

/* When all places are taken it is the slowest who loses one; nobody in the first half minute. */
static void
a_reader_gives_way_when_it_is_told_to(void **state)
{
    (void)state;
    int64_t rate = 0;
    struct reader reader = begin(0);
    connection_step(&store, reader.connection, 0);
    assert_int_equal(store.busy[KIND_GET], 1);
    assert_false(connection_may_give_way(reader.connection, KIND_GET, RATE_WINDOW - 1, &rate));
    assert_false(connection_may_give_way(reader.connection, KIND_PUT, RATE_WINDOW, &rate));
    assert_true(connection_may_give_way(reader.connection, KIND_GET, RATE_WINDOW, &rate));
    assert_int_equal(rate, reader.connection->bytes / 30);
    connection_give_way(&store, reader.connection, RATE_WINDOW);
    assert_int_equal(reader.connection->stage, STAGE_END);
    finish(&reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_bytes_a_second_are_enough),
        cmocka_unit_test(who_reads_more_slowly_is_cut),
        cmocka_unit_test(who_stops_is_cut_soon),
        cmocka_unit_test(a_file_is_given_for_its_time_alone),
        cmocka_unit_test(a_small_file_has_ten_minutes),
        cmocka_unit_test(a_reader_gives_way_when_it_is_told_to),
    };
    return cmocka_run_group_tests_name("store-connection", tests, set_up, tear_down);
}
