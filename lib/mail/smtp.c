#include "lib/mail/smtp.h"

#include "lib/base/email.h"
#include "lib/base/log.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Limits in seconds. Servers may think for long after the text (RFC 5321 section 4.5.3.2 allows 10 minutes);
 * who thinks longer than this gets the message again later, under the same Message-ID. */
enum { CONNECT_SECONDS = 15, TOTAL_SECONDS = 90, SLOW_SECONDS = 60, SLOW_BYTES = 1 };

/* How far the conversation has come: a refusal means something else at each stage. */
enum stage { STAGE_BEFORE, STAGE_RECIPIENT, STAGE_TEXT };

struct smtp {
    CURL *curl; /* keeps its connection between messages */
    const volatile sig_atomic_t *stop;
    struct span left; /* of the text, to send */
    enum stage stage;
    bool text_begun;
    bool knows_utf8; /* of the server at the other end of the connection: its EHLO said SMTPUTF8 */
};

static size_t
give_text(char *out, size_t size, size_t count, void *context)
{
    struct smtp *smtp = context;
    size_t room = size * count;
    size_t given = smtp->left.size < room ? smtp->left.size : room;
    smtp->text_begun = true;
    memcpy(out, smtp->left.data, given);
    smtp->left.data += given;
    smtp->left.size -= given;
    return given;
}

/* After the first byte of the text it is too late to stop: the server may have the message. */
static int
go_on(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const struct smtp *smtp = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return smtp->stop != NULL && *smtp->stop != 0 && !smtp->text_begun;
}

static bool
begins(const char *line, size_t size, const char *word)
{
    size_t length = strlen(word);
    return size >= length && strncasecmp(line, word, length) == 0;
}

/* An answer's line, such as 250-SMTPUTF8. */
static bool
offers_utf8(const char *line, size_t size)
{
    static const char word[] = "SMTPUTF8";
    return size >= 4 + sizeof word - 1 && strncasecmp(line + 4, word, sizeof word - 1) == 0;
}

/* Only notes which command went out last, and what the server can do; nothing is kept or logged of what
 * passes by. */
static int
follow(CURL *curl, curl_infotype type, char *line, size_t size, void *context)
{
    struct smtp *smtp = context;
    (void)curl;
    if (type == CURLINFO_HEADER_IN && offers_utf8(line, size)) {
        smtp->knows_utf8 = true;
    }
    if (type == CURLINFO_HEADER_OUT && begins(line, size, "EHLO")) {
        smtp->knows_utf8 = false;
    }
    if (type != CURLINFO_HEADER_OUT || begins(line, size, "QUIT")) {
        return 0;
    }
    if (begins(line, size, "RCPT")) {
        smtp->stage = STAGE_RECIPIENT;
    } else if (begins(line, size, "DATA")) {
        smtp->stage = STAGE_TEXT;
    } else {
        smtp->stage = STAGE_BEFORE;
    }
    return 0;
}

/* The server may say what it likes; libcurl would print it without this. */
static size_t
drop(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

static bool
set_limits(struct smtp *smtp)
{
    CURL *curl = smtp->curl;
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SLOW_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TOTAL_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS) == CURLE_OK;
}

static bool
set_callbacks(struct smtp *smtp)
{
    CURL *curl = smtp->curl;
    return curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_text) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READDATA, smtp) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, follow) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp) == CURLE_OK;
}

static bool
set_server(struct smtp *smtp, const struct config *config)
{
    CURL *curl = smtp->curl;
    const char *user = config_text(config, CONFIG_SMTP_USER);
    const char *password = config_text(config, CONFIG_SMTP_PASSWORD);
    const char *ca_file = config_text(config, CONFIG_SMTP_CA_FILE);
    bool good = curl_easy_setopt(curl, CURLOPT_URL, config_text(config, CONFIG_SMTP_URL)) == CURLE_OK;
    if (user != NULL && user[0] != '\0') {
        good = good && curl_easy_setopt(curl, CURLOPT_USERNAME, user) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PASSWORD, password == NULL ? "" : password) == CURLE_OK;
    }
    if (ca_file != NULL && ca_file[0] != '\0') {
        good = good && curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return good;
}

