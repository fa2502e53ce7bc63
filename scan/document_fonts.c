/* The fonts of documents that do not bring theirs: a page whose font is not there is drawn without its words. */
#include "scan/document.h"

#include <unistd.h>

#include <fontconfig/fontconfig.h>
#include <poppler.h>

/* The machine's rules which font stands for which, for fonts that the processes see. */
static const char rules[] =
    "<fontconfig><dir>/usr/share/fonts</dir><cachedir>/var/cache/fontconfig</cachedir>"
    "<include ignore_missing=\"yes\">/etc/fonts/conf.d</include></fontconfig>";

bool
document_fonts_begin(void)
{
    FcConfig *config = FcConfigCreate();
    if (config == NULL) {
        return false;
    }
    bool good = FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)rules, FcTrue) == FcTrue &&
                FcConfigBuildFonts(config) == FcTrue && FcConfigSetCurrent(config) == FcTrue;
    FcConfigDestroy(config); /* whoever has the current one holds it */
    return good;
}

static bool
is_here(PopplerFontsIter *font)
{
    if (poppler_fonts_iter_is_embedded(font)) {
        return true;
    }
    const char *file = poppler_fonts_iter_get_file_name(font);
    return file != NULL && access(file, R_OK) == 0;
}

bool
document_fonts_are_here(PopplerDocument *document, int pages)
{
    bool here = true;
    PopplerFontsIter *font = NULL;
    PopplerFontInfo *all = poppler_font_info_new(document);
    if (poppler_font_info_scan(all, pages, &font) && font != NULL) {
        do {
            here = here && is_here(font);
        } while (here && poppler_fonts_iter_next(font));
        poppler_fonts_iter_free(font);
    }
    g_object_unref(all);
    return here;
}
