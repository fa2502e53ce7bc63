#include "cli/command.h"

#include "build/gen/migrations.h"
#include "build/gen/openapi_json.h"
#include "lib/base/log.h"
#include "lib/base/nearest.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct command commands[] = {
    {"migrate", "[--check] [--json]", "brings the database up to date",
     "Applies the migrations that are missing, each in one transaction, and notes them with their SHA-256 "
     "in\n"
     "anamnesis.migration. Two at once are safe: the second waits. A migration that was changed after it was "
     "applied is an\n"
     "error. Then applies the functions and policies that differ, all in one transaction. --check changes "
     "nothing and exits 1\n"
     "when something is missing.\n"
     "Connects by ANAMNESIS_OWNER_DATABASE_URL, as anamnesis_owner (sql/bootstrap.sql comes first, once). "
     "With a keyring, its\n"
     "check values are noted too when the database has none yet (`keys register`).\n",
     command_migrate},
    {"practice create",
     "--name NAME --staff ROLE:EMAIL[:PERSON] ... [--patient-mfa required|optional] [--language en|de|es|fr] "
     "[--time-zone ZONE] [--json]",
     "a new practice and its first members of staff",
     "Makes a practice and accounts with random passwords and authenticator secrets, and prints them, once: "
     "they are stored\n"
     "nowhere. ROLE is owner, physician, assistant or auditor; at least one owner or physician is needed.\n"
     "Messages are written in the language (en) to whoever has none of their own, with times in the time "
     "zone "
     "(UTC), an IANA\n"
     "name such as Europe/Berlin.\n"
     "Needs ANAMNESIS_OWNER_DATABASE_URL and the keyring.\n",
     command_practice_create},
    {"practice list", "[--json]", "the practices that there are",
     "One line a practice: identifier, active staff, since when, name. Needs ANAMNESIS_OWNER_DATABASE_URL.\n",
     command_practice_list},
    {"staff list", "--practice NAME|ID [--json]", "who is of a practice's staff",
     "One line a member: identifier, role, status, e-mail address, name. The deed is in the audit log. "
     "Needs\n"
     "ANAMNESIS_OWNER_DATABASE_URL and the keyring.\n",
     command_staff_list},
    {"staff invite",
     "--practice NAME|ID --email E --role owner|physician|assistant|auditor --name PERSON [--link] [--json]",
     "a link by which somebody joins a practice's staff",
     "What an owner does with POST /admin/staff, for whoever runs the server: for a practice's first people, "
     "or when no owner\n"
     "gets in any more. The link goes to the address (outbox; the background program sends it), or with "
     "--link is printed, once.\n"
     "It is good for three days: a password is set by it, and a second factor enrolled at the first "
     "sign-in. An address that\n"
     "somebody signs in with already is refused. The deed is in the audit log, as the operator's.\n"
     "Needs ANAMNESIS_OWNER_DATABASE_URL, the keyring, and the programs' ANAMNESIS_BASE_URL or "
     "ANAMNESIS_PORTAL_URL, of which\n"
     "the link is made. Exits 0, 1 (refused: nothing was done), 2 (usage), 78 (the keyring is not this "
     "database's).\n",
     command_staff_invite},
    {"staff recover", "--practice NAME|ID --email E [--link] [--json]",
     "a new link for somebody of the staff",
     "For a member of staff who has lost their factors, or whose link has expired: what an owner does with "
     "POST\n"
     "/admin/staff/{id}/recover. Their sessions and earlier links end; using the new link sets a new "
     "password and removes the\n"
     "second factors that there were. Whoever is disabled is refused. Be sure who asks: the link goes to the "
     "address as it is\n"
     "stored, or with --link is printed, once. The rest is as for `staff invite`.\n",
     command_staff_recover},
    {"keys create", "[FILE]", "a new keyring",
     "Writes a keyring with new random keys to FILE (mode 0400; an existing file is left alone), or to "
     "standard output. Keep\n"
     "a copy where the database's backups are not: without its keyring a database cannot be read, by "
     "anybody.\n",
     command_keys_create},
    {"keys upgrade", "FILE", "adds what a keyring of an older program lacks",
     "Replaces FILE, in one step and with its owner and mode, by the same keys and a new `audit` key when it "
     "has none. What is\n"
     "there is never changed.\n",
     command_keys_upgrade},
    {"keys split", "FILE JOBS_FILE", "a keyring of its own for the background program",
     "Moves the `audit` key from FILE to the new JOBS_FILE (mode 0400), which has `seal`, too: the "
     "background program needs no\n"
     "more, and the workers have no key that signs the audit log. Then set ANAMNESIS_JOBS_KEYRING_FILE for "
     "the background\n"
     "program, and for this command beside ANAMNESIS_KEYRING_FILE: `keys rotate` and `keys retire` change "
     "both.\n",
     command_keys_split},
    {"questionnaire list", "--practice NAME|ID [--json]", "the questionnaires of a practice",
     "One line a questionnaire: identifier, status, newest version, last change, title. Needs "
     "ANAMNESIS_OWNER_DATABASE_URL.\n",
     command_questionnaire_list},
    {"questionnaire import", "FILE... --practice NAME|ID [--publish] [--json]",
     "FHIR R4 Questionnaires from files become a practice's",
     "Each FILE becomes a new questionnaire: a draft, or with --publish an active one of version 1. Its text "
     "is "
     "kept byte for\n"
     "byte. All files or none: when one is not JSON, or form check finds an error in it, its "
     "OperationOutcome "
     "is printed and\n"
     "nothing is imported. A value set that neither the questionnaire contains nor the practice stores "
     "hinders "
     "publishing.\n"
     "Every import is in the audit log. Limits: 100 files of 1 MiB. A FILE named - is standard input.\n"
     "Needs ANAMNESIS_OWNER_DATABASE_URL.\n",
     command_questionnaire_import},
    {"questionnaire export", "ID [--version N] [-o FILE [--json]]",
     "the definition of a questionnaire, byte for byte",
     "Prints version N, byte for byte; without it the newest version, or the draft of a questionnaire that "
     "was never "
     "published. -o writes\n"
     "to FILE instead, which must not exist yet. Every export is in the audit log. Needs "
     "ANAMNESIS_OWNER_DATABASE_URL.\n",
     command_questionnaire_export},
    {"keys status", "[--json]", "which key versions there are, and what needs them",
     "One line a version of the keyring: `current` (used for what is new), `standby` (known, not used yet), "
     "`old`, or `missing`\n"
     "(something needs it, and the keyring has it not), and what needs it. Exits 1 when one is missing.\n"
     "Needs ANAMNESIS_OWNER_DATABASE_URL and the keyring; exits 78 when the keyring is not this "
     "database's.\n",
     command_keys_status},
    {"keys rotate", "[--kind kek|index|pepper|seal] [--prepare] [--batch N] [--wait SECONDS]",
     "a new version of a key, and everything moved to it while programs run",
     "One command where all programs read one keyring file: a new version is put there on standby, used when "
     "every connected\n"
     "program has read it (they notice by themselves), and every row that needs an older one is moved, in "
     "transactions of N\n"
     "rows (500). Ended at any point, the same command goes on from there. No request fails meanwhile.\n"
     "--kind: kek (the default) wraps data keys, index is for exact search, seal for authenticators, pepper "
     "for passwords,\n"
     "which move when their owners sign in. --wait: how long to wait for programs (300 s; 0: not at all).\n"
     "Where each host has its own copy of the file: --prepare ends after the standby version is there; copy "
     "the file to all,\n"
     "then run it without. Where the keyring is in the environment, each step prints the next one to put in "
     "place.\n"
     "Run it as an account that may write where the file is; its owner and mode are kept. Keep copies of "
     "both keyrings.\n",
     command_keys_rotate},
    {"keys retire", "--kind KIND VERSION", "takes a version that nothing needs out of the keyring",
     "Refuses while anything needs it. Backups of the database from before need it for as long as they are "
     "kept.\n",
     command_keys_retire},
    {"keys register", "", "notes the keyring's check values in the database",
     "`migrate` and `practice create` do this by themselves when the database knows no key yet; this is for "
     "a version that was\n"
     "added by hand. A keyring that does not open what is in the database is refused.\n",
     command_keys_register},
    {"form check", "QUESTIONNAIRE.json [RESPONSE.json] [--value-sets DIR] [--draft] [--json]",
     "judges a FHIR R4 Questionnaire, and a QuestionnaireResponse to it",
     "Prints a FHIR OperationOutcome: every finding with its severity, our code (details.coding), a "
     "sentence, "
     "its place as\n"
     "FHIRPath (expression) and as an item path or JSON pointer (diagnostics). Needs neither a database nor "
     "keys.\n"
     "A completed or amended response is judged as a submission is, others as a draft: incomplete is fine. "
     "--draft: every\n"
     "response as a draft. --value-sets: every ValueSet in DIR/*.json, alone or in a Bundle, is at hand. "
     "--json: "
     "on one line.\n"
     "A file named - is standard input.\n"
     "Exits 0 (no error), 1 (errors), 2 (a file could not be read: stderr says why, and where in it).\n"
     "Limits: 16 MiB a file, 64 MiB and 2,000 files of value sets, 128 levels of JSON, 5,000 items, 1,000 "
     "findings (more are\n"
     "counted).\n",
     command_form_check},
    {"audit verify", "[--from FILE] [--checkpoints FILE] [--public-key FILE] [--json]",
     "proves that the audit log is as it was sealed",
     "Reads the log from the database (ANAMNESIS_AUDITOR_DATABASE_URL, else ANAMNESIS_OWNER_DATABASE_URL) or "
     "from an "
     "export\n"
     "(--from; - is standard input), and names the first row that was changed, removed, inserted, reordered "
     "or cut "
     "off. Rows of\n"
     "the last seconds are not sealed yet; they are counted. --checkpoints: the file that the background "
     "program keeps "
     "outside\n"
     "of the database; without it nobody can tell when the newest seals were cut off together with their "
     "rows. The "
     "public\n"
     "keys come from --public-key (what `anamnesis audit key` prints) or from the keyring.\n"
     "Exits 0 (whole), 1 (not whole), 2 (it could not be checked).\n",
     command_audit_verify},
    {"audit export", "[--practice NAME|ID] [--from TIME] [--to TIME] [-o FILE [--json]]",
     "the audit log with its seals, as JSON lines",
     "Writes rows and seals to FILE (mode 0600; an existing file is left alone) or to standard output: all, "
     "or those "
     "from --from\n"
     "on and before --to (RFC 3339). `anamnesis audit verify --from FILE` proves it without a database.\n"
     "--practice: the rows of one practice alone, and of each seal no more than proves them: of other "
     "practices' rows it has\n"
     "no content, only hashes. What such a file proves: its rows are those that were sealed, unchanged, and "
     "the file is as it\n"
     "was exported. What it cannot prove: that the practice had no other rows. That is the word of whoever "
     "exported it, by a\n"
     "signature, so the keyring is needed; `anamnesis audit verify` of the whole log shows it. A NAME is "
     "looked up by\n"
     "ANAMNESIS_OWNER_DATABASE_URL; an ID needs no more than the auditor's connection.\n",
     command_audit_export},
    {"audit drop", "MONTH --export FILE", "takes a month older than the retention out of the database",
     "MONTH is like 2019-05. FILE is an export that has the whole month; it is proven, must be of this log, "
     "and has to have\n"
     "every row of the month that the database has; all of them must be sealed. Nothing younger than "
     "ANAMNESIS_AUDIT_RETENTION_YEARS\n"
     "(six at least) is ever dropped, and nothing without this command. A row of the log, with a note signed "
     "by the `audit` key,\n"
     "says what was dropped, so that `audit verify` knows it from a deletion. Keep FILE. Connects by "
     "ANAMNESIS_OWNER_DATABASE_URL;\n"
     "needs the keyring.\n"
     "Exits 0 (dropped), 1 (nothing was), 2 (usage).\n",
     command_audit_drop},
    {"audit key", "", "the public keys of the audit log's seals",
     "Prints the public half of the keyring's `audit` keys, for whoever verifies without the keyring.\n",
     command_audit_key},
    {"backup check", "DUMP", "restores a dump into an empty database, and judges what came out",
     "DUMP is what `pg_dump --format=custom` wrote, as a superuser. ANAMNESIS_SCRATCH_DATABASE_URL_FILE "
     "names an empty "
     "database,\n"
     "made for this, as an administrator; drop it afterwards. Checked are the migrations, that the keyring "
     "is the dump's and "
     "opens\n"
     "every data key, that no patient is without one, and the whole audit log. Needs the keyrings and "
     "pg_restore.\n"
     "Exits 0 (good), 1 (something is wrong), 2 (it could not be restored).\n",
     command_backup_check},
    {"doctor", "[--json] [--certificate FILE]", "checks a deployment, by the clauses of 45 CFR 164.312",
     "One line a check: the server's version and settings, roles and grants, row-level security, TLS, keys "
     "and "
     "their files, mail\n"
     "(reached, nothing is sent), clock, certificate, disk, migrations, the audit log, core dumps; and what "
     "to do "
     "where something\n"
     "is not as it should be. Changes nothing. Exits 0 (all is well), 1 (warnings), 2 (something failed).\n"
     "Give it the configuration of the programs and ANAMNESIS_OWNER_DATABASE_URL_FILE, and run it on their "
     "host, as root or "
     "another\n"
     "account that is none of theirs.\n",
     command_doctor},
    {"config", "", "the configuration variables, as a Markdown table", "", command_config},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void