struct smtp *
smtp_create(const struct config *config, const volatile sig_atomic_t *stop, char *error, size_t size)
{
    const char *url = config_text(config, CONFIG_SMTP_URL);
    if (strncmp(url, "smtps://", 8) != 0 && strncmp(url, "smtp://", 7) != 0) {
        (void)snprintf(error, size, "%s must begin with smtps:// or smtp:// (which requires STARTTLS)",
                       config_name(CONFIG_SMTP_URL));
        return NULL;
    }
    struct smtp *smtp = calloc(1, sizeof *smtp);
    if (smtp != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        smtp->curl = curl_easy_init();
    }
    if (smtp == NULL || smtp->curl == NULL) {
        (void)snprintf(error, size, "libcurl cannot be initialised");
        free(smtp);
        return NULL;
    }
    smtp->stop = stop;
    if (!set_limits(smtp) || !set_callbacks(smtp) || !set_server(smtp, config)) {
        (void)snprintf(error, size, "%s or its companions are not what libcurl takes",
                       config_name(CONFIG_SMTP_URL));
        smtp_destroy(smtp);
        return NULL;
    }
    return smtp;
}

void
smtp_destroy(struct smtp *smtp)
{
    if (smtp == NULL) {
        return;
    }
    curl_easy_cleanup(smtp->curl);
    curl_global_cleanup();
    free(smtp);
}

/* A refusal is final only where the server speaks of this recipient or this text; all else is mended by time
 * or by the operator. */
static enum delivery
judge(const struct smtp *smtp, CURLcode code, const char **reason)
{
    long status = 0;
    (void)curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &status);
    bool answered = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        *reason = "stopped";
        return DELIVERY_LATER;
    case CURLE_OPERATION_TIMEDOUT:
        *reason = "timeout";
        return DELIVERY_LATER;
    case CURLE_LOGIN_DENIED:
        *reason = "sign-in";
        return DELIVERY_LATER;
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        *reason = "tls";
        return DELIVERY_LATER;
    default:
        *reason = answered && status >= 400 ? "refused" : "connect";
        bool final = answered && status >= 550 && status < 560 && smtp->stage != STAGE_BEFORE;
        return final ? DELIVERY_NEVER : DELIVERY_LATER;
    }
}

/* libcurl would send the address to a server that does not know SMTPUTF8, too: one that is asked first keeps
 * the connection for the message. When it is the sender's address that needs it, the operator can mend that.
 */
static enum delivery
ask_for_utf8(struct smtp *smtp, const struct message *message, const char **reason)
{
    if (!smtp_reach(smtp, reason)) {
        return DELIVERY_LATER;
    }
    *reason = smtp->knows_utf8 ? "sent" : "smtputf8";
    if (smtp->knows_utf8) {
        return DELIVERY_SENT;
    }
    return email_needs_utf8(message->to) ? DELIVERY_NEVER : DELIVERY_LATER;
}

enum delivery
smtp_deliver(struct smtp *smtp, const struct message *message, const char **reason)
{
    *reason = "sent";
    enum delivery known = message->needs_utf8 ? ask_for_utf8(smtp, message, reason) : DELIVERY_SENT;
    if (known != DELIVERY_SENT) {
        return known;
    }
    struct curl_slist *recipients = curl_slist_append(NULL, message->to);
    if (recipients == NULL) {
        *reason = "connect";
        return DELIVERY_LATER;
    }
    smtp->left = message->text;
    smtp->stage = STAGE_BEFORE;
    smtp->text_begun = false;
    CURLcode code = curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, message->from);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
    }
    if (code == CURLE_OK) {
        code = curl_easy_perform(smtp->curl);
    }
    enum delivery delivery = DELIVERY_SENT;
    if (code != CURLE_OK) {
        long status = 0;
        delivery = judge(smtp, code, reason);
        (void)curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &status);
        log_event(LOG_WARN, "smtp-failed", LOG_TEXT("message", message->id), LOG_TEXT("reason", *reason),
                  LOG_INT("curl", code), LOG_INT("status", status));
    }
    (void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    smtp->left = (struct span){NULL, 0};
    return delivery;
}

/* NOOP in place of a message (RFC 5321 section 4.1.1.9): what comes before it is the same. */
bool
smtp_reach(struct smtp *smtp, const char **reason)
{
    *reason = "reached";
    CURLcode code = curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 0L);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
    }
    if (code == CURLE_OK) {
        code = curl_easy_perform(smtp->curl);
    }
    if (code != CURLE_OK) {
        (void)judge(smtp, code, reason);
    }
    (void)curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, NULL);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
    return code == CURLE_OK;
}
