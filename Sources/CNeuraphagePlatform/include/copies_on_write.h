// Whether writing over a file's bytes takes new blocks.
//
// Only statfs(2) tells which kind of file system a file is on, and Swift imports its numbers differently on each system.
#ifndef NEURAPHAGE_COPIES_ON_WRITE_H
#define NEURAPHAGE_COPIES_ON_WRITE_H

/// Returns 1 if a path is on a file system that is known to write what is written over to new blocks, and 0 if it is on
/// another one, or that cannot be told.
int copies_on_write(const char *path);

#endif
