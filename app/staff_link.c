#include "app/staff_link.h"

/* The token is in the fragment: browsers do not send it, so it reaches no log. */
struct mail_payload
staff_link(struct arena *arena, const struct config *config, const char *email, const char *practice,
           const char *token, int64_t expires_at)
{
    const char *portal = config_text(config, CONFIG_PORTAL_URL);
    const char *base = config_text(config, CONFIG_BASE_URL);
    const char *url = portal != NULL ? arena_format(arena, "%s/staff#%s", portal, token)
                                     : arena_format(arena, "%s/register/staff#%s", base, token);
    return (struct mail_payload){.kind = MAIL_STAFF_INVITATION,
                                 .to = email,
                                 .practice = practice,
                                 .url = url,
                                 .expires_at = expires_at};
}
