#include "lib/mail/template.h"

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/mail/mime.h"

#include <stddef.h>
#include <time.h>

enum { WORDS_MAX = 32 * 1024 };

struct words {
    const char *subject; /* the practice's name follows */
    const char *opening; /* follows the practice's name */
    const char *action;  /* NULL: no link */
    const char *closing;
};

static const struct words invitation = {
    "Your invitation from ",
    "invites you to register for its online questionnaires.",
    "Register",
    "If you did not expect this message, you can ignore it; nothing happens without you.",
};

static const struct words invitation_resent = {
    "Your new invitation from ",
    "has sent you a new link to register for its online questionnaires. Earlier links do not work any more.",
    "Register",
    "If you did not expect this message, you can ignore it; nothing happens without you.",
};

static const struct words password_reset = {
    "A new password for ",
    "was asked to let you choose a new password for your account.",
    "Choose a new password",
    "If you did not ask for this, you can ignore it: your password stays as it is.",
};

static const struct words staff_invitation = {
    "Your account with ",
    "invites you to set a password for your account as a member of its staff.",
    "Set a password",
    "If you did not expect this message, please tell the practice.",
};

#define IF_NOT_EXPECTED "If you did not expect this, please tell the practice at once."
#define IF_NOT_YOU      "If this was not you, please tell the practice at once."

static const struct words notices[MAIL_NOTICES] = {
    [NOTICE_REGISTERED] = {"You are registered with ", "has registered your account.", NULL, IF_NOT_YOU},
    [NOTICE_SECOND_FACTOR_ADDED] = {"Second factor added: ",
                                    "tells you: a second factor was added to your account.", NULL,
                                    IF_NOT_YOU},
    [NOTICE_SECOND_FACTOR_REMOVED] = {"Second factor removed: ",
                                      "tells you: the second factor of your account was removed.", NULL,
                                      IF_NOT_YOU},
    [NOTICE_RECOVERY_CODE_USED] = {"Recovery code used: ",
                                   "tells you: a recovery code was used to sign in to your account.", NULL,
                                   IF_NOT_YOU},
    [NOTICE_RECOVERY_CODES_MADE] = {"New recovery codes: ",
                                    "tells you: new recovery codes were made for your account; the old ones "
                                    "do not count any more.",
                                    NULL, IF_NOT_YOU},
    [NOTICE_PASSWORD_CHANGED] = {"Password changed: ", "tells you: the password of your account was changed.",
                                 NULL, IF_NOT_YOU},
    [NOTICE_EMAIL_CHANGED] = {"E-mail address changed: ",
                              "tells you: the e-mail address of your account was changed.", NULL, IF_NOT_YOU},
    [NOTICE_ROLE_CHANGED] =
        {"Your role has changed: ",
         "tells you: an owner of the practice has changed the role or the state of your account.", NULL,
         IF_NOT_EXPECTED},
    [NOTICE_DISABLED] = {"Your account is disabled: ",
                         "tells you: an owner of the practice has disabled your account; you are signed out.",
                         NULL, IF_NOT_EXPECTED},
    [NOTICE_PASSKEY_ADDED] = {"Passkey added: ", "tells you: a passkey was added to your account.", NULL,
                              IF_NOT_YOU},
    [NOTICE_PASSKEY_REMOVED] = {"Passkey removed: ", "tells you: a passkey of your account was removed.",
                                NULL, IF_NOT_YOU},
    [NOTICE_PASSKEY_DOUBTED] = {"Passkey refused: ",
                                "tells you: a passkey of your account was refused, because it may have been "
                                "copied. If you do not know why, remove it and add a new one.",
                                NULL, IF_NOT_YOU},
    [NOTICE_GLASS_BROKEN] =
        {"A record was opened in an emergency: ",
         "tells you: a physician has opened the record of a patient whose care team they are "
         "not of, and said why. You can read who, whose and why under \"break glass\".",
         NULL, "If this was not an emergency, talk to the physician about it."},
};

static const struct words *
words_of(const struct mail_payload *payload)
{
    switch (payload->kind) {
    case MAIL_INVITATION:
        return &invitation;
    case MAIL_INVITATION_RESENT:
        return &invitation_resent;
    case MAIL_PASSWORD_RESET:
        return &password_reset;
    case MAIL_STAFF_INVITATION:
        return &staff_invitation;
    default:
        return &notices[payload->notice];
    }
}

static const char *
kept(struct arena *arena, struct buf *buf)
{
    const char *text = arena_copy(arena, buf_string(buf), buf->size);
    buf_free(buf);
    return text;
}

static const char *
make_text(struct arena *arena, const struct mail_payload *payload, const struct words *words,
          const char *until)
{
    struct buf out;
    buf_init(&out, WORDS_MAX);
    buf_format(&out, "%s %s\n\n", payload->practice, words->opening);
    if (words->action != NULL) {
        buf_format(&out, "Open this link to begin:\n\n%s\n\n", payload->url);
        buf_format(&out,
                   "It is for you alone, works once, and is good until\n%s. Please do not pass it on.\n\n",
                   until);
    }
    buf_format(&out, "%s\n\n-- \n%s\n", words->closing, payload->practice);
    return kept(arena, &out);
}

static const char *
make_html(struct arena *arena, const struct mail_payload *payload, const struct words *words,
          const char *until)
{
    struct buf out;
    buf_init(&out, WORDS_MAX);
    buf_text(&out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
    buf_text(&out, words->subject);
    html_text(&out, payload->practice);
    buf_text(&out, "</title></head>\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n<p><b>");
    html_text(&out, payload->practice);
    buf_format(&out, "</b> %s</p>\n", words->opening);
    if (words->action != NULL) {
        buf_text(&out, "<p><a href=\"");
        html_text(&out, payload->url);
        buf_format(&out, "\">%s</a></p>\n<p>Or copy this address into your browser:<br>\n", words->action);
        html_text(&out, payload->url);
        buf_format(&out,
                   "</p>\n<p>The link is for you alone, works once, and is good until %s. Please do not pass "
                   "it on.</p>\n",
                   until);
    }
    buf_format(&out, "<p>%s</p>\n</body>\n</html>\n", words->closing);
    return kept(arena, &out);
}

void
mail_words_make(struct arena *arena, const struct mail_payload *payload, struct mail_words *made)
{
    const struct words *words = words_of(payload);
    char until[64] = "";
    time_t seconds = (time_t)(payload->expires_at / CLOCK_SECOND);
    struct tm parts;
    /* The programs never call setlocale: names of days and months are English, like the rest. */
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(until, sizeof until, "%A, %d %B %Y, %H:%M UTC", &parts);
    }
    made->subject = arena_format(arena, "%s%s", words->subject, payload->practice);
    made->text = make_text(arena, payload, words, until);
    made->html = make_html(arena, payload, words, until);
}
