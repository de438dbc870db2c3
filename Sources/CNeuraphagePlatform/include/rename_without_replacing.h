// Giving a file a new name that nothing else has.
//
// rename(2) replaces what has the new name already. Swift's Glibc module does not import the call that refuses to.
#ifndef NEURAPHAGE_RENAME_WITHOUT_REPLACING_H
#define NEURAPHAGE_RENAME_WITHOUT_REPLACING_H

/// Renames a file. Returns 0, or the error number: EEXIST if something has the new name.
int rename_without_replacing(const char *path, const char *new_path);

#endif
