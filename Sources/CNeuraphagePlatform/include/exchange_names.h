// Two names that change places in one step.
//
// rename(2) loses what had the new name. Swift's Glibc module does not import the call that keeps it.
#ifndef NEURAPHAGE_EXCHANGE_NAMES_H
#define NEURAPHAGE_EXCHANGE_NAMES_H

/// Gives each of two files the other's name. Returns 0, or the error number: ENOTSUP if the file system or the kernel cannot.
int exchange_names(const char *path, const char *other);

#endif
