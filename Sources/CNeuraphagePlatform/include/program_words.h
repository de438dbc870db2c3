// The words with which this program was started, as the C library was handed them.
//
// On Linux, Swift reads them from /proc, which a sandbox may hide.
#ifndef NEURAPHAGE_PROGRAM_WORDS_H
#define NEURAPHAGE_PROGRAM_WORDS_H

/// The words, the program's name first, and a null pointer after the last one. A null pointer where the C library
/// doesn't hand them to others than `main`.
char *const *program_words(void);

/// The path that the program was started by; a null pointer where the system doesn't say.
const char *program_path(void);

#endif