print_usage(FILE *out)
{
    (void)fprintf(out, "usage: anamnesis COMMAND [OPTION ...]\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(out, "  %-22s %s\n", commands[i].words, commands[i].summary);
    }
    (void)fprintf(out, "\n`anamnesis COMMAND --help` says more. Configuration is by ANAMNESIS_* variables: "
                       "`anamnesis config`.\n");
}

/* How many of the arguments are the command's words; 0 when they are another's. */
static int
matches(const struct command *command, int count, char **arguments)
{
    char words[64];
    int used = 0;
    const char *at = command->words;
    while (*at != '\0') {
        size_t size = strcspn(at, " ");
        (void)snprintf(words, sizeof words, "%.*s", (int)size, at);
        if (used == count || strcmp(arguments[used], words) != 0) {
            return 0;
        }
        used++;
        at += size + strspn(at + size, " ");
    }
    return used;
}

static int
run(const struct command *command, int count, char **arguments)
{
    if (command_has(count, arguments, "--help")) {
        (void)printf("usage: anamnesis %s %s\n\n%s", command->words, command->usage, command->help);
        return EXIT_DONE;
    }
    struct config config;
    int status = EXIT_USAGE;
    (void)config_name_unknown(stderr);
    if (config_load(&config, stderr)) {
        status = command->run(&config, count, arguments);
    }
    config_free(&config);
    return status;
}

