// Starting a program with no descriptors but some.
//
// Swift's modules for the C library import neither glibc's call for it nor its feature test.
#ifndef NEURAPHAGE_SPAWN_CLOSE_OTHERS_H
#define NEURAPHAGE_SPAWN_CLOSE_OTHERS_H

/// Has the program's descriptors from `first` on closed, as an action among `actions`, a `posix_spawn_file_actions_t`.
/// Returns 0, or the error number; does nothing where the
/// system cannot.
int spawn_close_others(void *actions, int first);

#endif
