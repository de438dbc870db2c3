#include "program_words.h"

#include <stddef.h>

#if defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__linux__) && defined(__GLIBC__)
static char *const *words = NULL;

// glibc calls constructors with the arguments of `main`.
__attribute__((constructor)) static void keep(int count, char **arguments) {
    (void)count;
    words = arguments;
}

char *const *program_words(void) { return words; }
#else
char *const *program_words(void) { return NULL; }
#endif

const char *program_path(void) {
#if defined(__linux__)
    return (const char *)getauxval(AT_EXECFN);
#else
    return NULL;
#endif
}