/* Says which command is not known, and which one is near or begins like it. */
static void
name_unknown(int count, char **arguments)
{
    const char *words[COMMANDS];
    char given[128];
    bool begun = false;
    (void)snprintf(given, sizeof given, "%s%s%s", arguments[0],
                   count > 1 && arguments[1][0] != '-' ? " " : "",
                   count > 1 && arguments[1][0] != '-' ? arguments[1] : "");
    for (size_t i = 0; i < COMMANDS; i++) {
        words[i] = commands[i].words;
    }
    const char *near = nearest(given, words, COMMANDS);
    near = near == NULL ? nearest(arguments[0], words, COMMANDS) : near;
    (void)fprintf(stderr, "anamnesis %s: there is no such command%s%s%s\n", given,
                  near == NULL ? "" : "; is `", near == NULL ? "" : near, near == NULL ? "" : "` meant?");
    for (size_t i = 0; i < COMMANDS; i++) {
        size_t size = strlen(arguments[0]);
        if (strncmp(commands[i].words, arguments[0], size) == 0 && commands[i].words[size] == ' ') {
            (void)fprintf(stderr, "%s  %-22s %s\n", begun ? "" : "There are:\n", commands[i].words,
                          commands[i].summary);
            begun = true;
        }
    }
    (void)fprintf(stderr, "`anamnesis --help` lists all commands.\n");
}

/* Neither a core dump nor a debugger of the same user shall see keys, or the owner's password. */
static bool
confine(void)
{
    struct rlimit none = {0, 0};
    bool done = setrlimit(RLIMIT_CORE, &none) == 0;
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks is a debugger */
    done = done && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
    return done;
}

int
main(int argc, char **argv)
{
    log_start("anamnesis", LOG_WARN);
    if (!confine()) {
        (void)fprintf(stderr, "the kernel refuses to keep this process's memory to itself\n");
        return EXIT_FAULT;
    }
    if (sodium_init() < 0) {
        (void)fprintf(stderr, "libsodium cannot be initialised\n");
        return EXIT_FAULT;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        int used = matches(&commands[i], argc - 1, argv + 1);
        if (used != 0) {
            return run(&commands[i], argc - 1 - used, argv + 1 + used);
        }
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("anamnesis " OPENAPI_VERSION ", for databases of version %d\n", (int)MIGRATION_NEWEST);
        return EXIT_DONE;
    }
    if (command_has(argc - 1, argv + 1, "--help")) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (argc == 1) {
        print_usage(stderr);
    } else {
        name_unknown(argc - 1, argv + 1);
    }
    return EXIT_USAGE;
}
