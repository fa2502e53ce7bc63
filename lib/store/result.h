/* How an operation on the store ended. errno tells more of STORE_FAILED, STORE_FULL and STORE_AWAY. */
#ifndef ANAMNESIS_STORE_RESULT_H
#define ANAMNESIS_STORE_RESULT_H

enum store_result {
    STORE_DONE,
    STORE_ABSENT,  /* there is nothing of this name */
    STORE_FULL,    /* no room on the disk, or the quota is used up: later again */
    STORE_AWAY,    /* it cannot be reached, or takes us for nobody: later again */
    STORE_DAMAGED, /* there, but not what was sealed under this key, text and size */
    STORE_FAILED   /* the system refused; or the caller gave what is no name */
};

#endif
