#include "fcgi/footprint.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Drops the pages of segments that cannot be written. Those that could be are left: relocation wrote into
 * them what is in no file, and read-only relocations (RELRO) are in such a segment too. */
static int
forget_segments(struct dl_phdr_info *object, size_t size, void *context)
{
    uintptr_t page = *(const uintptr_t *)context;
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) {
            continue;
        }
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void
footprint_trim(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(forget_segments, &page);
}
